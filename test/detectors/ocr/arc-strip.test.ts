import { expect, test } from 'vitest';
import { arcRibs, fitArc, ribAt } from '../../../src/detectors/ocr/arc-strip.ts';

/** Points of a band around a circle, from one angle to another, in degrees. */
function band(centre: number, radius: number, half: number, from: number, to: number) {
  const points = [];
  for (let degrees = from; degrees <= to; degrees += 1) {
    for (let away = -half; away <= half; away += half / 4) {
      const angle = (degrees * Math.PI) / 180;
      points.push({
        x: centre + (radius + away) * Math.cos(angle),
        y: centre + (radius + away) * Math.sin(angle),
      });
    }
  }
  return points;
}

test.each([
  [-120, -60],
  [-150, 10],
  [60, 120],
  [170, 250],
])('finds the circle of a thick band from %i° to %i°', (from, to) => {
  const arc = fitArc(band(300, 150, 12, from, to));
  expect(arc?.centre.x).toBeCloseTo(300, 0);
  expect(arc?.centre.y).toBeCloseTo(300, 0);
  expect(arc?.radiusPx).toBeCloseTo(150, 0);
  expect(((arc?.halfAngle ?? 0) * 360) / Math.PI).toBeCloseTo(to - from, 0);
});

test('has no circle for points on a line, or too few', () => {
  const line = Array.from({ length: 50 }, (_, x) => ({ x, y: 7 }));
  expect(fitArc(line)).toBeUndefined();
  expect(fitArc(line.slice(0, 2))).toBeUndefined();
});

test.each([
  [-120, -60, 'over its centre'],
  [60, 120, 'under its centre'],
])(
  'its ribs run from the left, the upper end first, for an arc from %i° to %i°, %s',
  (from, to) => {
    const arc = fitArc(band(300, 150, 12, from, to));
    if (arc === undefined) throw new Error('no arc');
    const ribs = arcRibs(arc, 20, 5);
    const [first, middle, last] = [ribAt(ribs, 0), ribAt(ribs, 0.5), ribAt(ribs, 1)];
    expect(first[0].x).toBeLessThan(middle[0].x);
    expect(middle[0].x).toBeLessThan(last[0].x);
    expect(middle[1].y - middle[0].y).toBeCloseTo(40, 1);
    expect(middle[0].x).toBeCloseTo(300, 0);
  },
);
