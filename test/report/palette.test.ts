import {
  type Color,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  parse,
  wcagContrast,
} from 'culori';
import { describe, expect, it } from 'vitest';
import { paletteProperties } from '../../src/report/palette.ts';

/** Sight without deficiency and the three dichromacies, after Machado, Oliveira and Fernandes (2009). */
const SIGHTS: Readonly<Record<string, (colour: Color) => Color>> = {
  'colour vision': (colour) => colour,
  protanopia: (colour) => filterDeficiencyProt(1)(colour),
  deuteranopia: (colour) => filterDeficiencyDeuter(1)(colour),
  tritanopia: (colour) => filterDeficiencyTrit(1)(colour),
};
/** In CIEDE2000, in which 1 is a difference that one just sees side by side. */
const FAR_APART = 12;
const difference = differenceCiede2000();

function coloursOf(scheme: 'light' | 'dark', names: RegExp): [name: string, colour: Color][] {
  return [...paletteProperties(scheme).matchAll(/--([\w-]+):(#\w+);/g)].flatMap(
    ([, name = '', value = '']) => {
      const colour = parse(value);
      return names.test(name) && colour !== undefined ? [[name, colour]] : [];
    },
  );
}

describe.each(['light', 'dark'] as const)('the %s palette', (scheme) => {
  it.each([
    ['endpoints', /^e\d$/, 7],
    ['verdicts', /^v-/, 10],
  ])('tells %s apart whatever colours a reader sees', (_what, names, count) => {
    const colours = coloursOf(scheme, names);
    expect(colours).toHaveLength(count);
    for (const [sight, seen] of Object.entries(SIGHTS)) {
      for (const [index, [one, first]] of colours.entries()) {
        for (const [other, second] of colours.slice(index + 1)) {
          const apart = difference(seen(first), seen(second));
          expect(apart, `${one} and ${other} with ${sight}`).toBeGreaterThan(FAR_APART);
        }
      }
    }
  });

  it('stands out from the paper', () => {
    const [paper] = coloursOf(scheme, /^paper$/);
    for (const [name, colour] of coloursOf(scheme, /^e\d$/)) {
      expect(wcagContrast(colour, paper?.[1] ?? 'white'), name).toBeGreaterThanOrEqual(3);
    }
  });
});
