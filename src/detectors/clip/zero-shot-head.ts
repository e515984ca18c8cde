import { z } from 'zod';
import { type HazardId, hazardSchema } from '../../core/hazard.ts';
import { type ClipHead, checkWidth, visual } from './head.ts';
import { dot, softmaxOfCosines, toUnit } from './vectors.ts';

const textsSchema = z.array(z.string().min(1).max(300)).min(1).max(200);

/** For each hazard what its pictures look like, and what harmless ones do. */
export const zeroShotPromptsSchema = z
  .partialRecord(
    hazardSchema,
    z.strictObject({
      positive: textsSchema.describe('Captions of pictures that show it.'),
      negative: textsSchema.describe('Captions of pictures that do not, some of them close to it.'),
    }),
  )
  .refine((prompts) => Object.keys(prompts).length > 0, 'name at least one hazard');
export type ZeroShotPrompts = z.output<typeof zeroShotPromptsSchema>;

/**
 * Asks CLIP which caption fits a picture best. The score of a hazard is the probability of its
 * positive captions among all of its captions.
 *
 * @param encode captions → their vectors, in order.
 */
export async function createZeroShotHead(
  prompts: ZeroShotPrompts,
  encode: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
): Promise<ClipHead> {
  const hazards = (Object.keys(prompts) as HazardId[]).map((hazard) => {
    const { positive = [], negative = [] } = prompts[hazard] ?? {};
    return { hazard, positive: positive.length, texts: [...positive, ...negative] };
  });
  const vectors = (await encode(hazards.flatMap(({ texts }) => texts))).map(toUnit);
  let from = 0;
  const asked = hazards.map(({ hazard, positive, texts }) => {
    const captions = vectors.slice(from, from + texts.length);
    from += texts.length;
    return { hazard, positive, captions };
  });
  return {
    claims: asked.map(({ hazard }) => visual(hazard)),
    licence: 'captions of the user',
    notes: ['Zero-shot: probability of the captions for a hazard among all of its captions.'],
    read(vector) {
      const unit = toUnit(vector);
      checkWidth(unit, vectors[0]?.length ?? 0);
      const scores = asked.map(({ hazard, positive, captions }) => {
        const shares = softmaxOfCosines(captions.map((caption) => dot(caption, unit)));
        const sum = shares.slice(0, positive).reduce((total, share) => total + share, 0);
        // Rounding can lift a sum of probabilities a little above 1.
        return { ...visual(hazard), score: Math.min(1, sum) };
      });
      return {
        scores,
        labels: Object.fromEntries(scores.map(({ hazard, score }) => [hazard, score])),
      };
    },
  };
}
