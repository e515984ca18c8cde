import { expect, test } from 'vitest';
import { ribAt } from '../../../src/detectors/ocr/arc-strip.ts';
import type { Shape } from '../../../src/detectors/ocr/letter-shapes.ts';
import { findSlantingLines } from '../../../src/detectors/ocr/slanting-lines.ts';
import { unrollPlane } from '../../../src/detectors/ocr/unroll-plane.ts';

const plane = { widthPx: 600, heightPx: 600 };

function letterAt(x: number, y: number, label: number): Shape {
  const box = { left: x - 10, top: y - 12, width: 20, height: 24, area: 160, rim: 80 };
  return { label, tone: 'dark', ...box };
}

test('finds a line that slants, and the strip along it', () => {
  const letters = Array.from({ length: 9 }, (_, n) => letterAt(120 + n * 26, 150 + n * 15, n + 1));
  const [line, ...more] = findSlantingLines([...letters, letterAt(500, 80, 99)], plane);
  expect(more).toEqual([]);
  expect(line?.letters).toHaveLength(9);
  const [top, bottom] = ribAt(line?.ribs ?? [], 0.5);
  expect((top.x + bottom.x) / 2).toBeCloseTo(224, 0);
  expect((top.y + bottom.y) / 2).toBeCloseTo(210, 0);
  expect((top.x - bottom.x) / (bottom.y - top.y)).toBeCloseTo(15 / 26, 1);
});

test('finds a line along an arc', () => {
  const letters = Array.from({ length: 11 }, (_, n) => {
    const angle = ((n - 5) * 10 - 90) * (Math.PI / 180);
    return letterAt(300 + 160 * Math.cos(angle), 300 + 160 * Math.sin(angle), n + 1);
  });
  const [line] = findSlantingLines(letters, plane);
  for (const share of [0.1, 0.5, 0.9]) {
    const [a, b] = ribAt(line?.ribs ?? [], share);
    expect(Math.hypot((a.x + b.x) / 2 - 300, (a.y + b.y) / 2 - 300)).toBeCloseTo(160, 0);
  }
});

test.each([
  ['a level line', (n: number) => letterAt(100 + n * 28, 200 + (n % 2), n + 1)],
  ['letters all over', (n: number) => letterAt(100 + (n % 3) * 30, 100 + (n >> 1) * 34, n + 1)],
  ['far letters', (n: number) => letterAt(50 + n * 60, 50 + n * 55, n + 1)],
])('finds none in %s', (_, at) => {
  expect(
    findSlantingLines(
      Array.from({ length: 9 }, (_, n) => at(n)),
      plane,
    ),
  ).toEqual([]);
});

test('lays a strip level, and leads boxes back', () => {
  const levels = new Uint8Array(600 * 600).fill(255);
  // A dark spot on the strip's middle, at three quarters of its length.
  for (let y = 246; y < 254; y++) levels.fill(0, y * 600 + 346, y * 600 + 354);
  const ribs = [
    [
      { x: 120, y: 80 },
      { x: 80, y: 120 },
    ],
    [
      { x: 453, y: 313 },
      { x: 413, y: 353 },
    ],
  ] as const;
  const { plane: level, toOriginal } = unrollPlane({ ...plane, levels }, ribs, 40);
  const dark = level.levels.findIndex((each) => each < 60);
  const [x, y] = [dark % level.widthPx, Math.floor(dark / level.widthPx)];
  expect(x / level.widthPx).toBeGreaterThan(0.6);
  const box = toOriginal({ leftPx: x, topPx: y, widthPx: 1, heightPx: 1 });
  expect(Math.abs(box.leftPx - 350)).toBeLessThan(10);
  expect(Math.abs(box.topPx - 250)).toBeLessThan(10);
});
