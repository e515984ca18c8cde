import { spawn } from 'node:child_process';
import type { Frame, VideoMedia } from '../media/media.ts';
import type { ClipPerturbation } from './perturbation.ts';

const MAX_STDERR_CHARACTERS = 4_000;

/** What happens to videos; nothing of it touches the disk. */
export const VIDEO_PERTURBATIONS = {
  reencode: {
    on: 'clip',
    title: 'the sampled frames, as a video of their own, encoded again',
    strength: { unit: 'quantiser (MPEG-4)', min: 1, max: 31, usual: [8, 24] },
    async apply(media, quantiser, { signal, ffmpegPath }) {
      if (media.kind !== 'video') return 'not a video';
      const frames = await reencode(media, Math.round(quantiser), await ffmpegPath(), signal);
      return frames === undefined ? 'ffmpeg could not encode it' : withFrames(media, frames);
    },
  },
  drop: {
    on: 'clip',
    title: 'frames dropped',
    strength: { unit: 'share dropped', min: 0.05, max: 0.95, usual: [0.5] },
    async apply(media, share, { random }) {
      if (media.kind !== 'video') return 'not a video';
      const last = media.frames.length - 1;
      // The ends stay, or the clip would be another one.
      const kept = media.frames.filter((_, at) => at === 0 || at === last || !random.chance(share));
      return withFrames(media, kept);
    },
  },
} as const satisfies Record<string, ClipPerturbation>;

/** The same video with other frames. It has no bytes: what reads them must not see the original. */
export function withFrames(media: VideoMedia, frames: readonly Frame[]): VideoMedia {
  return { ...media, frames, bytes: new Uint8Array(0) };
}

/** Encodes and decodes over pipes; undefined where ffmpeg fails. */
async function reencode(
  media: VideoMedia,
  quantiser: number,
  ffmpeg: string,
  signal: AbortSignal,
): Promise<Frame[] | undefined> {
  const [first] = media.frames;
  if (first === undefined) return undefined;
  const { widthPx, heightPx } = first;
  if (media.frames.some((frame) => frame.widthPx !== widthPx || frame.heightPx !== heightPx)) {
    return undefined;
  }
  // Encoders take even sides alone.
  const even = 'scale=trunc(iw/2)*2:trunc(ih/2)*2';
  const size = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${widthPx}x${heightPx}`];
  const encoded = await pipe(
    ffmpeg,
    [
      ...[...size, '-r', '8', '-i', 'pipe:0', '-vf', even, '-c:v', 'mpeg4'],
      ...['-q:v', String(quantiser), '-bitexact', '-f', 'nut', 'pipe:1'],
    ],
    Buffer.concat(media.frames.map(({ rgb }) => rgb)),
    signal,
  );
  if (encoded === undefined) return undefined;
  const decoded = await pipe(
    ffmpeg,
    [
      '-f',
      'nut',
      '-i',
      'pipe:0',
      '-vf',
      `scale=${widthPx}:${heightPx}`,
      ...['-f', 'rawvideo'],
      '-pix_fmt',
      'rgb24',
      'pipe:1',
    ],
    encoded,
    signal,
  );
  const frameBytes = widthPx * heightPx * 3;
  if (decoded === undefined || decoded.length < frameBytes * media.frames.length) return undefined;
  return media.frames.map((frame, at) => ({
    ...frame,
    rgb: new Uint8Array(decoded.subarray(at * frameBytes, (at + 1) * frameBytes)),
  }));
}

function pipe(
  ffmpeg: string,
  args: readonly string[],
  stdin: Uint8Array,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', ...args], {
      windowsHide: true,
    });
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    signal.addEventListener('abort', kill, { once: true });
    const out: Buffer[] = [];
    let complaints = 0;
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.length;
      if (complaints > MAX_STDERR_CHARACTERS) kill();
    });
    child.once('error', (error) => {
      signal.removeEventListener('abort', kill);
      reject(error);
    });
    child.once('close', (exitCode) => {
      signal.removeEventListener('abort', kill);
      if (signal.aborted) reject(signal.reason);
      else resolve(exitCode === 0 ? Buffer.concat(out) : undefined);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });
}
