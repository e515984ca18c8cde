import { assertNever } from '../core/assert-never.ts';
import type { EnsembleRule } from '../core/ensemble.ts';
import type { Finding } from '../core/finding.ts';
import { type HazardCarrier, type HazardCarrierKey, hazardCarrierKey } from '../core/hazard.ts';
import type { Policy } from '../core/policy.ts';
import { claimsPair, type ReadScore, readScores } from './medium-findings.ts';

/** What the detectors of a run say of one medium, pair by pair. */
export interface CombinedScores {
  /** Of a pair under a rule of its own there is one score at most: that of all detectors together. */
  readonly scores: readonly ReadScore[];
  /** Pairs on which too few answered for their rule, each with a sentence for a person. */
  readonly undecided: ReadonlyMap<HazardCarrierKey, string>;
}

interface Vote {
  readonly detector: string;
  readonly level: ReadScore['level'];
}

/**
 * Reads the findings on one medium by the policy's thresholds, and lets its ensembles decide where
 * it names any. A detector that abstained, or that a cascade skipped, has no vote. Pure.
 */
export function combineScores(
  findings: readonly Finding[],
  policy: Policy,
  endpoint: string | null = null,
): CombinedScores {
  const scores = readScores(findings, policy, endpoint);
  const { ensemble } = policy;
  if (ensemble === undefined) return { scores, undecided: new Map() };
  const ruleOf = ({ hazard }: HazardCarrier): EnsembleRule =>
    ensemble.hazards[hazard] ?? ensemble.default;
  const combined: ReadScore[] = scores.filter(({ pair }) => ruleOf(pair).rule === 'any');
  const undecided = new Map<HazardCarrierKey, string>();
  for (const pair of claimedPairs(findings)) {
    const rule = ruleOf(pair);
    if (rule.rule === 'any') continue;
    const decision = decide(rule, pair, votesOn(pair, findings, scores));
    if (typeof decision === 'string') undecided.set(hazardCarrierKey(pair), decision);
    else combined.push(decision);
  }
  return { scores: combined, undecided };
}

function claimedPairs(findings: readonly Finding[]): HazardCarrier[] {
  const pairs = findings.flatMap(({ claims }) => claims);
  return [...new Map(pairs.map((pair) => [hazardCarrierKey(pair), pair])).values()];
}

/** Whoever answered and claims the pair has one vote: its worst score, or clean where it lists none. */
function votesOn(
  pair: HazardCarrier,
  findings: readonly Finding[],
  scores: readonly ReadScore[],
): Vote[] {
  const voters = new Set(
    findings.flatMap(({ detector, claims, result }) =>
      result.kind === 'scores' && claimsPair(claims, pair) ? [detector] : [],
    ),
  );
  return [...voters].map((detector) => {
    const own = scores.filter(
      (score) => score.detector === detector && claimsPair([pair], score.pair),
    );
    const level = own.some((score) => score.level === 'harmful')
      ? 'harmful'
      : own.some((score) => score.level === 'borderline')
        ? 'borderline'
        : 'clean';
    return { detector, level };
  });
}

function decide(
  rule: Exclude<EnsembleRule, { rule: 'any' }>,
  pair: HazardCarrier,
  votes: readonly Vote[],
): ReadScore | string {
  switch (rule.rule) {
    case 'majority': {
      if (votes.length < rule.minVotes) {
        return `Only ${votes.length} of the ${rule.minVotes} detectors that are needed answered on ${hazardCarrierKey(pair)}.`;
      }
      return shareOf('majority', pair, votes, () => 1, 0.5, false);
    }
    case 'weighted': {
      const weightOf = ({ detector }: Vote): number => rule.weights[detector] ?? 0;
      const all = Object.values(rule.weights).reduce((sum, weight) => sum + weight, 0);
      const answered = votes.reduce((sum, vote) => sum + weightOf(vote), 0);
      if (answered === 0 || answered < rule.minWeight * all) {
        return `Detectors with too little of the weight answered on ${hazardCarrierKey(pair)}.`;
      }
      return shareOf('weighted', pair, votes, weightOf, 0.5, true);
    }
    default:
      return assertNever(rule);
  }
}

/** @param inclusive whether exactly half is enough. */
function shareOf(
  name: string,
  pair: HazardCarrier,
  votes: readonly Vote[],
  weightOf: (vote: Vote) => number,
  half: number,
  inclusive: boolean,
): ReadScore {
  const total = votes.reduce((sum, vote) => sum + weightOf(vote), 0);
  const share = (levels: readonly Vote['level'][]): number =>
    votes.reduce((sum, vote) => sum + (levels.includes(vote.level) ? weightOf(vote) : 0), 0) /
    total;
  const harmful = share(['harmful']);
  const doubtful = share(['harmful', 'borderline']);
  const level =
    harmful > half || (inclusive && harmful === half)
      ? 'harmful'
      : doubtful >= half
        ? 'borderline'
        : 'clean';
  return {
    detector: `${name} of ${votes.length}`,
    pair,
    level,
    score: level === 'borderline' ? doubtful : harmful,
    threshold: half,
    byPeak: false,
  };
}
