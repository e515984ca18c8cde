import type { Sampling } from '../core/finding.ts';
import type { MediaRef } from '../core/media-ref.ts';

/** Pixels, RGB8, length `widthPx * heightPx * 3`, row-major, upright, alpha flattened on white. */
export interface RgbImage {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgb: Uint8Array;
}

/** A sampled frame of a video. */
export interface Frame extends RgbImage {
  /** Presentation time from the start of the video. */
  readonly timeMs: number;
}

export interface ImageMedia {
  readonly kind: 'image';
  readonly ref: MediaRef;
  readonly image: RgbImage;
  /** The bytes as they came. */
  readonly bytes: Uint8Array;
}

export interface VideoMedia {
  readonly kind: 'video';
  readonly ref: MediaRef;
  /** At least one, ascending in time. */
  readonly frames: readonly Frame[];
  readonly sampling: Sampling;
  readonly bytes: Uint8Array;
}

/** Media that was sniffed, decoded and sampled within limits. */
export type Media = ImageMedia | VideoMedia;

/** Why media cannot be looked at. Becomes an abstention or a `media_rejected` failure, never "safe". */
export type MediaProblemCode =
  | 'empty'
  | 'unknown_type'
  | 'unsupported_type'
  | 'too_large'
  | 'too_many_pixels'
  | 'truncated'
  | 'undecodable'
  | 'no_video_stream'
  | 'timeout';

export interface MediaProblem {
  readonly kind: 'problem';
  readonly code: MediaProblemCode;
  /** A short sentence; names no path and quotes no content. */
  readonly message: string;
}

export interface MediaLimits {
  /** Encoded size. */
  readonly maxBytes: number;
  /** Of a picture or of one frame. */
  readonly maxPixels: number;
  readonly maxDurationMs: number;
  /** For one medium, decoding and sampling together. */
  readonly timeoutMs: number;
  /** Frames sampled from a video, at least 2. */
  readonly frames: number;
}

export const DEFAULT_MEDIA_LIMITS: MediaLimits = {
  maxBytes: 256 * 1024 * 1024,
  // 48 megapixels: beyond any generator's output, far below a decompression bomb.
  maxPixels: 48_000_000,
  maxDurationMs: 30 * 60 * 1000,
  timeoutMs: 120_000,
  frames: 16,
};
