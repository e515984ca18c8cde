import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createFrameCollector } from '../../src/media/frame-collector.ts';

const CLOCK = '[Parsed_showinfo_3 @ 0x5] config in time_base: 1/12800, frame_rate: 25/1';
const note = (n: number, pts: number, size: string): string =>
  `[Parsed_showinfo_3 @ 0x5] n:   ${n} pts:  ${pts} pts_time:${pts / 12800} pos: 9 fmt:rgb24 sar:1/1 s:${size} i:P iskey:1`;

test('cuts pixels into frames whichever runs ahead', () => {
  const collector = createFrameCollector(1000);
  collector.readLine(CLOCK);
  collector.pixels.write(Buffer.from([1, 2, 3, 4]));
  collector.readLine(note(0, 0, '1x1'));
  collector.readLine(note(1, 50_688, '2x1'));
  expect(collector.frames.map((frame) => [...frame.rgb])).toEqual([[1, 2, 3]]);
  collector.pixels.write(Buffer.from([5, 6, 7, 8, 9]));
  expect(collector.frames[1]).toMatchObject({ seconds: 3.96, widthPx: 2, heightPx: 1 });
  expect([...(collector.frames[1]?.rgb ?? [])]).toEqual([4, 5, 6, 7, 8, 9]);
  expect(collector.isOutOfStep()).toBe(false);
});

test('notices pixels without a note, and a note without pixels', () => {
  const noNote = createFrameCollector(1000);
  noNote.pixels.write(Buffer.from([1, 2, 3]));
  expect(noNote.isOutOfStep()).toBe(true);
  expect(noNote.isSpeechless()).toBe(true);
  const noPixels = createFrameCollector(1000);
  noPixels.readLine(note(0, 0, '1x1'));
  expect(noPixels.isOutOfStep()).toBe(true);
  expect(noPixels.isSpeechless()).toBe(false);
});

test('counts ticks, since the printed time loses digits in long videos', () => {
  const collector = createFrameCollector(1000);
  collector.readLine('[x @ 0x1] config in time_base: 1/1000, frame_rate: 25/1');
  collector.readLine('[x @ 0x1] n:   0 pts: 1234567 pts_time:1234.57 pos: 1 fmt:rgb24 s:1x1 i:P');
  collector.pixels.write(Buffer.from([1, 2, 3]));
  expect(collector.frames[0]?.seconds).toBe(1234.567);
});

test('fails rather than take more pixels than were asked for', async () => {
  const collector = createFrameCollector(5);
  collector.pixels.write(Buffer.alloc(6));
  await expect(once(collector.pixels, 'finish')).rejects.toThrow('more pixels');
});
