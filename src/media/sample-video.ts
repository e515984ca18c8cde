import { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import ffmpegCommand, { type FfmpegCommand } from 'fluent-ffmpeg';
import { assertNever } from '../core/assert-never.ts';
import { SafelightError } from '../core/errors.ts';
import type { FfmpegTools } from './ffmpeg.ts';
import { createFrameCollector, type FrameCollector } from './frame-collector.ts';
import { roundMs } from './frame-times.ts';
import type { Frame, MediaLimits, MediaProblem } from './media.ts';
import { isMediaProblem, mediaProblem } from './media-problem.ts';
import { ffmpegInput, type MediaSource } from './media-source.ts';
import { probeVideo, type VideoProbe } from './probe.ts';
import { limitProcess } from './program-limits.ts';
import { FRAME_LONGEST_SIDE_PX, type SampledVideo } from './sampled-video.ts';
import { describeSampling } from './sampling-coverage.ts';
import { chooseDenser, chooseFor, type SamplingPlan, UNIFORM } from './sampling-plan.ts';
import { findShots } from './shots.ts';
import { demuxerOf } from './sniff.ts';

/** A frame's decoder threads cost memory each; more of them than this gain little. */
const MAX_DECODER_THREADS = 4;

/** A stream that changes its size in the middle makes ffmpeg hand out a frame more. */
const SPARE_FRAMES = 4;

/**
 * Samples a video in one decoding pass: raw RGB over a pipe, no file of ours. Frames are chosen by the
 * plan (evenly spaced over presentation time, if none is given), first and last included, upright by
 * the file's rotation flag, and at most {@link FRAME_LONGEST_SIDE_PX} long. Their times are those that
 * the decoder gave out. Shots are found in a pass of their own.
 *
 * A video that is cut off is a problem, not a shorter video: what is missing cannot be judged.
 *
 * @param mime as sniffed
 * @returns a problem as of `probeVideo`, or `unsupported_type`, or `undecodable` where no frame
 *   comes out
 * @throws `signal.reason` on abort; SafelightError `ffmpeg_incompatible`; the error of spawning.
 */
export async function sampleVideo(
  source: MediaSource,
  mime: string,
  limits: MediaLimits,
  tools: FfmpegTools,
  signal: AbortSignal,
  plan: SamplingPlan = UNIFORM,
): Promise<SampledVideo | MediaProblem> {
  const demuxer = demuxerOf(mime);
  if (demuxer === undefined) return mediaProblem('unsupported_type', `${mime} is not sampled`);
  const probe = await probeVideo(source, demuxer, limits, tools, signal);
  if (isMediaProblem(probe)) return probe;

  const chosen = await chooseByPlan(
    plan,
    probe,
    () => findShots(source, demuxer, limits, tools, probe, signal),
    limits.frames,
  );
  const decoded =
    chosen.length === 0
      ? []
      : await decodeFrames(source, demuxer, limits, tools, probe, chosen, signal);
  if (decoded === undefined) return mediaProblem('undecodable', 'the video cannot be decoded');
  const seen = plan.kind === 'denser' ? plan.seen : [];
  const frames = mergeFrames(seen, decoded);
  if (frames.length === 0) return mediaProblem('undecodable', 'the video cannot be decoded');
  const sampling = describeSampling({
    sampledMs: frames.map((frame) => frame.timeMs),
    frameTimesMs: probe.frameTimesMs,
    durationMs: probe.durationMs,
    hasAudio: probe.hasAudio,
    plan: plan.kind === 'denser' ? 'adaptive' : plan.kind,
  });
  return { kind: 'sampled', frames, sampling };
}

async function chooseByPlan(
  plan: SamplingPlan,
  { frameTimesMs }: VideoProbe,
  shots: () => Promise<readonly number[]>,
  count: number,
): Promise<readonly number[]> {
  switch (plan.kind) {
    case 'uniform':
      return chooseFor(frameTimesMs, undefined, count);
    case 'scenes':
      return chooseFor(
        frameTimesMs,
        frameTimesMs.length <= count ? undefined : await shots(),
        count,
      );
    case 'denser': {
      const seenMs = plan.seen.map(({ timeMs }) => timeMs);
      return chooseDenser(frameTimesMs, seenMs, plan.passages, plan.frames);
    }
    default:
      return assertNever(plan);
  }
}

/** The chosen frames, undefined where ffmpeg failed. */
async function decodeFrames(
  source: MediaSource,
  demuxer: string,
  limits: MediaLimits,
  tools: FfmpegTools,
  probe: VideoProbe,
  chosen: readonly number[],
  signal: AbortSignal,
): Promise<Frame[] | undefined> {
  const frameBytes = FRAME_LONGEST_SIDE_PX ** 2 * 3;
  const collector = createFrameCollector((chosen.length + SPARE_FRAMES) * frameBytes);
  const command = decodeCommand(source, demuxer, limits, tools, probe, chosen);
  const failed = await run(command, ffmpegInput(source).stdin, collector, signal, (child) =>
    limitProcess(child, limits, tools),
  );
  if (failed) return undefined;
  if (collector.isSpeechless()) {
    throw new SafelightError('This ffmpeg does not describe frames as Safelight expects.', {
      code: 'ffmpeg_incompatible',
      kind: 'environment',
      hint: 'Use an ffmpeg between 4 and 8, or unset SAFELIGHT_FFMPEG.',
    });
  }
  return collector.isOutOfStep() ? undefined : inOrder(collector, probe.startSeconds);
}

/** Ascending, one frame a time. */
function mergeFrames(seen: readonly Frame[], more: readonly Frame[]): Frame[] {
  const byTime = new Map([...more, ...seen].map((frame) => [frame.timeMs, frame]));
  return [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs);
}

function decodeCommand(
  source: MediaSource,
  demuxer: string,
  limits: MediaLimits,
  tools: FfmpegTools,
  probe: VideoProbe,
  chosen: readonly number[],
): FfmpegCommand {
  const { url, options } = ffmpegInput(source);
  const threads = String(Math.min(MAX_DECODER_THREADS, availableParallelism()));
  // `showinfo` comes last, so that it speaks of what goes into the pipe.
  const filters = [selectFilter(probe, chosen), SHRINK_FILTER, 'format=rgb24', 'showinfo'];
  return (
    ffmpegCommand()
      .setFfmpegPath(tools.ffmpegPath)
      .input(url)
      // biome-ignore format: flag and value side by side
      .inputOptions([
        '-hide_banner', '-nostdin', '-nostats', '-loglevel', 'info',
        ...options, '-f', demuxer,
        // A stream may grow after its header was checked.
        '-max_pixels', String(limits.maxPixels),
        '-threads', threads,
        // Keeps the file's own clock: the times are those that the probe saw.
        '-copyts',
      ])
      // biome-ignore format: flag and value side by side
      .outputOptions([
      '-map',
      `0:${probe.streamIndex}`,
      '-an',
      '-sn',
      '-dn',
      '-filter:v',
      filters.join(','),
      // Every selected frame once, none repeated to keep a rate.
      tools.hasFpsMode ? '-fps_mode' : '-vsync',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
    ])
  );
}

const SHRINK_FILTER =
  `scale=w='if(gt(max(iw,ih),${FRAME_LONGEST_SIDE_PX}),max(1,round(iw*${FRAME_LONGEST_SIDE_PX}/max(iw,ih))),iw)'` +
  `:h='if(gt(max(iw,ih),${FRAME_LONGEST_SIDE_PX}),max(1,round(ih*${FRAME_LONGEST_SIDE_PX}/max(iw,ih))),ih)'` +
  ':flags=bicubic+accurate_rnd+full_chroma_int+bitexact';

/**
 * Selects the first decoded frame if it is wanted, and the first one at or after each chosen time: a
 * packet without a frame of its own (a second field, a damaged picture) shifts a sample, and never
 * loses it. The border before a chosen time lies half way to the frame before it, so that no
 * rounding of clocks picks the wrong one.
 */
function selectFilter(probe: VideoProbe, chosen: readonly number[]): string {
  const borders = chosen
    .filter((index) => index > 0)
    .map((index) => {
      const before = probe.frameTimesMs[index - 1] ?? 0;
      const middleMs = (before + (probe.frameTimesMs[index] ?? 0)) / 2;
      return (probe.startSeconds + middleMs / 1000).toFixed(7);
    });
  const opening = chosen[0] === 0 ? '1' : `gte(t,${borders[0] ?? 0})`;
  const later = borders.map((border) => `gte(t,${border})*lt(prev_selected_t,${border})`);
  return `select='${[`isnan(prev_selected_t)*${opening}`, ...later].join('+')}'`;
}

/**
 * Runs to the end and tells whether ffmpeg failed. Whatever ends it, the process is gone after.
 *
 * @throws `signal.reason` on abort.
 */
function run(
  command: FfmpegCommand,
  stdin: Uint8Array | undefined,
  collector: FrameCollector,
  signal: AbortSignal,
  limit: (child: ChildProcess) => Promise<void>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let child: ChildProcess | undefined;
    const kill = (): void => {
      // Before the start, fluent-ffmpeg may still be asking for capabilities: not worth waiting.
      if (child === undefined) settle(true);
      else child.kill('SIGKILL');
    };
    const settle = (failed: boolean): void => {
      signal.removeEventListener('abort', kill);
      const end = (): void => (signal.aborted ? reject(signal.reason) : resolve(failed));
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) end();
      else child.once('close', end);
    };
    signal.addEventListener('abort', kill, { once: true });
    command
      .on('start', () => {
        // fluent-ffmpeg feeds streams only to `pipe:0`, so standard input is ours to feed.
        const running: unknown = Reflect.get(command, 'ffmpegProc');
        if (!(running instanceof ChildProcess)) return;
        child = running;
        running.stdin?.on('error', () => {});
        void limit(running).then(() => running.stdin?.end(stdin));
        if (signal.aborted) running.kill('SIGKILL');
      })
      .on('stderr', collector.readLine)
      .on('error', () => {
        child?.kill('SIGKILL');
        settle(true);
      })
      .on('end', () => {
        // The process may be gone while its last pixels are still on their way.
        if (collector.pixels.writableFinished) settle(false);
        else collector.pixels.once('finish', () => settle(false));
      })
      .pipe(collector.pixels, { end: true });
  });
}

/** Ascending, one frame a time, times from the start of the video. */
function inOrder(collector: FrameCollector, startSeconds: number): Frame[] {
  const frames: Frame[] = [];
  for (const { seconds, ...image } of collector.frames) {
    const timeMs = Math.max(0, roundMs((seconds - startSeconds) * 1000));
    if (timeMs > (frames.at(-1)?.timeMs ?? -1)) frames.push({ ...image, timeMs });
  }
  return frames;
}
