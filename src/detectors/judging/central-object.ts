import type { Box, Finding } from '../../core/finding.ts';
import type { RgbImage } from '../../media/media.ts';

/** The box of the thing that a detector before was surest of, in the picture itself. */
export function centralBox(earlier: readonly Finding[]): Box | undefined {
  const boxes = earlier.flatMap(({ result }) =>
    result.kind === 'scores' ? (result.detail?.boxes ?? []) : [],
  );
  return boxes.toSorted((a, b) => b.score - a.score)[0]?.box;
}

const GREY = 127;

/** The picture with a box painted grey; undefined where the box lies outside or covers all of it. */
export function withoutBox(image: RgbImage, box: Box): RgbImage | undefined {
  const { widthPx, heightPx } = image;
  const left = Math.max(0, Math.floor(box.leftPx));
  const top = Math.max(0, Math.floor(box.topPx));
  const right = Math.min(widthPx, Math.ceil(box.leftPx + box.widthPx));
  const bottom = Math.min(heightPx, Math.ceil(box.topPx + box.heightPx));
  if (right <= left || bottom <= top) return undefined;
  if (right - left === widthPx && bottom - top === heightPx) return undefined;
  const rgb = image.rgb.slice();
  for (let row = top; row < bottom; row += 1) {
    rgb.fill(GREY, (row * widthPx + left) * 3, (row * widthPx + right) * 3);
  }
  return { widthPx, heightPx, rgb };
}
