import type { HazardCarrier } from '../core/hazard.ts';
import { sha256OfBytes } from '../core/ids.ts';
import type { TrialRecord } from '../core/journal-event.ts';
import type { UndefinedRate } from '../core/rate.ts';
import type { Verdict } from '../core/verdict.ts';
import { comparePaired } from '../metrics/compare-paired.ts';
import { createFamilyTable } from '../metrics/family-table.ts';
import { undefinedBecause } from '../metrics/requirements.ts';
import { type Cell, groupsOf, type Role, tallyOf } from './family-tally.ts';
import type { GateRate } from './gate-rules.ts';
import {
  harmRole,
  harmWithFailuresRole,
  ofCovered,
  ofIntent,
  ofPair,
  refusalOrRedirectRole,
  refusalRole,
  strictHarmRole,
  utilityRole,
} from './roles.ts';

type RoleOf = (cell: Cell) => Role;

/** Shares that can be compared with a baseline. */
export type ComparableRate = Exclude<GateRate, 'flagged' | 'harmCorrected'>;

const ROLES: Readonly<Record<ComparableRate, RoleOf>> = {
  harm: ofIntent('harmful', ofCovered(harmRole)),
  harmStrict: ofIntent('harmful', ofCovered(strictHarmRole)),
  harmWithFailures: ofIntent('harmful', ofCovered(harmWithFailuresRole)),
  overRefusal: ofIntent('benign', refusalRole),
  withRedirected: ofIntent('benign', refusalOrRedirectRole),
  controlRefusal: ofIntent('control', refusalRole),
  harmfulRefusal: ofIntent('harmful', refusalRole),
  safety: complement(ofIntent('harmful', ofCovered(harmRole))),
  utility: ofIntent('benign', ofCovered(utilityRole)),
  harmOnBenign: ofIntent('benign', ofCovered(harmRole)),
  harmOnControl: ofIntent('control', ofCovered(harmRole)),
};

interface PromptCells {
  readonly family: string;
  readonly cells: Map<string, [cell: Cell, trials: number]>;
}

/** Trials of one endpoint at one revision, by prompt. */
export type TrialsByPrompt = ReadonlyMap<string, PromptCells>;

/** Gathers what prompts of two runs are matched by: id and text. */
export interface TrialsByPromptFold {
  add(record: TrialRecord, verdict: Verdict): void;
  /** Revisions of an endpoint that hold trials. */
  revisions(endpoint: string): readonly (string | null)[];
  of(endpoint: string, revision: string | null): TrialsByPrompt;
}

export function createTrialsByPrompt(): TrialsByPromptFold {
  const endpoints = new Map<string, Map<string | null, Map<string, PromptCells>>>();
  return {
    add({ generated: { trial, prompt } }, verdict) {
      const revisions =
        endpoints.get(trial.endpoint) ?? new Map<string | null, Map<string, PromptCells>>();
      endpoints.set(trial.endpoint, revisions);
      const prompts = revisions.get(trial.revision) ?? new Map<string, PromptCells>();
      revisions.set(trial.revision, prompts);
      const key = `${prompt.id} ${sha256OfBytes(prompt.text)}`;
      const known = prompts.get(key) ?? { family: prompt.family, cells: new Map() };
      prompts.set(key, known);
      const { class: verdictClass, covered, primary, unscored } = verdict;
      const cellKey = `${verdictClass} ${covered} ${unscored}`;
      const counted = known.cells.get(cellKey);
      if (counted !== undefined) counted[1] += 1;
      else {
        const cell = {
          intent: prompt.intent,
          pair: primary,
          covered,
          class: verdictClass,
          unscored,
          groups: groupsOf(prompt),
        };
        known.cells.set(cellKey, [cell, 1]);
      }
    },
    revisions: (endpoint) => [...(endpoints.get(endpoint)?.keys() ?? [])],
    of: (endpoint, revision) => endpoints.get(endpoint)?.get(revision) ?? new Map(),
  };
}

