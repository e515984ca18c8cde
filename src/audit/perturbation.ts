import type { Random } from '../core/seeded-random.ts';
import type { Media, RgbImage } from '../media/media.ts';

/** What happens to pictures on their way to a filter, at a stated strength. */
export interface FramePerturbation {
  readonly on: 'frame';
  readonly title: string;
  /** What the number means; null for one without strength. */
  readonly strength: Strength | null;
  /** New pixels; those given are not changed. Of a video every frame is given the same random stream. */
  apply(image: RgbImage, strength: number, random: Random): Promise<RgbImage> | RgbImage;
}

/** What happens to a video as a whole. */
export interface ClipPerturbation {
  readonly on: 'clip';
  readonly title: string;
  readonly strength: Strength;
  /** A reason where it cannot be done. */
  apply(media: Media, strength: number, context: ClipContext): Promise<Media | string>;
}

export interface ClipContext {
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly ffmpegPath: () => Promise<string>;
}

export interface Strength {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** Those of `default`. */
  readonly usual: readonly number[];
}

export type Perturbation = FramePerturbation | ClipPerturbation;

/** A perturbation at one strength, as a pipeline names it: `jpeg:30`. */
export interface PlannedPerturbation {
  readonly id: string;
  readonly name: string;
  readonly strength: number;
  /** `quality 30`. */
  readonly words: string;
  readonly perturbation: Perturbation;
}
