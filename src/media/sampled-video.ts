import type { Sampling } from '../core/finding.ts';
import type { Frame } from './media.ts';

/**
 * Larger frames are scaled down to this, keeping their shape: no detector looks closer, and it
 * bounds a sampled video to 4.9 MB a frame.
 */
export const FRAME_LONGEST_SIDE_PX = 1280;

/** Frames of a video, and what they cover of it. */
export interface SampledVideo {
  readonly kind: 'sampled';
  /** At least one, ascending in time. */
  readonly frames: readonly Frame[];
  readonly sampling: Sampling;
}
