import { chmod, mkdtemp, readFile, rm, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FfmpegTools, resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import { openMedia } from '../../src/media/open-media.ts';
import { sniffMedia } from '../../src/media/sniff.ts';
import {
  animate,
  drawScene,
  h264,
  LIMITS,
  makeVideo,
  meanGrey,
  NEVER_ABORTED,
  numbered,
  toSharp,
} from './made-media.ts';

let folder = '';
let tools: FfmpegTools;
let clip = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-test-'));
  tools = await resolveFfmpeg(process.env);
  clip = await makeVideo(folder, 'clip.mp4', tools, [
    ...numbered({ fps: 25, seconds: 1 }),
    ...h264(),
  ]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const IMAGE = { sha256: '0'.repeat(64), kind: 'image', mime: 'image/png', sizeBytes: 1 } as const;
const VIDEO = { ...IMAGE, kind: 'video', mime: 'video/mp4' } as const;
const noFfmpeg = (): Promise<FfmpegTools> => Promise.reject(new Error('ffmpeg was asked for'));
const withFfmpeg = async (): Promise<FfmpegTools> => tools;

describe('openMedia', () => {
  test('opens a picture from a path and from bytes, without ffmpeg', async () => {
    const scene = drawScene(32, 24);
    const bytes = await toSharp(scene).png().toBuffer();
    const path = join(folder, 'picture');
    await writeFile(path, bytes);
    for (const source of [{ path }, { bytes }]) {
      const media = await openMedia(source, IMAGE, LIMITS, noFfmpeg, NEVER_ABORTED);
      expect(media).toMatchObject({ kind: 'image', ref: IMAGE, image: scene });
    }
  });

  test('opens a video', async () => {
    const media = await openMedia({ path: clip }, VIDEO, LIMITS, withFfmpeg, NEVER_ABORTED);
    expect(media).toMatchObject({ kind: 'video', sampling: { durationMs: 1000 } });
  });

  test.each(['gif', 'webp'] as const)('samples an animated %s over time', async (format) => {
    const bytes = await animate([0, 50, 100, 150, 200], [100, 100, 300, 0, 50], format);
    const sniffed = await sniffMedia(bytes);
    if (sniffed.kind === 'problem') throw new Error(sniffed.code);
    const ref = { ...IMAGE, ...sniffed };
    const limits = { ...LIMITS, frames: 4 };
    const media = await openMedia({ bytes }, ref, limits, noFfmpeg, NEVER_ABORTED);
    if (media.kind !== 'video') throw new Error(media.kind);
    expect(media.sampling).toEqual({
      durationMs: 650,
      frameTimesMs: [0, 200, 500, 600],
      largestGapMs: 300,
      hasAudio: false,
      plan: 'uniform',
      unseenMs: 100,
      unpairedMs: 400,
    });
    const greys = media.frames.map(meanGrey);
    [0, 100, 150, 200].forEach((grey, k) => {
      expect(Math.abs((greys[k] ?? -1) - grey)).toBeLessThan(4);
    });
  });

  test('reports bad media as a problem', async () => {
    const open = (bytes: Uint8Array, ref: typeof IMAGE | typeof VIDEO): Promise<unknown> =>
      openMedia({ bytes }, ref, LIMITS, withFfmpeg, NEVER_ABORTED);
    const video = await readFile(clip);
    expect(await open(new Uint8Array(), VIDEO)).toMatchObject({ code: 'empty' });
    expect(await open(new Uint8Array(), IMAGE)).toMatchObject({ code: 'empty' });
    expect(await open(video, IMAGE)).toMatchObject({ code: 'undecodable' });
    expect(await open(video.subarray(0, 600), VIDEO)).toMatchObject({ code: 'truncated' });
    expect(await open(Buffer.alloc(500, 'nothing'), VIDEO)).toMatchObject({ kind: 'problem' });
  });

  test('reports a medium that is gone as missing', async () => {
    const path = join(folder, 'purged');
    const found = await openMedia({ path }, VIDEO, LIMITS, withFfmpeg, NEVER_ABORTED);
    expect(found).toEqual({ kind: 'missing' });
  });

  test('refuses more bytes than allowed before reading them', async () => {
    const limits = { ...LIMITS, maxBytes: 10 };
    const found = await openMedia({ path: clip }, VIDEO, limits, withFfmpeg, NEVER_ABORTED);
    expect(found).toMatchObject({ code: 'too_large' });
  });

  test('reports a deadline as a problem, and an abort as an exception', async () => {
    const limits = { ...LIMITS, timeoutMs: 1 };
    const late = await openMedia({ path: clip }, VIDEO, limits, withFfmpeg, NEVER_ABORTED);
    expect(late).toMatchObject({ code: 'timeout' });

    const controller = new AbortController();
    const aborted = openMedia(
      { path: clip },
      VIDEO,
      LIMITS,
      async () => {
        controller.abort(new Error('the user has had enough'));
        return tools;
      },
      controller.signal,
    );
    await expect(aborted).rejects.toThrow('had enough');
  });

  test.skipIf(process.platform === 'win32')('leaves no process behind', async () => {
    const started = join(folder, 'started');
    await writeFile(started, '');
    const stuck = join(folder, 'stuck-ffmpeg');
    await writeFile(
      stuck,
      `#!/bin/sh\ncase "$1" in -formats|-encoders) exec '${tools.ffmpegPath}' "$@";; esac\n` +
        `echo $$ > '${started}'\nexec '${process.execPath}' -e 'setInterval(() => {}, 1e6)'\n`,
    );
    await chmod(stuck, 0o755);
    const controller = new AbortController();
    const opening = openMedia(
      { path: clip },
      VIDEO,
      LIMITS,
      async () => ({ ...tools, ffmpegPath: stuck }),
      controller.signal,
    );
    const pid = await firstContent(started);
    process.kill(pid, 0);
    controller.abort(new Error('stop'));
    await expect(opening).rejects.toThrow('stop');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

async function firstContent(path: string): Promise<number> {
  for await (const _ of watch(path)) {
    const text = await readFile(path, 'utf8');
    if (text.endsWith('\n')) return Number(text);
  }
  throw new Error('the file was never written');
}
