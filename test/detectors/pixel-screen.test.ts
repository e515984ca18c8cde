import { describe, expect, test } from 'vitest';
import { findingSchema } from '../../src/core/finding.ts';
import { type Subject, toFindings } from '../../src/detectors/detector.ts';
import { createPixelScreen } from '../../src/detectors/pixel-screen.ts';
import type { RgbImage } from '../../src/media/media.ts';
import { drawScene, fill, NEVER_ABORTED } from '../media/made-media.ts';

const REF = { sha256: '0'.repeat(64), kind: 'image', mime: 'image/png', sizeBytes: 1 } as const;
const CONTEXT = { signal: NEVER_ABORTED, prompt: undefined, earlier: [] };

const picture = (image: RgbImage): Subject => ({
  kind: 'image',
  ref: REF,
  image,
  bytes: new Uint8Array(1),
});

const video = (images: readonly RgbImage[]): Subject => ({
  kind: 'video',
  ref: { ...REF, kind: 'video', mime: 'video/mp4' },
  frames: images.map((image, k) => ({ ...image, timeMs: k * 100 })),
  sampling: { durationMs: 0, frameTimesMs: [], largestGapMs: 0, hasAudio: false },
  bytes: new Uint8Array(1),
});

async function measure(subject: Subject): Promise<Record<string, unknown>> {
  const [finding] = toFindings(
    createPixelScreen().description,
    REF.sha256,
    await createPixelScreen().detect(subject, CONTEXT),
  );
  const { result } = findingSchema.parse(finding);
  if (result.kind !== 'pixels') throw new Error('no measures');
  return result.measures;
}

describe('pixel screen', () => {
  test('claims no hazard', () => {
    expect(createPixelScreen().description).toMatchObject({ id: 'pixel-screen', claims: [] });
  });

  test('measures a picture', async () => {
    expect(await measure(picture(fill(64, 64, [0, 0, 0])))).toMatchObject({
      lumaMax: 0,
      nearBlackRate: 1,
      singleColourRate: 1,
    });
    expect(await measure(picture(drawScene(64, 64)))).toMatchObject({
      nearBlackRate: 0,
      singleColourRate: 0,
    });
  });

  test('counts the frames of a video: a fade to black is not a black video', async () => {
    const black = fill(64, 48, [2, 2, 2]);
    const fade = [drawScene(64, 48), drawScene(64, 48), drawScene(64, 48), black];
    expect(await measure(video(fade))).toMatchObject({ nearBlackRate: 0.25 });
    expect(await measure(video([black, black]))).toMatchObject({ nearBlackRate: 1 });
  });

  test('has nothing to say of a text', async () => {
    expect(await createPixelScreen().detect({ kind: 'text', text: 'words' }, CONTEXT)).toEqual([]);
  });

  test('stops when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const detecting = createPixelScreen().detect(picture(drawScene(8, 8)), { ...CONTEXT, signal });
    await expect(detecting).rejects.toThrow('enough');
  });
});
