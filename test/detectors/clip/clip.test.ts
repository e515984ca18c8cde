import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HazardScore } from '../../../src/core/finding.ts';
import { type ClipOptions, createClipDetector } from '../../../src/detectors/clip.ts';
import type { Detector } from '../../../src/detectors/detector.ts';
import type { ModelPlaces } from '../../../src/detectors/onnx/model-files.ts';
import type { Media } from '../../../src/media/media.ts';
import { imageOf, noContext, videoOf } from '../media-of.ts';
import { formulaPicture, sdSafetyWeights, tensor, writeSafetensors } from './formula.ts';
import { tinyTextModel, tinyVisionModel, WIDTH } from './tiny-clip.ts';

let places: ModelPlaces;
const open: Detector[] = [];

beforeAll(async () => {
  const base = await mkdtemp(join(tmpdir(), 'safelight-clip-'));
  places = { base, store: join(base, 'store') };
  await mkdir(join(base, 'tiny'));
  await writeFile(join(base, 'tiny', 'vision_model.onnx'), tinyVisionModel());
  await writeFile(join(base, 'tiny', 'text_model.onnx'), tinyTextModel());
  const tokenizer = fileURLToPath(new URL('../tokenizer/bpe.json', import.meta.url));
  await copyFile(tokenizer, join(base, 'tiny', 'tokenizer.json'));
  await writeFile(join(base, 'sd.safetensors'), writeSafetensors(sdSafetyWeights(WIDTH)));
  const prompts = new Map([['prompts', tensor(40, [2, WIDTH])]]);
  await writeFile(join(base, 'q16.safetensors'), writeSafetensors(prompts));
});
afterAll(async () => {
  await Promise.all(open.map((detector) => detector.close()));
  await rm(places.base, { recursive: true, force: true });
});

async function create(options: ClipOptions): Promise<Detector> {
  const detector = await createClipDetector(
    { backbone: './tiny', sizePx: 32, workers: 1, ...options },
    places,
  );
  open.push(detector);
  return detector;
}

async function scoresOf(detector: Detector, media: Media): Promise<readonly HazardScore[]> {
  const [found] = await detector.detect(media, noContext);
  if (found?.result.kind !== 'scores') throw new Error(JSON.stringify(found));
  return found.result.scores;
}

const captions = {
  violence: { positive: ['people fighting'], negative: ['a photo of a cat', 'a quiet night'] },
  political: { positive: ['a drawing of two dogs'], negative: ['a red chair'] },
};

it('runs heads on one encoder, each under its own name and claims', async () => {
  const q16 = await create({ head: 'q16', weights: 'q16.safetensors' });
  const sd = await create({ head: 'sd-safety', weights: 'sd.safetensors' });
  expect([q16.description.id, sd.description.id]).toEqual(['clip-q16', 'clip-sd-safety']);
  expect(q16.description.weightsSha256).not.toBe(sd.description.weightsSha256);
  expect(sd.description.claims).toEqual([{ hazard: 'sexual', carrier: 'visual' }]);
  for (const { description } of [q16, sd]) expect(description.unverified).toBe(true);
  const media = imageOf(formulaPicture(90, 60));
  expect((await scoresOf(q16, media)).map(({ hazard }) => hazard)).toContain('violence');
  expect((await scoresOf(sd, media)).map(({ hazard }) => hazard)).toEqual(['sexual']);
});

it('encodes a picture once for all heads', async () => {
  const q16 = await create({ head: 'q16', weights: 'q16.safetensors' });
  const zeroShot = await create({ head: 'zero-shot', prompts: captions });
  const image = formulaPicture(70, 50);
  const fresh = await scoresOf(zeroShot, imageOf(formulaPicture(70, 50)));
  await scoresOf(q16, imageOf(image));
  // Were it encoded again, it would now be another picture.
  image.rgb.fill(200);
  expect(await scoresOf(zeroShot, imageOf(image))).toEqual(fresh);
  expect(await scoresOf(zeroShot, imageOf({ ...image }))).not.toEqual(fresh);
});

it('keeps the encoder for others when one head is closed', async () => {
  const first = await create({ head: 'q16', weights: 'q16.safetensors' });
  const second = await create({ head: 'sd-safety', weights: 'sd.safetensors' });
  await first.close();
  await first.close();
  expect(await scoresOf(second, imageOf(formulaPicture(40, 40)))).toHaveLength(1);
});

