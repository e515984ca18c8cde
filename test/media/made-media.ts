import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp, { type Sharp } from 'sharp';
import { type FfmpegTools, resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits, type RgbImage } from '../../src/media/media.ts';
import { runProgram } from '../../src/media/run-program.ts';

export const LIMITS: MediaLimits = DEFAULT_MEDIA_LIMITS;

export const NEVER_ABORTED: AbortSignal = new AbortController().signal;

/** Soft random blobs over a gradient: enough structure for codecs and hashes, always the same. */
export function drawScene(widthPx: number, heightPx: number, seed = 1): RgbImage {
  const random = xoroshiro128plus(seed);
  const between = (low: number, high: number): number =>
    low + ((random.next() >>> 0) / 2 ** 32) * (high - low);
  const blobs = Array.from({ length: 12 }, () => ({
    x: between(0, widthPx),
    y: between(0, heightPx),
    radius: between(widthPx / 20, widthPx / 5),
    colour: [between(0, 255), between(0, 255), between(0, 255)],
  }));
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const blob = blobs.findLast((b) => Math.hypot(b.x - x, b.y - y) < b.radius);
      for (let channel = 0; channel < 3; channel++) {
        rgb[(y * widthPx + x) * 3 + channel] =
          blob?.colour[channel] ?? (channel === 2 ? 120 : (200 * x) / widthPx);
      }
    }
  }
  return { widthPx, heightPx, rgb };
}

export function fill(
  widthPx: number,
  heightPx: number,
  colour: readonly [number, number, number],
): RgbImage {
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let at = 0; at < rgb.length; at++) rgb[at] = colour[at % 3] ?? 0;
  return { widthPx, heightPx, rgb };
}

export function toSharp(image: RgbImage): Sharp {
  return sharp(image.rgb, {
    raw: { width: image.widthPx, height: image.heightPx, channels: 3 },
  });
}

export function meanGrey(image: RgbImage): number {
  return image.rgb.reduce((sum, value) => sum + value, 0) / image.rgb.length;
}

/** Pages of one colour each, so that it can be told which page was decoded. */
export function animate(
  greys: readonly number[],
  delaysMs: readonly number[],
  format: 'gif' | 'webp',
): Promise<Buffer> {
  const size = 16;
  const pages = greys.map((grey) => Buffer.alloc(size * size * 3, grey));
  const input = sharp(Buffer.concat(pages), {
    raw: { width: size, height: size * greys.length, channels: 3, pageHeight: size },
  });
  const delay = [...delaysMs];
  return format === 'gif'
    ? input.gif({ delay, interFrameMaxError: 0, dither: 0 }).toBuffer()
    : input.webp({ delay, lossless: true }).toBuffer();
}

/** Every usable pair of programs on this machine: the bundled one and, where there is one, the system's. */
export async function allTools(): Promise<FfmpegTools[]> {
  const bundled = await resolveFfmpeg({ ...process.env, PATH: '', SAFELIGHT_FFMPEG: '' }).catch(
    () => undefined,
  );
  const other = await resolveFfmpeg(process.env);
  return bundled === undefined || other.ffmpegPath === bundled.ffmpegPath
    ? [other]
    : [bundled, other];
}

/** `seconds` of frames that tell their number: frame n is of grey {@link greyOfFrame}. */
export function numbered(options: { fps: number; seconds: number; size?: string }): string[] {
  const { fps, seconds, size = '64x48' } = options;
  return [
    ...['-f', 'lavfi', '-i', `color=s=${size}:r=${fps}:d=${seconds}`],
    ...['-filter:v', 'geq=lum=16+2*N:cb=128:cr=128'],
  ];
}

/** Of a frame of {@link numbered}, from limited-range luma. */
export function greyOfFrame(index: number): number {
  return (2 * index * 255) / 219;
}

export const SILENT_TONE: readonly string[] = ['-f', 'lavfi', '-i', 'sine=d=2'];

export function h264(...more: string[]): string[] {
  return ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '4', '-pix_fmt', 'yuv420p', ...more];
}

/** Makes a video with ffmpeg and gives its path. */
export async function makeVideo(
  folder: string,
  name: string,
  tools: FfmpegTools,
  args: readonly string[],
): Promise<string> {
  const path = join(folder, name);
  const result = await runProgram(
    tools.ffmpegPath,
    ['-v', 'error', '-nostdin', '-y', ...args, path],
    { signal: AbortSignal.timeout(60_000), maxOutput: 1_000_000 },
  );
  if (result.exitCode !== 0) throw new Error(`cannot make ${name}: ${result.stderr}`);
  return path;
}

export async function firstShare(path: string, share: number): Promise<Buffer> {
  const bytes = await readFile(path);
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

export async function hasEncoder(tools: FfmpegTools, name: string): Promise<boolean> {
  const result = await runProgram(tools.ffmpegPath, ['-hide_banner', '-encoders'], {
    signal: AbortSignal.timeout(60_000),
    maxOutput: 1_000_000,
  });
  return new RegExp(`\\s${name}\\s`).test(result.stdout);
}
