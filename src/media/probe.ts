import { z } from 'zod';
import type { FfmpegTools } from './ffmpeg.ts';
import { roundMs } from './frame-times.ts';
import type { MediaLimits, MediaProblem } from './media.ts';
import { mediaProblem } from './media-problem.ts';
import { ffmpegInput, type MediaSource } from './media-source.ts';
import { endsInsideBox } from './mp4-boxes.ts';
import { withLimits } from './program-limits.ts';
import { type ProgramResult, runProgram } from './run-program.ts';

/** What is known of a video before anything is decoded. */
export interface VideoProbe {
  /** Index of the examined stream in the file. */
  readonly streamIndex: number;
  readonly codec: string;
  /** As coded: a rotation flag is not applied yet. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Presentation time of the first frame in the file's own clock, in seconds. */
  readonly startSeconds: number;
  /** Presentation times of all frames from the first, ascending and distinct. Never empty. */
  readonly frameTimesMs: readonly number[];
  /** From the first frame to the end of the last one. */
  readonly durationMs: number;
  readonly hasAudio: boolean;
}

const probeSchema = z.object({
  streams: z
    .array(
      z.object({
        index: z.number(),
        codec_type: z.string().optional(),
        codec_name: z.string().optional(),
        width: z.number().optional(),
        height: z.number().optional(),
        time_base: z.string().optional(),
        nb_frames: z.coerce.number().optional(),
        disposition: z
          .object({ default: z.number().optional(), attached_pic: z.number().optional() })
          .optional(),
      }),
    )
    .default([]),
  packets: z
    .array(
      z.object({
        stream_index: z.number(),
        pts: z.number().optional(),
        dts: z.number().optional(),
        duration: z.number().optional(),
        flags: z.string().optional(),
      }),
    )
    .default([]),
  format: z.object({ duration: z.coerce.number().optional() }).default({}),
});
type Probe = z.infer<typeof probeSchema>;
type Stream = Probe['streams'][number];
type Packet = Probe['packets'][number];

const ENTRIES =
  'stream=index,codec_type,codec_name,width,height,time_base,nb_frames:' +
  'stream_disposition=default,attached_pic:format=duration:' +
  'packet=stream_index,pts,dts,duration,flags';

/** Half an hour of packets is a tenth of this. */
const MAX_PROBE_CHARACTERS = 256 * 1024 * 1024;

/** A header may promise a little more than the streams hold; a cut file misses more. */
const MISSING_END_TOLERANCE_SECONDS = 1;

/** What ffprobe says where bytes are missing. */
const CUT_SHORT = /moov atom not found|partial file|ended prematurely|truncat/i;

/**
 * Reads a video's streams and the times of all its frames without decoding.
 *
 * Where a file has several video streams, the first that is marked as default is taken (cover
 * pictures never are): the one that players show. The others are not looked at.
 *
 * @param demuxer the ffmpeg reader that the sniffed type calls for
 * @returns a problem `truncated`, `undecodable`, `no_video_stream`, `too_many_pixels`, `too_large`
 * @throws `signal.reason` on abort; the error of spawning.
 */
