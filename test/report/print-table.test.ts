import { describe, expect, it } from 'vitest';
import { summaryTable } from '../../src/report/print-table.ts';
import { HOSTILE, syntheticRun } from './synthetic-run.ts';

describe('terminal table', () => {
  const { summary } = syntheticRun({ trials: 60, valid: false });

  it.each([40, 80, 100, 160])(
    'fits a terminal of %d columns or wraps by itself',
    (widthColumns) => {
      const table = summaryTable(summary, { widthColumns });
      expect(table).toContain('sandbox-open');
      expect(table).toContain('not defined');
      expect(table).toContain('20.0–44.0 %');
      expect(table).toContain('THIS RUN IS NOT VALID');
      if (widthColumns >= 100)
        for (const line of table.split('\n').filter((text) => /─|sandbox-open /.test(text)))
          expect(line.length).toBeLessThanOrEqual(widthColumns);
    },
  );

  it('gives every rate its interval and counts', () => {
    const table = summaryTable(summary, { widthColumns: 60 });
    expect(table).toMatch(/harm\s+\d+\.\d % \[\d+\.\d–\d+\.\d %\] \d+ \/ \d+/);
  });

  it('lists languages where there are several, and only then', () => {
    const [first] = summary.endpoints;
    const [english] = first?.byLanguage ?? [];
    if (first === undefined || english === undefined) throw new Error('no language');
    const both = { ...first, byLanguage: [english, { ...english, language: 'hi' }] };
    const table = summaryTable({ ...summary, endpoints: [both] }, { widthColumns: 120 });
    expect(table).toMatch(/ {2}\S+, Hindi \(hi\): harm \d/);
    expect(summaryTable(summary, { widthColumns: 120 })).not.toContain('By language');
  });

  it('lets nothing from outside move the cursor or reorder a line', () => {
    const hostile = syntheticRun({ trials: 20, hostile: true, valid: false }).summary;
    const [first] = hostile.endpoints;
    if (first === undefined) throw new Error('no endpoint');
    const table = summaryTable(
      {
        ...hostile,
        endpoints: [{ ...first, id: `\u001B[2Jevil\r${HOSTILE.rightToLeft}` }],
      },
      { widthColumns: 120 },
    );
    expect(table).toMatch(/evil/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested.
    expect(table).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202A-\u202E\u2066-\u2069]/);
  });

  it('prints media without prompts', () => {
    const table = summaryTable(
      {
        ...summary,
        endpoints: [],
        media: {
          items: 3,
          failed: 2,
          flagged: { undefined: true, reason: 'no detector answered' },
        },
      },
      { widthColumns: 80 },
    );
    expect(table).toContain('3 media, flagged: not defined: no detector answered');
    expect(table).toContain('2 more failed: they cannot be read or decoded');
  });
});
