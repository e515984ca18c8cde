import { Writable } from 'node:stream';
import type { RgbImage } from './media.ts';

/** A frame with the presentation time in the file's own clock. */
export interface TimedFrame extends RgbImage {
  readonly seconds: number;
}

/**
 * Cuts ffmpeg's raw RGB into frames. The pixels come by standard output without any border; size
 * and time of each frame come by the `showinfo` filter on standard error. Either may run ahead.
 */
export interface FrameCollector {
  /** Takes raw RGB24. */
  readonly pixels: Writable;
  /** Takes a line of standard error. */
  readonly readLine: (line: string) => void;
  readonly frames: readonly TimedFrame[];
  /**
   * Whether pixels came that no `showinfo` line speaks for, or the other way round: a damaged stream
   * can do that.
   */
  readonly isOutOfStep: () => boolean;
  /** Whether pixels came and not one line that speaks of a frame: this ffmpeg has another language. */
  readonly isSpeechless: () => boolean;
}

interface FrameNote {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly seconds: number;
}

/** @param maxBytes raw bytes beyond which the stream fails, so that memory stays bounded */
export function createFrameCollector(maxBytes: number): FrameCollector {
  const frames: TimedFrame[] = [];
  const notes: FrameNote[] = [];
  let chunks: Buffer[] = [];
  let buffered = 0;
  let received = 0;
  let described = 0;
  let tickSeconds: number | undefined;

  function cutFrames(): void {
    for (let note = notes[0]; note !== undefined; note = notes[0]) {
      const size = note.widthPx * note.heightPx * 3;
      if (buffered < size) return;
      const joined = Buffer.concat(chunks);
      frames.push({ ...note, rgb: new Uint8Array(joined.subarray(0, size)) });
      chunks = [joined.subarray(size)];
      buffered -= size;
      notes.shift();
    }
  }

  const pixels = new Writable({
    // fluent-ffmpeg takes a closed target for a failure when ffmpeg is slow to exit.
    autoDestroy: false,
    emitClose: false,
    write(chunk: Buffer, _encoding, done) {
      received += chunk.byteLength;
      if (received > maxBytes) {
        done(new Error('more pixels than the frames that were asked for'));
        return;
      }
      chunks.push(chunk);
      buffered += chunk.byteLength;
      cutFrames();
      done();
    },
  });

  function readLine(line: string): void {
    const tick = /config in time_base: (\d+)\/(\d+)/.exec(line);
    if (tick !== null) tickSeconds = Number(tick[1]) / Number(tick[2]);
    const frame = /\bn: *\d+ pts: *(-?\d+) pts_time:(\S+) .*\bs:(\d+)x(\d+)/.exec(line);
    if (frame === null) return;
    described += 1;
    notes.push({
      // The printed time has six digits in all, too few for a long video: count ticks.
      seconds: tickSeconds === undefined ? Number(frame[2]) : Number(frame[1]) * tickSeconds,
      widthPx: Number(frame[3]),
      heightPx: Number(frame[4]),
    });
    cutFrames();
  }

  return {
    pixels,
    readLine,
    frames,
    isOutOfStep: () => notes.length > 0 || buffered > 0,
    isSpeechless: () => received > 0 && described === 0,
  };
}
