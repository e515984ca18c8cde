import { describe, expect, it } from 'vitest';
import { type AskScore, type PixelSearch, searchPixels } from '../../src/audit/search-pixels.ts';
import { createRandom } from '../../src/core/seeded-random.ts';
import type { RgbImage } from '../../src/media/media.ts';
import { drawScene } from '../media/made-media.ts';

const image = drawScene(48, 32, 5);

/** A filter that looks at red in the left half alone: it can be fooled, but not by any change. */
const leftRed = ({ widthPx, heightPx, rgb }: RgbImage): number => {
  let sum = 0;
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx / 2; x += 1) sum += rgb[(y * widthPx + x) * 3] ?? 0;
  }
  return (2 * sum) / (255 * widthPx * heightPx);
};
const own = leftRed(image);

/** Turns where the score passes `own` by this much, in the direction that is searched. */
function asking(towards: 'lower' | 'higher', margin: number, seen: RgbImage[] = []): AskScore {
  return async (candidate) => {
    seen.push(candidate);
    const score = leftRed(candidate);
    const moved = towards === 'lower' ? own - score : score - own;
    return { turned: moved >= margin, score };
  };
}

const changeOf = (candidate: RgbImage): number[] =>
  [...candidate.rgb].map((value, at) => value - (image.rgb[at] ?? 0));

const search = (more: Partial<PixelSearch>): PixelSearch => ({
  ...{ norm: 'linf', epsilon: 8, budget: 200, towards: 'lower' },
  ...more,
});

describe('searchPixels', () => {
  it.each([
    ['linf', 8],
    ['linf', 0.9],
    ['l2', 300],
    ['l2', 20],
  ] as const)('never leaves its bound: %s ≤ %s', async (norm, epsilon) => {
    const seen: RgbImage[] = [];
    await searchPixels(
      image,
      search({ norm, epsilon, budget: 60 }),
      createRandom('bound'),
      asking('lower', 2, seen),
    );
    expect(seen).toHaveLength(60);
    for (const candidate of seen) {
      const change = changeOf(candidate);
      const length = norm === 'linf' ? Math.max(...change.map(Math.abs)) : Math.hypot(...change);
      expect(length).toBeLessThanOrEqual(epsilon);
      expect(candidate.rgb).toHaveLength(image.rgb.length);
    }
    const changed = seen.filter((candidate) => changeOf(candidate).some((value) => value !== 0));
    if (epsilon >= 8) expect(changed.length).toBeGreaterThan(50);
  });

  it.each([
    ['linf', 'lower', 8, 0.02],
    ['linf', 'higher', 8, 0.02],
    ['l2', 'lower', 300, 0.005],
    ['l2', 'higher', 300, 0.005],
  ] as const)(
    '%s turns a decision on what is %s, within its budget',
    async (norm, towards, epsilon, margin) => {
      const run = () =>
        searchPixels(
          image,
          search({ norm, towards, epsilon }),
          createRandom('turn'),
          asking(towards, margin),
        );
      const ended = await run();
      expect(ended.turned).toBe(true);
      expect(ended.queries).toBeLessThanOrEqual(200);
      expect(ended.queries).toBeGreaterThan(1);
      expect(await run()).toEqual(ended);
    },
  );

  it('finds nothing where the bound forbids it, and asks no more than it may', async () => {
    const ended = await searchPixels(
      image,
      search({ epsilon: 2, budget: 50 }),
      createRandom('none'),
      asking('lower', 0.05),
    );
    expect(ended).toEqual({ turned: false, queries: 50 });
  });

  it('goes on where the filter abstains, and does not take that for success', async () => {
    let asked = 0;
    const ended = await searchPixels(
      image,
      search({ budget: 10 }),
      createRandom('silent'),
      async () => {
        asked += 1;
        return undefined;
      },
    );
    expect(ended).toEqual({ turned: false, queries: 10 });
    expect(asked).toBe(10);
  });
});
