import type { Box } from '../../core/finding.ts';
import type { RgbImage } from '../../media/media.ts';

/** A word as it was read. */
export interface ReadWord {
  readonly text: string;
  /** 0–1, as the engine gives it: an ordering, not a calibrated probability. */
  readonly confidence: number;
  readonly box: Box;
}

/**
 * What the pixels say about the presence of text, before any of it is read: `none`, `weak` (worth
 * a look, common on textures) or `strong` (lines of letter-like shapes).
 */
export type TextSign = 'none' | 'weak' | 'strong';

/** What was read in one picture. */
export interface Reading {
  readonly sign: TextSign;
  /** In reading order: lines from the top, words from the left. */
  readonly words: readonly ReadWord[];
}

/**
 * `fast` reads the supposed letters apart from their ground, and the whole picture only where that
 * fails; `thorough` reads both in a second page mode too, and the red channel, for letters that differ
 * in colour only.
 */
export type ReadingPasses = 'fast' | 'thorough';

/** What a report says of a reader. */
export interface ReaderDescription {
  /** Such as `tesseract`. */
  readonly name: string;
  readonly licence: string;
  /** What it reads and misses, with measured numbers. */
  readonly notes: readonly string[];
}

/** An engine that reads text in pictures. The same pixels give the same reading, in any order. */
export interface TextReader {
  readonly description: ReaderDescription;
  /** Hash of the weights, 64 hexadecimal digits. */
  readonly weightsSha256: string;
  /**
   * @throws SafelightError `ocr_timeout` or `ocr_failed` where the engine gives up on a picture;
   * the signal's reason where it aborts.
   */
  read(image: RgbImage, signal: AbortSignal): Promise<Reading>;
  /** Ends all workers. Idempotent. */
  close(): Promise<void>;
}
