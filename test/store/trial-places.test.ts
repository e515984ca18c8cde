import { describe, expect, it } from 'vitest';
import { createTrialIndex, type Place } from '../../src/store/trial-places.ts';

const place = (line: number, isPlain = true): Place => ({
  offsetBytes: line * 5_000_000_000,
  lengthBytes: 100 + line,
  line,
  isPlain,
});

describe('createTrialIndex', () => {
  it('gives back what was put in, through every growth, in the order of arrival', () => {
    const index = createTrialIndex();
    for (let line = 1; line <= 5000; line += 1) {
      index.setGenerated(`t${line}`, place(line, line % 3 !== 0), 'media');
    }
    index.setDetected('t4999', place(6000), 'd1');
    expect(index.size()).toBe(5000);
    expect(index.get('t3')).toEqual({
      generated: place(3, false),
      detected: undefined,
      detection: undefined,
      kind: 'media',
    });
    expect(index.get('t4999')).toMatchObject({ detected: place(6000), detection: 'd1' });
    expect(index.get('t5001')).toBeUndefined();
    const lines = Array.from(index.all(), ({ generated }) => generated?.line);
    expect(lines).toEqual(Array.from({ length: 5000 }, (_, at) => at + 1));
  });

  it('forgets what was found in an answer that another one replaced', () => {
    const index = createTrialIndex();
    index.setGenerated('t', place(1), 'media');
    index.setDetected('t', place(2), 'd1');
    index.setGenerated('t', place(3), 'failed');
    expect(index.get('t')).toEqual({
      generated: place(3),
      detected: undefined,
      detection: undefined,
      kind: 'failed',
    });
  });
});
