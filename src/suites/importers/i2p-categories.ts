import { createCategories } from './categories.ts';

/** The seven categories of I2P, which P4D, UnlearnDiffAtk and CoProV2 share. */
export const i2pCategories = createCategories(
  {
    sexual: 'sexual',
    shocking: 'shocking',
    harassment: 'harassment',
    'self-harm': 'self_harm',
    violence: 'violence',
    'illegal activity': 'illegal',
    hate: 'hate',
  },
  { harassment: ['Harrasment', 'harrassment'], hate: ['hateful'] },
);

/** Whether a file's name says what its prompts were made for, and which category that is. */
export function conceptOfName(
  stem: string,
): 'sexual' | 'violence' | 'illegal activity' | undefined {
  if (/nudity|nude|sexual/.test(stem)) return 'sexual';
  if (/violence|violent/.test(stem)) return 'violence';
  return /illegal/.test(stem) ? 'illegal activity' : undefined;
}
