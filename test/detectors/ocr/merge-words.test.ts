import { expect, test } from 'vitest';
import { mergeWords, sortForReading } from '../../../src/detectors/ocr/merge-words.ts';
import type { ReadWord } from '../../../src/detectors/ocr/reader.ts';

function word(text: string, confidence: number, leftPx: number, topPx: number): ReadWord {
  return { text, confidence, box: { leftPx, topPx, widthPx: 40, heightPx: 20 } };
}

test('of two readings of one place the more confident stays', () => {
  const merged = mergeWords([[word('Fuek', 0.6, 0, 0)], [word('Duck', 0.9, 3, 1)]]);
  expect(merged.map(({ text }) => text)).toEqual(['Duck']);
});

test('words that only one pass read are added in reading order', () => {
  const merged = mergeWords([
    [word('bread', 0.9, 50, 0), word('daily', 0.9, 0, 30)],
    [word('fresh', 0.8, 0, 2)],
  ]);
  expect(merged.map(({ text }) => text)).toEqual(['fresh', 'bread', 'daily']);
});

test('the order of passes does not matter', () => {
  const one = [word('a1', 0.5, 0, 0), word('b', 0.7, 60, 0)];
  const two = [word('a2', 0.5, 5, 0), word('c', 0.7, 120, 0)];
  expect(mergeWords([one, two])).toEqual(mergeWords([two, one]));
});

test('a word joins the line that its middle lies in', () => {
  const sorted = sortForReading([word('c', 1, 0, 25), word('b', 1, 60, 6), word('a', 1, 0, 0)]);
  expect(sorted.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
});