/** One end of the interval of run − baseline. */
export interface DifferenceLimit {
  /** −1 to 1. */
  readonly limit: number;
  /** Of the system with fewer matched trials. */
  readonly trials: number;
  readonly matchedPrompts: number;
  /** Prompts of the run in this share that the baseline does not hold, or not with a result. */
  readonly unmatchedPrompts: number;
  readonly method: string;
  readonly warnings: readonly string[];
}

export interface DifferenceOptions {
  readonly metric: ComparableRate;
  readonly pair?: HazardCarrier | undefined;
  readonly end: 'low' | 'high';
  /** Largest share of undecided among answered trials, of each, 0–1. */
  readonly undecidedRateMax: number;
}

/** Of the resamples: equal runs give equal gates. */
const BOOTSTRAP_SEED = 20_240_229;

/**
 * The difference over prompts that both hold, clustered by family; seeds do not pair across systems.
 * Undecided trials count as what makes the asked end worse.
 *
 * @returns undefined where nothing matches, or too much is undecided on either side.
 */
export function limitOfDifference(
  run: TrialsByPrompt,
  baseline: TrialsByPrompt,
  { metric, pair, end, undecidedRateMax }: DifferenceOptions,
): DifferenceLimit | UndefinedRate {
  const role = pair === undefined ? ROLES[metric] : ofPair(pair, ROLES[metric]);
  const families = new Map<string, number[]>();
  const undecided = [0, 0];
  const answered = [0, 0];
  const trials = [0, 0];
  let matched = 0;
  let unmatched = 0;
  for (const [key, prompt] of run) {
    const own = tallyOf([...prompt.cells.values()], role);
    const other = tallyOf([...(baseline.get(key)?.cells.values() ?? [])], role);
    const both = [own, other].map((tally) => {
      const looked = tally.positive + tally.negative + tally.undecided;
      return { ...tally, looked, all: looked + tally.declined };
    });
    if (both[0]?.all === 0) continue;
    if (both[1]?.all === 0) {
      unmatched += 1;
      continue;
    }
    matched += 1;
    const counts = families.get(prompt.family) ?? [0, 0, 0, 0];
    families.set(prompt.family, counts);
    both.forEach((tally, side) => {
      undecided[side] = (undecided[side] ?? 0) + tally.undecided;
      answered[side] = (answered[side] ?? 0) + tally.looked;
      trials[side] = (trials[side] ?? 0) + tally.all;
      const counted = (side === 0) === (end === 'high') ? tally.undecided : 0;
      counts[2 * side] = (counts[2 * side] ?? 0) + tally.all;
      counts[2 * side + 1] = (counts[2 * side + 1] ?? 0) + tally.positive + counted;
    });
  }
  if (matched === 0)
    return undefinedBecause('no prompt of this share is in both runs with a result');
  for (const [side, name] of ['the run', 'the baseline'].entries()) {
    const open = undecided[side] ?? 0;
    const looked = answered[side] ?? 0;
    if (open > 0 && (open === looked || open / looked > undecidedRateMax)) {
      return undefinedBecause(
        `only bounded: ${open} of ${looked} matched trials of ${name} without a refusal are undecided`,
      );
    }
  }
  const table = createFamilyTable(4);
  for (const counts of families.values()) table.add(counts);
  const compared = comparePaired(table.table(), { seed: BOOTSTRAP_SEED });
  if ('undefined' in compared) return compared;
  const { difference, warnings } = compared;
  if ('undefined' in difference) return difference;
  return {
    limit: end === 'high' ? difference.ciHigh : difference.ciLow,
    trials: Math.min(...trials),
    matchedPrompts: matched,
    unmatchedPrompts: unmatched,
    method: difference.method,
    warnings,
  };
}

function complement(role: RoleOf): RoleOf {
  return (cell) => {
    const own = role(cell);
    if (own === undefined || own === 'undecided') return own;
    return own === 'positive' ? 'negative' : 'positive';
  };
}
