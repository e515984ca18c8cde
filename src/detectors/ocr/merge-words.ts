import type { Box } from '../../core/finding.ts';
import type { ReadWord } from './reader.ts';

/** Shared area over the smaller area, 0–1. */
function overlapRate(a: Box, b: Box): number {
  const width = Math.min(a.leftPx + a.widthPx, b.leftPx + b.widthPx) - Math.max(a.leftPx, b.leftPx);
  const height = Math.min(a.topPx + a.heightPx, b.topPx + b.heightPx) - Math.max(a.topPx, b.topPx);
  if (width <= 0 || height <= 0) return 0;
  const smaller = Math.min(a.widthPx * a.heightPx, b.widthPx * b.heightPx);
  return smaller === 0 ? 0 : (width * height) / smaller;
}

/** Two readings of one place share at least this much of the smaller box. */
const SAME_PLACE_RATE = 0.5;

/**
 * Unites several passes over one picture: of the words read in one place the most confident stays.
 * The result is in reading order and does not depend on the order of passes.
 */
export function mergeWords(passes: readonly (readonly ReadWord[])[]): ReadWord[] {
  const byConfidence = passes.flat().sort(compareByConfidence);
  const kept: ReadWord[] = [];
  for (const word of byConfidence) {
    if (!kept.some((other) => overlapRate(other.box, word.box) >= SAME_PLACE_RATE)) kept.push(word);
  }
  return sortForReading(kept);
}

function compareByConfidence(a: ReadWord, b: ReadWord): number {
  return (
    b.confidence - a.confidence ||
    a.box.topPx - b.box.topPx ||
    a.box.leftPx - b.box.leftPx ||
    (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)
  );
}

/** Lines from the top, words from the left. A word joins a line where its middle lies within it. */
export function sortForReading(words: readonly ReadWord[]): ReadWord[] {
  const lines: { topPx: number; bottomPx: number; words: ReadWord[] }[] = [];
  for (const word of [...words].sort((a, b) => a.box.topPx - b.box.topPx)) {
    const { topPx, heightPx } = word.box;
    const middle = topPx + heightPx / 2;
    const line = lines.find((each) => middle >= each.topPx && middle <= each.bottomPx);
    if (line === undefined) lines.push({ topPx, bottomPx: topPx + heightPx, words: [word] });
    else line.words.push(word);
  }
  return lines.flatMap((line) => line.words.sort((a, b) => a.box.leftPx - b.box.leftPx));
}
