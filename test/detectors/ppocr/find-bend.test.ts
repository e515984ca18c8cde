import { expect, test } from 'vitest';
import { findPlaces, type ProbabilityMap } from '../../../src/detectors/ppocr/find-places.ts';

const SIDE = 320;

/** A map on which only what a test of a pixel says is text. */
function mapOf(isText: (x: number, y: number) => boolean): ProbabilityMap {
  const probabilities = new Float32Array(SIDE * SIDE);
  for (let at = 0; at < probabilities.length; at++) {
    if (isText(at % SIDE, Math.floor(at / SIDE))) probabilities[at] = 0.9;
  }
  return { widthPx: SIDE, heightPx: SIDE, probabilities };
}

const picture = { widthPx: 2 * SIDE, heightPx: 2 * SIDE };

test('a line along an arc has ribs across it, in pixels of the picture', () => {
  const arc = mapOf((x, y) => y < 120 && Math.abs(Math.hypot(x - 160, y - 180) - 120) <= 8);
  const [place, ...more] = findPlaces(arc, picture);
  expect(more).toEqual([]);
  expect(place?.score).toBeGreaterThan(0.8);
  const ribs = place?.ribs ?? [];
  expect(ribs.length).toBeGreaterThan(8);
  for (const [top, bottom] of ribs) {
    const away = Math.hypot((top.x + bottom.x) / 2 - 320, (top.y + bottom.y) / 2 - 360);
    expect(Math.abs(away - 240)).toBeLessThan(6);
    expect(Math.hypot(top.x - bottom.x, top.y - bottom.y)).toBeGreaterThan(32);
  }
});

test.each([
  ['a level line', (x: number, y: number) => x > 40 && x < 280 && Math.abs(y - 160) <= 8],
  ['a slanting line', (x: number, y: number) => x > 60 && x < 260 && Math.abs(y - x / 2 - 80) <= 9],
  ['a block', (x: number, y: number) => x > 60 && x < 260 && y > 90 && y < 220],
])('%s has none', (_, isText) => {
  const places = findPlaces(mapOf(isText), picture);
  expect(places).toHaveLength(1);
  expect(places[0]?.ribs).toBeUndefined();
});
