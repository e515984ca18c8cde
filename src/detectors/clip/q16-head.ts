import type { HazardCarrier, HazardId } from '../../core/hazard.ts';
import { type ClipHead, checkWidth, type HeadWeights, tensorOf, visual } from './head.ts';
import { dot, softmaxOfCosines, toUnit } from './vectors.ts';

/** The hazards of UnsafeBench, on which it was measured, but sexual content, health and spam. */
const HAZARDS: readonly HazardId[] = [
  'violence',
  'hate',
  'harassment',
  'self_harm',
  'shocking',
  'illegal',
  'political',
  'deception',
];

export const Q16_CLAIMS: readonly HazardCarrier[] = HAZARDS.map(visual);

/** Q16: two learned prompts, `prompts` of shape [2, width], the inappropriate one second. */
export function createQ16Head(weights: HeadWeights): ClipHead {
  const { shape, values } = tensorOf(weights, 'prompts', [2, null]);
  const width = shape[1] ?? 0;
  const prompts = [toUnit(values.slice(0, width)), toUnit(values.slice(width))];
  return {
    claims: Q16_CLAIMS,
    licence: 'no licence for the weights is known (Q16, research code)',
    notes: ['Q16: one probability of “unsafe”, which cannot tell its hazards apart.'],
    read(vector) {
      checkWidth(vector, width);
      const unit = toUnit(vector);
      const [safe, unsafe] = softmaxOfCosines(prompts.map((prompt) => dot(prompt, unit)));
      const score = unsafe ?? Number.NaN;
      return {
        scores: Q16_CLAIMS.map((claim) => ({ ...claim, score })),
        labels: { safe: safe ?? Number.NaN, unsafe: score },
      };
    },
  };
}
