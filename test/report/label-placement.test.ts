import { describe, expect, it } from 'vitest';
import { placeLabels } from '../../src/report/label-placement.ts';

describe('label placement', () => {
  it('parts the labels of points that coincide, inside the frame', () => {
    const anchors = Array.from({ length: 6 }, (_, index) => ({
      x: 0,
      y: 500,
      text: `${index} name`,
    }));
    const labels = placeLabels(anchors, { widthPx: 500, heightPx: 500, fontPx: 12, obstacles: [] });
    const halfWidth = (6 * 12 * 0.6) / 2 + 3;
    labels.forEach((a, index) => {
      expect(a.x - halfWidth).toBeGreaterThanOrEqual(0);
      expect(a.y + 8).toBeLessThanOrEqual(500);
      for (const b of labels.slice(index + 1)) {
        const apart = Math.abs(a.x - b.x) >= 2 * halfWidth || Math.abs(a.y - b.y) >= 16;
        expect(apart, `${a.text} and ${b.text}`).toBe(true);
      }
    });
    expect(labels.some(({ leader }) => leader)).toBe(true);
  });
});
