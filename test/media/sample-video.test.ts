import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FfmpegTools } from '../../src/media/ffmpeg.ts';
import type { MediaLimits, MediaProblem } from '../../src/media/media.ts';
import { isMediaProblem } from '../../src/media/media-problem.ts';
import type { MediaSource } from '../../src/media/media-source.ts';
import { sampleVideo } from '../../src/media/sample-video.ts';
import type { SampledVideo } from '../../src/media/sampled-video.ts';
import type { SamplingPlan } from '../../src/media/sampling-plan.ts';
import {
  allTools,
  firstShare,
  greyOfFrame,
  h264,
  hasEncoder,
  LIMITS,
  makeVideo,
  meanGrey,
  NEVER_ABORTED,
  numbered,
  SILENT_TONE,
} from './made-media.ts';

const TOOLS = await allTools();
const MAKER = TOOLS[0];
if (MAKER === undefined) throw new Error('no ffmpeg to make videos with');
const maker: FfmpegTools = MAKER;
const ENCODERS = { hevc: 'libx265', vp9: 'libvpx-vp9' };
/** Any of these programs may be the one that can write AV1. */
const AV1_ENCODER = 'libaom-av1';
const av1Maker = await firstWith(AV1_ENCODER);
const available = {
  hevc: await hasEncoder(maker, ENCODERS.hevc),
  vp9: await hasEncoder(maker, ENCODERS.vp9),
};

async function firstWith(encoder: string): Promise<FfmpegTools | undefined> {
  for (const tools of [...TOOLS].reverse()) if (await hasEncoder(tools, encoder)) return tools;
  return undefined;
}