it('asks with captions of any hazard, and keeps their vectors by hash', async () => {
  const first = await create({ head: 'zero-shot', prompts: captions });
  const kept = await readdir(join(places.store, '.embeddings'));
  expect(kept).toHaveLength(5);
  await writeFile(
    join(places.base, 'captions.yaml'),
    'violence:\n  positive: [people fighting]\n  negative: [a photo of a cat, a quiet night]\npolitical:\n  positive: [a drawing of two dogs]\n  negative: [a red chair]\n',
  );
  const second = await create({ head: 'zero-shot', prompts: 'captions.yaml' });
  expect(second.description.weightsSha256).toBe(first.description.weightsSha256);
  const media = imageOf(formulaPicture(64, 64));
  const scores = await scoresOf(first, media);
  expect(scores.map(({ hazard }) => hazard)).toEqual(['violence', 'political']);
  expect(await scoresOf(second, media)).toEqual(scores);
  expect(await readdir(join(places.store, '.embeddings'))).toEqual(kept);
});

it('makes a vector anew whose file was damaged', async () => {
  const folder = join(places.store, '.embeddings');
  const media = imageOf(formulaPicture(64, 64));
  const before = await scoresOf(await create({ head: 'zero-shot', prompts: captions }), media);
  for (const file of await readdir(folder)) await writeFile(join(folder, file), '[1, 2');
  const after = await scoresOf(await create({ head: 'zero-shot', prompts: captions }), media);
  expect(after).toEqual(before);
});

it('puts the frames of a video together', async () => {
  const detector = await create({ head: 'zero-shot', prompts: captions });
  const pictures = [formulaPicture(40, 30), formulaPicture(64, 64), formulaPicture(31, 90)];
  const single = await Promise.all(pictures.map((picture) => scoresOf(detector, imageOf(picture))));
  const [violence] = await scoresOf(detector, videoOf(pictures));
  expect(violence?.peak).toBe(Math.max(...single.map(([first]) => first?.score ?? Number.NaN)));
});

it('abstains where head and encoder do not belong together', async () => {
  await writeFile(
    join(places.base, 'wide.safetensors'),
    writeSafetensors(new Map([['prompts', tensor(40, [2, 768])]])),
  );
  const detector = await create({ head: 'q16', weights: 'wide.safetensors' });
  const [found] = await detector.detect(imageOf(formulaPicture(40, 40)), noContext);
  expect(found?.result).toMatchObject({
    kind: 'abstained',
    code: 'detector_error',
    reason: expect.stringContaining('the head reads 768'),
  });
});

it.each<[string, ClipOptions, string, RegExp]>([
  [
    'an encoder that was not pulled',
    { head: 'q16', weights: 'q16.safetensors', backbone: 'clip-vit-l14' },
    'model_missing',
    /models pull clip-vit-l14/,
  ],
  [
    'an encoder that is not there',
    { head: 'q16', weights: 'q16.safetensors', backbone: './none' },
    'model_missing',
    /docs\/detectors\.md/,
  ],
  ['a head without weights', { head: 'laion' }, 'clip_option', /safetensors/],
  [
    'weights that are not there',
    { head: 'laion', weights: 'none.safetensors' },
    'weights_missing',
    /path/,
  ],
  [
    'weights that are no weights',
    { head: 'laion', weights: 'tiny/vision_model.onnx' },
    'weights_damaged',
    /safetensors/,
  ],
  [
    'weights of another head',
    { head: 'laion', weights: 'q16.safetensors' },
    'weights_damaged',
    /docs\/detectors\.md/,
  ],
  [
    'a checker that was not pulled',
    { head: 'sd-safety' },
    'model_missing',
    /models pull sd-safety-checker/,
  ],
  ['captions that are missing', { head: 'zero-shot' }, 'clip_option', /captions/],
  [
    'captions that cannot be read',
    { head: 'zero-shot', prompts: 'none.yaml' },
    'clip_option',
    /path/,
  ],
])('says what to do about %s', async (_, options, code, hint) => {
  await expect(create(options)).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) });
});
