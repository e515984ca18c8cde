import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERTURBATIONS, perturb, planPerturbations } from '../../src/audit/perturbations.ts';
import { sha256OfBytes } from '../../src/core/ids.ts';
import { type FfmpegTools, resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import type { Media, RgbImage, VideoMedia } from '../../src/media/media.ts';
import { openMedia } from '../../src/media/open-media.ts';
import { drawScene, LIMITS, makeVideo, meanGrey, NEVER_ABORTED } from '../media/made-media.ts';

const ref = {
  kind: 'image',
  mime: 'image/png',
  sha256: 'a'.repeat(64),
  sizeBytes: 1,
} as const;
const scene = drawScene(120, 80, 3);
const picture: Media = { kind: 'image', ref, image: scene, bytes: new Uint8Array([1]) };

let folder: string;
let tools: FfmpegTools;
let video: VideoMedia;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-perturb-'));
  tools = await resolveFfmpeg(process.env);
  const path = await makeVideo(folder, 'moving.mp4', tools, [
    ...['-f', 'lavfi', '-i', 'testsrc=s=98x66:r=8:d=2', '-c:v', 'mpeg4', '-q:v', '2'],
  ]);
  const opened = await openMedia(
    { path },
    { ...ref, kind: 'video', mime: 'video/mp4' },
    LIMITS,
    async () => tools,
    NEVER_ABORTED,
  );
  if (opened.kind !== 'video') throw new Error('no video');
  video = opened;
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const apply = (media: Media, id: string, seed = 0): Promise<Media | string> => {
  const [planned] = planPerturbations([id]);
  if (planned === undefined) throw new Error(`no ${id}`);
  return perturb(media, planned, seed, {
    signal: NEVER_ABORTED,
    ffmpegPath: async () => tools.ffmpegPath,
  });
};

async function pictureAfter(id: string, seed = 0): Promise<RgbImage> {
  const changed = await apply(picture, id, seed);
  if (typeof changed === 'string' || changed.kind !== 'image') throw new Error(String(changed));
  // What reads a file's bytes must not see the original behind the changed pixels.
  expect(changed.bytes).toHaveLength(0);
  return changed.image;
}

async function videoAfter(id: string): Promise<VideoMedia> {
  const changed = await apply(video, id);
  if (typeof changed === 'string' || changed.kind !== 'video') throw new Error(String(changed));
  expect(changed.bytes).toHaveLength(0);
  return changed;
}

const distance = (a: RgbImage, b: RgbImage): number =>
  a.rgb.reduce((sum, value, at) => sum + Math.abs(value - (b.rgb[at] ?? 0)), 0) / a.rgb.length;

const onPictures = planPerturbations(['default']).filter(
  ({ perturbation }) => perturbation.on === 'frame',
);

/** Width and height after it; those that are not named keep 120 × 80. */
const SIZES: Readonly<Record<string, readonly [number, number]>> = {
  'resize:0.5': [60, 40],
  'resize:0.25': [30, 20],
  'crop:0.9': [108, 72],
  'crop:0.7': [84, 56],
  'rotation:90': [80, 120],
  'border:0.1': [136, 96],
  'border:0.3': [168, 128],
  'screenshot:0.8': [96, 68],
};

describe('perturbations of pictures', () => {
  it('are all that the measurement names', () => {
    expect(Object.keys(PERTURBATIONS)).toEqual(
      expect.arrayContaining([
        ...['jpeg', 'resize', 'crop', 'blur', 'noise', 'brightness', 'contrast', 'hue'],
        ...['rotation', 'flip', 'border', 'text', 'screenshot', 'reencode', 'drop'],
      ]),
    );
  });

  it.each(onPictures.map(({ id }) => id))(
    '%s changes pixels, always in the same way',
    async (id) => {
      const before = sha256OfBytes(scene.rgb);
      const once = await pictureAfter(id);
      const again = await pictureAfter(id);
      expect(sha256OfBytes(again.rgb)).toBe(sha256OfBytes(once.rgb));
      expect(sha256OfBytes(scene.rgb)).toBe(before);
      expect(once.rgb).toHaveLength(once.widthPx * once.heightPx * 3);
      expect(sha256OfBytes(once.rgb)).not.toBe(before);
      if (id.startsWith('rotation:') && id !== 'rotation:90') {
        expect(once.widthPx).toBeGreaterThan(120);
      } else {
        expect([once.widthPx, once.heightPx]).toEqual(SIZES[id] ?? [120, 80]);
      }
    },
  );

  it('differ by seed where they are random, and not where they are none', async () => {
    expect(
      distance(await pictureAfter('noise:8', 1), await pictureAfter('noise:8', 2)),
    ).toBeGreaterThan(1);
    expect(distance(await pictureAfter('jpeg:30', 1), await pictureAfter('jpeg:30', 2))).toBe(0);
  });

  it.each([
    ['jpeg:75', 'jpeg:10'],
    ['blur:1', 'blur:3'],
    ['noise:8', 'noise:24'],
    ['brightness:0.9', 'brightness:0.6'],
    ['contrast:0.9', 'contrast:0.6'],
    ['hue:10', 'hue:60'],
  ])('%s changes less than %s', async (weak, strong) => {
    const changes = [await pictureAfter(weak), await pictureAfter(strong)].map((changed) =>
      distance(scene, changed),
    );
    expect(changes[0]).toBeGreaterThan(0);
    expect(changes[1]).toBeGreaterThan(changes[0] ?? Number.POSITIVE_INFINITY);
  });

  it('do what they are called', async () => {
    expect(meanGrey(await pictureAfter('brightness:0.6'))).toBeCloseTo(0.6 * meanGrey(scene), 0);
    const flipped = await pictureAfter('flip');
    expect([...flipped.rgb.subarray(0, 3)]).toEqual([...scene.rgb.subarray(119 * 3, 120 * 3)]);
    const noisy = await pictureAfter('noise:8');
    const grey = { x: 0, xx: 0, n: 0 };
    noisy.rgb.forEach((value, at) => {
      const base = scene.rgb[at] ?? 0;
      if (base < 40 || base > 215) return;
      grey.x += value - base;
      grey.xx += (value - base) ** 2;
      grey.n += 1;
    });
    expect(Math.sqrt(grey.xx / grey.n)).toBeCloseTo(8, 0);
    expect(Math.abs(grey.x / grey.n)).toBeLessThan(0.5);
    const bordered = await pictureAfter('border:0.1');
    expect([...bordered.rgb.subarray(0, 3)]).toEqual([0, 0, 0]);
  });

  it('do not apply to what they are not for', async () => {
    expect(await apply(picture, 'drop:0.5')).toBe('not a video');
    expect(await apply(picture, 'reencode:8')).toBe('not a video');
  });
});

describe('perturbations of videos', () => {
  it('encode again: as many frames, other pixels, the same each time', async () => {
    const [weak, strong, again] = [
      await videoAfter('reencode:8'),
      await videoAfter('reencode:24'),
      await videoAfter('reencode:24'),
    ];
    expect(strong.frames.map(({ timeMs }) => timeMs)).toEqual(
      video.frames.map(({ timeMs }) => timeMs),
    );
    const change = ({ frames }: VideoMedia): number =>
      frames.reduce((sum, frame, at) => sum + distance(frame, video.frames[at] ?? frame), 0);
    expect(change(weak)).toBeGreaterThan(0);
    expect(change(strong)).toBeGreaterThan(change(weak));
    expect(strong.frames.map(({ rgb }) => sha256OfBytes(rgb))).toEqual(
      again.frames.map(({ rgb }) => sha256OfBytes(rgb)),
    );
  }, 60_000);

  it('drop frames, the ends excepted, the same ones each time', async () => {
    const dropped = await videoAfter('drop:0.5');
    const times = dropped.frames.map(({ timeMs }) => timeMs);
    const all = video.frames.map(({ timeMs }) => timeMs);
    expect(times.length).toBeLessThan(all.length);
    expect(times.length).toBeGreaterThanOrEqual(2);
    expect([times[0], times.at(-1)]).toEqual([all[0], all.at(-1)]);
    expect((await videoAfter('drop:0.5')).frames.map(({ timeMs }) => timeMs)).toEqual(times);
  });

  it('change every frame in the same way', async () => {
    const flipped = await videoAfter('flip');
    expect(flipped.frames).toHaveLength(video.frames.length);
    flipped.frames.forEach((frame, at) => {
      const before = video.frames[at];
      expect([...frame.rgb.subarray(0, 3)]).toEqual([
        ...(before?.rgb.subarray((frame.widthPx - 1) * 3, frame.widthPx * 3) ?? []),
      ]);
    });
  });
});

it.each([
  ['jpg:30', /no perturbation "jpg"/],
  ['jpeg:0', /quality lies in 1 to 100/],
  ['jpeg:high', /quality lies in 1 to 100/],
  ['flip:2', /has no strength/],
])('refuses %s', (name, message) => {
  expect(() => planPerturbations([name])).toThrow(message);
});