let folder = '';
/** 100 numbered frames at 25 a second, with its index first, and last. */
let faststart = '';
let indexLast = '';
let withSound = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-test-'));
  const clip = numbered({ fps: 25, seconds: 4 });
  const first = h264('-movflags', '+faststart');
  faststart = await makeVideo(folder, 'first.mp4', maker, [...clip, ...first]);
  indexLast = await makeVideo(folder, 'last.mp4', maker, [...clip, ...h264()]);
  withSound = await makeVideo(folder, 'sound.mp4', maker, [
    ...numbered({ fps: 25, seconds: 2 }).slice(0, 4),
    ...SILENT_TONE,
    ...h264('-c:a', 'aac'),
  ]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Which frame of {@link numbered} each sampled frame shows. */
function shownFrames(sampled: SampledVideo): number[] {
  return sampled.frames.map((frame) => Math.round(meanGrey(frame) / greyOfFrame(1)));
}

/** Comparing millions of numbers one by one takes the test runner half a minute. */
function digest(sampled: SampledVideo): string {
  const hash = createHash('sha256').update(JSON.stringify(sampled.sampling));
  for (const frame of sampled.frames) hash.update(`${frame.widthPx}`).update(frame.rgb);
  return hash.digest('hex');
}

describe.each(TOOLS.map((tools) => [`${tools.source} ${tools.version}`, tools] as const))(
  'sampleVideo with %s',
  (_, tools) => {
    const attempt = (
      source: MediaSource,
      mime = 'video/mp4',
      limits: Partial<MediaLimits> = {},
    ): Promise<SampledVideo | MediaProblem> =>
      sampleVideo(source, mime, { ...LIMITS, ...limits }, tools, NEVER_ABORTED);

    async function sample(...args: Parameters<typeof attempt>): Promise<SampledVideo> {
      const sampled = await attempt(...args);
      if (isMediaProblem(sampled)) throw new Error(`${sampled.code}: ${sampled.message}`);
      return sampled;
    }

    test('gives the right frames with their real times, first and last included', async () => {
      const sampled = await sample({ path: faststart }, 'video/mp4', { frames: 5 });
      expect(sampled.sampling).toEqual({
        durationMs: 4000,
        frameTimesMs: [0, 1000, 1960, 2960, 3960],
        largestGapMs: 1000,
        hasAudio: false,
        plan: 'uniform',
        unseenMs: 960,
        unpairedMs: 1960,
      });
      expect(shownFrames(sampled)).toEqual([0, 25, 49, 74, 99]);
      expect(sampled.frames[0]).toMatchObject({ widthPx: 64, heightPx: 48, timeMs: 0 });
      expect(sampled.frames[0]?.rgb).toHaveLength(64 * 48 * 3);
    });

    test('gives the same again, byte for byte', async () => {
      expect(digest(await sample({ path: faststart }))).toBe(
        digest(await sample({ path: faststart })),
      );
    });

    test('reads bytes without a path as well, the index last or first', async () => {
      for (const path of [indexLast, faststart]) {
        const bytes = await readFile(path);
        expect(digest(await sample({ bytes }))).toBe(digest(await sample({ path })));
      }
    });

    test('reads bytes whose long index lies far behind', async () => {
      const path = await makeVideo(folder, 'noise.mp4', maker, [
        ...['-f', 'lavfi', '-i', 'testsrc2=s=128x96:r=25:d=20'],
        ...['-f', 'lavfi', '-i', 'sine=d=20'],
        // With ffmpeg's default read-ahead this size fails; others happen to fit its buffers.
        ...h264('-qp', '20', '-c:a', 'aac'),
      ]);
      const bytes = await readFile(path);
      expect(bytes.length).toBeGreaterThan(500_000);
      expect(digest(await sample({ bytes }))).toBe(digest(await sample({ path })));
    });

    test('keeps the real times of a variable frame rate', async () => {
      const path = await makeVideo(folder, 'vfr.mp4', maker, [
        ...numbered({ fps: 25, seconds: 2 }).slice(0, 4),
        ...['-filter:v', "geq=lum=16+2*N:cb=128:cr=128,select='not(between(n,5,29))'"],
        ...h264('-vsync', 'vfr'),
      ]);
      const sampled = await sample({ path }, 'video/mp4', { frames: 30 });
      const expected = [0, 1, 2, 3, 4, ...Array.from({ length: 20 }, (_, k) => 30 + k)];
      expect(shownFrames(sampled)).toEqual(expected);
      expect(sampled.sampling.frameTimesMs).toEqual(expected.map((n) => n * 40));
      expect(sampled.sampling.largestGapMs).toBe(26 * 40);
    });

    test('takes a single frame for what it is', async () => {
      const path = await makeVideo(folder, 'one.mp4', maker, [
        ...numbered({ fps: 25, seconds: 1 }),
        ...h264('-frames:v', '1'),
      ]);
      const sampled = await sample({ path });
      expect(sampled.sampling).toEqual({
        durationMs: 40,
        frameTimesMs: [0],
        largestGapMs: 0,
        hasAudio: false,
        plan: 'uniform',
        unseenMs: 0,
        unpairedMs: 0,
      });
    });

    test('takes a video whose clock stands still', async () => {
      const path = await makeVideo(folder, 'still.mkv', maker, [
        ...numbered({ fps: 25, seconds: 1 }),
        ...h264('-frames:v', '1'),
      ]);
      expect((await sample({ path }, 'video/matroska')).frames).toHaveLength(1);
    });

    test('turns frames upright by the rotation flag', async () => {
      const path = await makeVideo(folder, 'turned.mp4', maker, [
        ...['-i', faststart, '-c', 'copy', '-metadata:s:v:0', 'rotate=90'],
      ]);
      expect((await sample({ path })).frames[0]).toMatchObject({ widthPx: 48, heightPx: 64 });
    });

    test('scales large frames down, and keeps their shape', async () => {
      const path = await makeVideo(folder, 'large.mp4', maker, [
        ...numbered({ fps: 5, seconds: 1, size: '2560x1080' }),
        ...h264(),
      ]);
      expect((await sample({ path })).frames[0]).toMatchObject({ widthPx: 1280, heightPx: 540 });
    });

    test('looks at every shot, and closer where it is asked to', async () => {
      const path = await makeVideo(folder, 'shots.mp4', maker, [
        ...['-f', 'lavfi', '-i', 'color=white:s=64x48:r=25:d=4'],
        // White but for a black shot of ten frames.
        ...['-filter:v', "geq=lum='if(between(N,33,42),16,235)':cb=128:cr=128"],
        ...h264(),
      ]);
      const by = async (plan: SamplingPlan) => {
        const sampled = await sampleVideo(
          { path },
          'video/mp4',
          { ...LIMITS, frames: 8 },
          tools,
          NEVER_ABORTED,
          plan,
        );
        if (isMediaProblem(sampled)) throw new Error(sampled.code);
        return sampled;
      };
      const dark = ({ frames }: SampledVideo) =>
        frames.filter((frame) => meanGrey(frame) < 128).map(({ timeMs }) => timeMs / 40);
      const even = await by({ kind: 'uniform' });
      expect(dark(even)).toEqual([42]);
      const shots = await by({ kind: 'scenes' });
      expect(shots.sampling).toMatchObject({ plan: 'scenes', durationMs: 4000 });
      expect(shots.frames).toHaveLength(8);
      expect(dark(shots)).toEqual([35, 40]);
      const closer = await by({
        kind: 'denser',
        seen: even.frames,
        passages: [{ fromMs: 28 * 40, toMs: 56 * 40 }],
        frames: 6,
      });
      expect(closer.frames).toHaveLength(14);
      expect(closer.sampling.plan).toBe('adaptive');
      expect(dark(closer)).toEqual([35, 38, 42]);
      expect(closer.frames.map(({ timeMs }) => timeMs)).toEqual(closer.sampling.frameTimesMs);
    });

    test('tells sound, and does not take it for pictures', async () => {
      expect((await sample({ path: withSound })).sampling.hasAudio).toBe(true);
      const path = await makeVideo(folder, 'sound-only.mp4', maker, [
        ...SILENT_TONE,
        ...['-c:a', 'aac'],
      ]);
      expect(await attempt({ path })).toMatchObject({ code: 'no_video_stream' });
    });

    test('looks at the default one of two video streams', async () => {
      const path = await makeVideo(folder, 'two.mp4', maker, [
        ...['-f', 'lavfi', '-i', 'color=black:s=64x48:r=5:d=1'],
        ...['-f', 'lavfi', '-i', 'color=white:s=128x96:r=5:d=1'],
        ...['-map', '0:0', '-map', '1:0', ...h264()],
        ...['-disposition:v:0', '0', '-disposition:v:1', 'default'],
      ]);
      expect((await sample({ path })).frames[0]).toMatchObject({ widthPx: 128, heightPx: 96 });
    });

    test.each([
      ['its index first', () => faststart],
      ['its index last', () => indexLast],
    ])('reports an MP4 with %s that was cut in half as truncated', async (_, whole) => {
      const path = join(folder, 'half.mp4');
      await writeFile(path, await firstShare(whole(), 0.5));
      expect(await attempt({ path })).toMatchObject({ code: 'truncated' });
      expect(await attempt({ bytes: await readFile(path) })).toMatchObject({ code: 'truncated' });
    });

    test('reports the loss of the last bytes only', async () => {
      const path = join(folder, 'nearly.mp4');
      await writeFile(path, (await readFile(faststart)).subarray(0, -40));
      expect(await attempt({ path })).toMatchObject({ code: 'truncated' });
    });

    test('reports a Matroska file that was cut in half as truncated', async () => {
      const clip = [...numbered({ fps: 25, seconds: 4 }), ...h264('-g', '10')];
      const whole = await makeVideo(folder, 'whole.mkv', maker, clip);
      const path = join(folder, 'half.mkv');
      await writeFile(path, await firstShare(whole, 0.5));
      expect(await attempt({ path }, 'video/matroska')).toMatchObject({ code: 'truncated' });
    });

    test('is not misled by a file name', async () => {
      const path = join(folder, 'truncated partial file moov atom not found.mp4');
      await writeFile(path, Buffer.concat([Buffer.from('\0\0\0\x18ftypisom', 'latin1')]));
      const found = await attempt({ path });
      expect(found).toMatchObject({ kind: 'problem' });
      expect(JSON.stringify(found)).not.toContain(folder);
      await writeFile(path, await readFile(faststart));
      expect((await sample({ path })).frames).toHaveLength(16);
    });

    test('keeps within limits of size and length', async () => {
      const code = async (limits: Partial<MediaLimits>): Promise<unknown> =>
        attempt({ path: faststart }, 'video/mp4', limits);
      expect(await code({ maxPixels: 64 * 48 - 1 })).toMatchObject({ code: 'too_many_pixels' });
      expect(await code({ maxDurationMs: 3999 })).toMatchObject({ code: 'too_large' });
    });

    test('reads no other format than the sniffed one, and no playlist', async () => {
      const path = join(folder, 'list.mp4');
      await writeFile(path, `ffconcat version 1.0\nfile '${faststart}'\n`);
      expect(await attempt({ path })).toMatchObject({ kind: 'problem' });
      expect(await attempt({ path }, 'text/plain')).toMatchObject({ code: 'unsupported_type' });
    });

    test.skipIf(!available.hevc)('decodes H.265', async () => {
      const path = await makeVideo(folder, 'hevc.mp4', maker, [
        ...numbered({ fps: 25, seconds: 1 }),
        ...['-c:v', ENCODERS.hevc, '-preset', 'ultrafast', '-x265-params', 'log-level=none'],
        ...['-pix_fmt', 'yuv420p'],
      ]);
      const sampled = await sample({ path }, 'video/mp4', { frames: 3 });
      expect(sampled.sampling.frameTimesMs).toEqual([0, 480, 960]);
    });

    test.skipIf(!available.vp9)('decodes VP9', async () => {
      const path = await makeVideo(folder, 'vp9.webm', maker, [
        ...numbered({ fps: 25, seconds: 1 }),
        ...['-c:v', ENCODERS.vp9, '-deadline', 'realtime', '-cpu-used', '8'],
      ]);
      const sampled = await sample({ path }, 'video/webm', { frames: 3 });
      expect(sampled.sampling.frameTimesMs).toEqual([0, 480, 960]);
    });

    test.skipIf(av1Maker === undefined)('decodes AV1, or says that it cannot', async () => {
      const path = await makeVideo(folder, 'av1.mp4', av1Maker ?? maker, [
        ...numbered({ fps: 25, seconds: 0.4 }),
        ...['-c:v', AV1_ENCODER, '-cpu-used', '8', '-crf', '30', '-strict', 'experimental'],
      ]);
      const sampled = await attempt({ path }, 'video/mp4', { frames: 3 });
      // The old bundled program does not know the finished format.
      if (isMediaProblem(sampled)) {
        expect([tools.source, sampled.kind]).toEqual(['bundled', 'problem']);
      } else expect(sampled.sampling.frameTimesMs).toEqual([0, 160, 360]);
    });

    test('takes AVI, which tells no presentation times', async () => {
      const path = await makeVideo(folder, 'old.avi', maker, [
        ...numbered({ fps: 25, seconds: 2 }),
        ...['-c:v', 'mpeg4', '-q:v', '2'],
      ]);
      const sampled = await sample({ path }, 'video/vnd.avi', { frames: 3 });
      expect(sampled.sampling.frameTimesMs).toEqual([0, 960, 1960]);
    });

    test('does not hold a long video in memory', async () => {
      const path = await makeVideo(folder, 'long.mp4', maker, [
        ...['-f', 'lavfi', '-i', 'color=gray:s=1280x720:r=25:d=20', ...h264()],
      ]);
      const before = process.resourceUsage().maxRSS;
      const sampled = await sample({ path });
      expect(sampled.sampling.frameTimesMs).toHaveLength(16);
      const rawKib = (500 * 1280 * 720 * 3) / 1024;
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(rawKib / 4);
    });
  },
);
