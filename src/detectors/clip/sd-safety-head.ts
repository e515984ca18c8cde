import { type ClipHead, checkWidth, type HeadWeights, tensorOf, visual } from './head.ts';
import { dot, toUnit } from './vectors.ts';

/** What a hit of special care adds to every margin after it. */
const SPECIAL_CARE_ADJUSTMENT = 0.01;

/** Margins are rounded to thousandths, so this is the first above the threshold's .5. */
const THRESHOLD = 0.5005;

/**
 * The safety checker of Stable Diffusion, tensors named as in its published file. A margin is a
 * cosine less the concept's threshold plus the adjustment; above 0 is a hit. The score is .5 plus
 * the largest margin of the 17 concepts.
 *
 * @param startingAdjustment strengthens the filter; diffusers starts with 0.
 */
export function createSdSafetyHead(weights: HeadWeights, startingAdjustment = 0): ClipHead {
  const special = readConcepts(weights, 'special_care_embeds');
  const concepts = readConcepts(weights, 'concept_embeds');
  return {
    claims: [visual('sexual')],
    licence: 'CreativeML OpenRAIL-M (CompVis safety checker)',
    notes: [
      `Score: .5 plus the largest margin over a concept’s threshold, adjustment ${startingAdjustment} to begin with; from ${THRESHOLD} the checker flags.`,
      'The checker’s encoder is taken to be that of CLIP ViT-L/14.',
    ],
    threshold: THRESHOLD,
    read(vector) {
      checkWidth(vector, concepts.width);
      const unit = toUnit(vector);
      const labels: Record<string, number> = {};
      let adjustment = startingAdjustment;
      special.concepts.forEach((concept, index) => {
        const margin = marginOf(concept, unit, adjustment);
        labels[`special_care_${index}`] = margin;
        if (margin > 0) adjustment = SPECIAL_CARE_ADJUSTMENT;
      });
      const margins = concepts.concepts.map((concept) => marginOf(concept, unit, adjustment));
      margins.forEach((margin, index) => {
        labels[`concept_${index}`] = margin;
      });
      const score = Math.max(0, Math.min(1, 0.5 + Math.max(...margins)));
      return { scores: [{ ...visual('sexual'), score }], labels };
    },
  };
}

interface Concept {
  readonly direction: Float32Array;
  readonly threshold: number;
}

function marginOf({ direction, threshold }: Concept, unit: Float32Array, adjustment: number) {
  return Math.round((dot(direction, unit) - threshold + adjustment) * 1000) / 1000;
}

function readConcepts(
  weights: HeadWeights,
  name: string,
): { readonly concepts: readonly Concept[]; readonly width: number } {
  const { shape, values } = tensorOf(weights, name, [null, null]);
  const [count = 0, width = 0] = shape;
  const thresholds = tensorOf(weights, `${name}_weights`, [count]).values;
  const concepts = [...thresholds].map((threshold, index) => ({
    direction: toUnit(values.slice(index * width, (index + 1) * width)),
    threshold,
  }));
  return { concepts, width };
}