export async function probeVideo(
  source: MediaSource,
  demuxer: string,
  limits: MediaLimits,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<VideoProbe | MediaProblem> {
  const { url, options, stdin } = ffmpegInput(source);
  // biome-ignore format: flag and value side by side
  const args = [
    '-v', 'error', ...options, '-f', demuxer,
    '-show_entries', ENTRIES, '-of', 'json=compact=1', '-i', url,
  ];
  const result = await runProgram(...withLimits(tools.ffprobePath, args, limits, tools), {
    signal,
    maxOutput: MAX_PROBE_CHARACTERS,
    stdin,
  });
  if (result.overflowed) return mediaProblem('too_large', 'the video has too many packets');
  // A file's own name may say "truncated".
  const complaints = result.stderr.replaceAll(url, '');
  const cutShort =
    CUT_SHORT.test(complaints) || (demuxer === 'mov' && (await endsInsideBox(source)));
  return readProbe(result, cutShort, demuxer, limits);
}

function readProbe(
  result: ProgramResult,
  cutShort: boolean,
  demuxer: string,
  limits: MediaLimits,
): VideoProbe | MediaProblem {
  const probe = parseProbe(result);
  if (probe === undefined) {
    return cutShort
      ? truncated()
      : mediaProblem('undecodable', 'the video container cannot be read');
  }
  const stream = defaultVideoStream(probe.streams);
  if (stream === undefined) {
    return cutShort ? truncated() : mediaProblem('no_video_stream', 'the file has no video stream');
  }
  const widthPx = stream.width ?? 0;
  const heightPx = stream.height ?? 0;
  if (widthPx * heightPx > limits.maxPixels) {
    return mediaProblem('too_many_pixels', `a frame has more than ${limits.maxPixels} pixels`);
  }
  const packets = probe.packets.filter((packet) => packet.stream_index === stream.index);
  // Only an MP4's count is of samples; an AVI's counts dropped frames as well.
  const promised = demuxer === 'mov' ? (stream.nb_frames ?? 0) : 0;
  if (cutShort || packets.length < promised || endsEarly(probe)) return truncated();
  const clock = readClock(stream, packets);
  if (clock === undefined) return mediaProblem('undecodable', 'the video stream has no frames');
  if (clock.durationMs > limits.maxDurationMs) {
    return mediaProblem('too_large', `the video is longer than ${limits.maxDurationMs} ms`);
  }
  return {
    streamIndex: stream.index,
    codec: stream.codec_name ?? 'unknown',
    widthPx,
    heightPx,
    hasAudio: probe.streams.some((other) => other.codec_type === 'audio'),
    ...clock,
  };
}

function parseProbe(result: ProgramResult): Probe | undefined {
  if (result.exitCode !== 0) return undefined;
  try {
    return probeSchema.safeParse(JSON.parse(result.stdout)).data;
  } catch {
    return undefined;
  }
}

function defaultVideoStream(streams: readonly Stream[]): Stream | undefined {
  const videos = streams.filter(
    (stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1,
  );
  return videos.find((stream) => stream.disposition?.default === 1) ?? videos[0];
}

/** Whether the file's header promises more than all of its streams together hold. */
function endsEarly(probe: Probe): boolean {
  if (probe.format.duration === undefined) return false;
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  const seconds = new Map(probe.streams.map((s) => [s.index, tickSeconds(s)]));
  for (const packet of probe.packets) {
    const time = (packet.pts ?? packet.dts ?? 0) * (seconds.get(packet.stream_index) ?? 0);
    const length = (packet.duration ?? 0) * (seconds.get(packet.stream_index) ?? 0);
    start = Math.min(start, time);
    end = Math.max(end, time + length);
  }
  return probe.format.duration - (end - start) > MISSING_END_TOLERANCE_SECONDS;
}

function readClock(
  stream: Stream,
  packets: readonly Packet[],
): Pick<VideoProbe, 'startSeconds' | 'frameTimesMs' | 'durationMs'> | undefined {
  const tick = tickSeconds(stream);
  // AVI tells decoding times only; an edit list cuts packets (D) from what is shown.
  const shown = packets
    .filter((packet) => !packet.flags?.includes('D'))
    .map((packet) => ({ ticks: packet.pts ?? packet.dts, duration: packet.duration ?? 0 }))
    .filter((packet): packet is { ticks: number; duration: number } => packet.ticks !== undefined)
    .sort((a, b) => a.ticks - b.ticks);
  const first = shown[0];
  const last = shown.at(-1);
  if (first === undefined || last === undefined || tick === 0) return undefined;
  const toMs = (ticks: number): number => roundMs((ticks - first.ticks) * tick * 1000);
  const frameTimesMs = [...new Set(shown.map((packet) => toMs(packet.ticks)))];
  return {
    startSeconds: first.ticks * tick,
    frameTimesMs,
    durationMs: toMs(last.ticks + last.duration),
  };
}

/** Seconds of one tick of a stream's clock, written as a fraction. */
function tickSeconds(stream: Stream): number {
  const [numerator, denominator] = (stream.time_base ?? '').split('/').map(Number);
  return numerator && denominator ? numerator / denominator : 0;
}

function truncated(): MediaProblem {
  return mediaProblem('truncated', 'the video ends before it is complete');
}
