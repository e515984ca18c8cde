import { expect, test } from 'vitest';
import type { GreyPlane } from '../../../src/detectors/ocr/grey-plane.ts';
import { rotatePlane } from '../../../src/detectors/ocr/rotate-plane.ts';

const plane: GreyPlane = { widthPx: 3, heightPx: 2, levels: Uint8Array.of(1, 2, 3, 4, 5, 6) };

test('turns by quarters without loss', () => {
  const right = rotatePlane(plane, 90).plane;
  expect([right.widthPx, right.heightPx, ...right.levels]).toEqual([2, 3, 4, 1, 5, 2, 6, 3]);
  const left = rotatePlane(plane, -90).plane;
  expect([...left.levels]).toEqual([3, 6, 2, 5, 1, 4]);
  expect([...rotatePlane(plane, 180).plane.levels]).toEqual([6, 5, 4, 3, 2, 1]);
});

test.each([15, -15, 30, -30, 90, -90, 180])('maps boxes back after a turn by %i°', (degrees) => {
  const levels = new Uint8Array(200 * 120).fill(255);
  for (let y = 40; y < 44; y++) levels.fill(0, y * 200 + 150, y * 200 + 154);
  const { plane: turned, toOriginal } = rotatePlane(
    { widthPx: 200, heightPx: 120, levels },
    degrees,
  );
  const dark = turned.levels.findIndex((level) => level < 60);
  const [x, y] = [dark % turned.widthPx, Math.floor(dark / turned.widthPx)];
  const box = toOriginal({ leftPx: x, topPx: y, widthPx: 1, heightPx: 1 });
  expect(Math.abs(box.leftPx + box.widthPx / 2 - 152)).toBeLessThan(4);
  expect(Math.abs(box.topPx + box.heightPx / 2 - 42)).toBeLessThan(4);
});
