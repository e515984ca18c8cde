import type { FindingDetail, FindingResult, HazardScore } from '../../core/finding.ts';
import { scoreToxicity } from './find-toxic-spans.ts';
import { CLAIMED_TOXICITY_HAZARDS, type ToxicityOptions, type ToxicityScores } from './toxicity.ts';

export function toScores(toxicity: ToxicityScores): HazardScore[] {
  return CLAIMED_TOXICITY_HAZARDS.map((hazard) => ({
    hazard,
    carrier: 'text',
    score: toxicity.scores[hazard],
  }));
}

/** Which rules matched, and where in the normalised text. */
export function toHits(toxicity: ToxicityScores): NonNullable<FindingDetail['hits']> {
  return toxicity.hits.map(({ axis, rule, start, end }) => ({
    axis,
    rule,
    start,
    end,
    text: toxicity.normalised.slice(start, end),
  }));
}

/** Judges a text as it comes. */
export function judgeToxicity(text: string, options: ToxicityOptions = {}): FindingResult {
  const toxicity = scoreToxicity(text, options);
  return {
    kind: 'scores',
    scores: toScores(toxicity),
    detail: { words: [], hits: toHits(toxicity) },
  };
}
