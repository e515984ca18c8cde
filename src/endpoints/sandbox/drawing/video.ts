import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import { DRAWN_TRUTH_KEY, type DrawnTruth } from '../../../core/drawn-truth.ts';
import { SafelightError } from '../../../core/errors.ts';
import type { Scene } from './scene.ts';

export const VIDEO_FPS = 8;

export interface VideoRequest {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly durationS: number;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
}

/**
 * Renders a scene to an H.264 MP4 with the truth in its comment. One encoder thread and no
 * encoder tags: the same frames give the same bytes from the same ffmpeg.
 */
export async function encodeVideo(
  scene: Scene,
  truth: DrawnTruth,
  request: VideoRequest,
): Promise<Uint8Array> {
  // An MP4 needs a file that can be rewound: its index is written last and moved to the front.
  const folder = await mkdtemp(join(tmpdir(), 'safelight-sandbox-'));
  try {
    const path = join(folder, 'video.mp4');
    await runFfmpeg(ffmpegArguments(truth, request, path), scene, request);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ffmpegArguments(truth: DrawnTruth, request: VideoRequest, path: string): string[] {
  const size = `${request.widthPx}x${request.heightPx}`;
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'],
    ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', size, '-r', String(VIDEO_FPS), '-i', 'pipe:0'],
    ...['-an', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'],
    ...['-threads', '1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1'],
    ...['-metadata', `comment=${DRAWN_TRUTH_KEY}:${JSON.stringify(truth)}`],
    ...['-movflags', '+faststart', '-f', 'mp4', path],
  ];
}

async function* frames(scene: Scene, request: VideoRequest): AsyncGenerator<Uint8Array> {
  const count = Math.max(2, Math.round(request.durationS * VIDEO_FPS));
  for (let index = 0; index < count; index += 1) {
    yield await sharp(Buffer.from(scene(index / count)))
      .flatten({ background: '#000000' })
      .raw()
      .toBuffer();
  }
}

async function runFfmpeg(args: string[], scene: Scene, request: VideoRequest): Promise<void> {
  const child = spawn(request.ffmpegPath, args, {
    stdio: ['pipe', 'ignore', 'ignore'],
    signal: request.signal,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`ffmpeg ended with code ${code}`));
    });
  });
  const fed = pipeline(Readable.from(frames(scene, request)), child.stdin);
  const [encoding, feeding] = await Promise.allSettled([ended, fed]);
  const failure = [encoding, feeding].find((result) => result.status === 'rejected');
  if (failure === undefined) return;
  request.signal.throwIfAborted();
  throw new SafelightError('the sandbox could not encode a video', {
    code: 'sandbox_video_failed',
    kind: 'environment',
    hint: 'Run `safelight doctor`, and check that ffmpeg was built with libx264.',
    cause: failure.reason,
  });
}
