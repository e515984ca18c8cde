import { describe, expect, test } from 'vitest';
import { findToxicSpans, scoreToxicity } from '../../../src/detectors/toxicity/find-toxic-spans.ts';
import { HARMLESS_PROBES, TOXIC_PROBES } from './probes.ts';

describe('recall and false alarms on the probe tables', () => {
  test('the tables are as large as is claimed', () => {
    expect(TOXIC_PROBES.length).toBeGreaterThanOrEqual(60);
    expect(HARMLESS_PROBES.length).toBeGreaterThanOrEqual(80);
  });

  test.each(TOXIC_PROBES)('%s: %s', (text, hazard) => {
    expect(scoreToxicity(text).scores[hazard]).toBeGreaterThanOrEqual(0.5);
  });

  test.each(HARMLESS_PROBES)('harmless: %s', (text) => {
    expect(findToxicSpans(text)).toEqual([]);
  });

  test('doubtful letters add no false alarm', () => {
    const flagged = HARMLESS_PROBES.filter(
      (text) => findToxicSpans(text, { uncertain: [{ start: 0, end: text.length }] }).length > 0,
    );
    expect(flagged).toEqual([]);
  });
});
