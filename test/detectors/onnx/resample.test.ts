import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { resample } from '../../../src/detectors/onnx/resample.ts';

const size = z.tuple([z.number(), z.number()]);
const goldenSchema = z.object({
  cases: z
    .array(
      z.object({ filter: z.enum(['bilinear', 'bicubic']), from: size, to: size, rgb: z.string() }),
    )
    .min(12),
});
const { cases } = goldenSchema.parse(
  JSON.parse(await readFile(new URL('../golden/resample.json', import.meta.url), 'utf8')),
);

it.each(cases)(
  'resizes $from to $to ($filter) to the bytes of Pillow',
  ({ filter, from, to, rgb }) => {
    const [widthPx, heightPx] = from;
    const pixels = Uint8Array.from(
      { length: widthPx * heightPx * 3 },
      (_, i) => (i * i * 7 + i * 13 + Math.floor(i / 5) * 31) % 256,
    );
    const resized = resample({ widthPx, heightPx, rgb: pixels }, ...to, filter);
    expect([...resized.rgb]).toEqual([...Buffer.from(rgb, 'base64')]);
  },
);
