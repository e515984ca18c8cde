import type { HazardScore } from '../../core/finding.ts';
import type { HazardCarrier, HazardId } from '../../core/hazard.ts';

/** In the order of the model's output. */
const LABELS = ['toxic', 'severe_toxic', 'obscene', 'threat', 'insult', 'identity_hate'] as const;
type ToxicLabel = (typeof LABELS)[number];

/** Probabilities, each on its own: several can be high. */
export type ToxicLabels = Record<ToxicLabel, number>;

/** Which labels speak for a hazard: the highest counts. */
const HAZARDS = [
  ['profanity', ['obscene']],
  ['harassment', ['toxic', 'severe_toxic', 'insult']],
  ['violence', ['threat']],
  ['hate', ['identity_hate']],
] as const satisfies readonly (readonly [HazardId, readonly ToxicLabel[]])[];

export const TOXIC_BERT_CLAIMS: readonly HazardCarrier[] = HAZARDS.map(([hazard]) => ({
  hazard,
  carrier: 'text',
}));

/** @throws RangeError where the output is not six numbers: a broken model must not read as "clean". */
export function readToxicLabels(logits: Float32Array): ToxicLabels {
  if (logits.length !== LABELS.length || !logits.every(Number.isFinite)) {
    throw new RangeError(
      `expected ${LABELS.length} logits, the model gave ${logits.length} values`,
    );
  }
  return ofEach((_, index) => 1 / (1 + Math.exp(-(logits[index] ?? Number.NaN))));
}

/** Of a text in several windows each label's highest probability. */
export function joinWindows(windows: readonly ToxicLabels[]): ToxicLabels {
  return ofEach((label) => Math.max(...windows.map((window) => window[label])));
}

export function scoreToxicLabels(labels: ToxicLabels): HazardScore[] {
  return HAZARDS.map(([hazard, from]) => ({
    hazard,
    carrier: 'text',
    score: Math.max(...from.map((label) => labels[label])),
  }));
}

function ofEach(pick: (label: ToxicLabel, index: number) => number): ToxicLabels {
  const [toxic, severe_toxic, obscene, threat, insult, identity_hate] = LABELS.map(pick);
  return {
    toxic: toxic ?? Number.NaN,
    severe_toxic: severe_toxic ?? Number.NaN,
    obscene: obscene ?? Number.NaN,
    threat: threat ?? Number.NaN,
    insult: insult ?? Number.NaN,
    identity_hate: identity_hate ?? Number.NaN,
  };
}
