import type { AugmentationChain, CodeAugmentation } from '../suites/augmentations/augmentation.ts';

/** Every technique in code alone, and with `length` 2 every ordered two of them. */
export function chainsOf(
  techniques: readonly CodeAugmentation[],
  length: number,
): AugmentationChain[] {
  const single = techniques.map((one): AugmentationChain => ({ name: one.id, steps: [one] }));
  if (length < 2) return single;
  const double = techniques.flatMap((first) =>
    techniques.flatMap((second): AugmentationChain[] =>
      first === second ? [] : [{ name: `${first.id}+${second.id}`, steps: [first, second] }],
    ),
  );
  return [...single, ...double];
}
