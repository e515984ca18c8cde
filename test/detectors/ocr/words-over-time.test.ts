import { expect, test } from 'vitest';
import { mergeWordsOverTime } from '../../../src/detectors/ocr/words-over-time.ts';

const word = (text: string, confidence = 0.9, leftPx = 0) => ({
  text,
  confidence,
  box: { leftPx, topPx: 0, widthPx: 10, heightPx: 5 },
});

test('tells a word once for each passage that shows it', () => {
  const merged = mergeWordsOverTime();
  merged.add(0, [word('STOP')]);
  merged.add(500, [word('stop.', 0.95, 40), word('stop')]);
  merged.add(1000, []);
  merged.add(1500, [word('stop')]);
  expect(merged.words).toEqual([
    { ...word('STOP', 0.95), timeMs: 0, untilMs: 500 },
    { ...word('stop'), timeMs: 500 },
    { ...word('stop'), timeMs: 1500 },
  ]);
});

test('takes one wrong letter of a long word for the engine’s doubt, and of a short one for a word', () => {
  const merged = mergeWordsOverTime();
  merged.add(0, [word('bakery'), word('cat')]);
  merged.add(500, [word('bakcry'), word('car')]);
  merged.add(1000, [word('bakery'), word('car')]);
  expect(merged.words.map(({ text, timeMs, untilMs }) => [text, timeMs, untilMs])).toEqual([
    ['bakery', 0, 1000],
    ['cat', 0, undefined],
    ['car', 500, 1000],
  ]);
});
