import type { Rib } from '../ocr/arc-strip.ts';

/** Pixels, origin at the upper left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Corners of a line of text: upper left, upper right, lower right, lower left. */
export type Quad = readonly [Point, Point, Point, Point];

/** A place where the detection model sees text. */
export interface TextPlace {
  readonly quad: Quad;
  /** Mean probability inside, 0–1. */
  readonly score: number;
  /** Where the writing runs along an arc: the strip that it fills, in reading direction. */
  readonly ribs?: readonly Rib[];
}

/** A character as it was read. */
export interface ReadCharacter {
  readonly text: string;
  /** 0–1. */
  readonly probability: number;
  /** Middle, as a share of the line's length in its reading direction, 0–1. */
  readonly position: number;
}

/** How a crop was turned before it was read. */
export interface Turn {
  /** By 90° against the clock, since it was taller than wide. */
  readonly upright: boolean;
  /** By 180°, since the direction model saw it upside down. */
  readonly upsideDown: boolean;
}

/** A line of text as it was read. */
export interface TextLine {
  readonly quad: Quad;
  readonly ribs?: readonly Rib[];
  readonly turn: Turn;
  readonly text: string;
  /** Mean probability of its characters, 0–1. */
  readonly confidence: number;
  readonly characters: readonly ReadCharacter[];
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
