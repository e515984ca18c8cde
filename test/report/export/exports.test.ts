import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvCell, csvLines } from '../../../src/report/export/csv.ts';
import { drawFigures } from '../../../src/report/export/figures.ts';
import { jsonLines } from '../../../src/report/export/jsonl.ts';
import { junitLines } from '../../../src/report/export/junit.ts';
import { escapeLatex, toLatex } from '../../../src/report/export/latex.ts';
import { escapeMarkdown, toMarkdown } from '../../../src/report/export/markdown.ts';
import { writeParquet } from '../../../src/report/export/parquet.ts';
import { type ExportedTrial, trialColumns } from '../../../src/report/export/trial-columns.ts';
import { HOSTILE, syntheticRun } from '../synthetic-run.ts';

const TRIALS = 60;
const plain = syntheticRun({ trials: TRIALS });
const hostile = syntheticRun({ trials: TRIALS, hostile: true, valid: false });
const plainTrials = await trialsOf(plain);
const hostileTrials = await trialsOf(hostile);
const options = { runId: 'run-1', detectors: plain.detectors, withPrompts: true };
const columns = trialColumns(options);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-export-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function gather(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

async function trialsOf(run: { trials: AsyncIterable<ExportedTrial> }): Promise<ExportedTrial[]> {
  const list: ExportedTrial[] = [];
  for await (const trial of run.trials) list.push(trial);
  return list;
}

async function* stream(list: readonly ExportedTrial[]): AsyncGenerator<ExportedTrial> {
  yield* list;
}

describe('exported trials', () => {
  it.each([
    ['plain', plainTrials],
    ['hostile', hostileTrials],
  ])('%s: CSV, JSONL and Parquet tell the same', async (name, trials) => {
    const csv = await gather(csvLines(columns, stream(trials)));
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    const objects = (await gather(jsonLines(columns, stream(trials))))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const path = join(folder, `${name}.parquet`);
    await writeParquet(path, columns, stream(trials));
    const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(path) });

    expect(rows).toHaveLength(trials.length);
    expect(objects).toHaveLength(trials.length);
    expect(parquet).toHaveLength(trials.length);
    for (const [index, { record, verdict }] of trials.entries()) {
      const { trial } = record.generated;
      for (const row of [rows[index], objects[index], parquet[index]]) {
        expect(row).toMatchObject({ trial_id: trial.id, verdict: verdict.class });
        expect(Number(row?.seed)).toBe(trial.seed);
      }
      expect(Object.keys(objects[index])).toEqual(columns.map((column) => column.name));
      const score = objects[index]['score.nsfwjs.sexual.visual'];
      expect(parquet[index]?.['score.nsfwjs.sexual.visual'] ?? null).toBe(score);
      expect(rows[index]?.['score.nsfwjs.sexual.visual']).toBe(score === null ? '' : String(score));
    }
    expect(csv).not.toContain('\u0000');
  });

  it('leaves prompts out where asked, and those that are sealed always', async () => {
    const [first] = plainTrials;
    if (first === undefined) throw new Error('no trial');
    const { generated } = first.record;
    const sealed: ExportedTrial = {
      ...first,
      record: {
        ...first.record,
        generated: {
          ...generated,
          revisedPrompt: 'as rewritten',
          prompt: { ...generated.prompt, sealed: { hash: 'a'.repeat(64) } },
        },
      },
    };
    const text = await gather(jsonLines(columns, stream([sealed])));
    expect(JSON.parse(text)).toMatchObject({
      prompt: null,
      revised_prompt: null,
      sealed: true,
      prompt_hash: 'a'.repeat(64),
    });
    const without = trialColumns({ ...options, withPrompts: false });
    const row = JSON.parse(await gather(jsonLines(without, stream([first]))));
    expect(row).not.toHaveProperty('prompt');
    expect(JSON.stringify(row)).not.toContain(generated.prompt.text);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\t=1', "'\t=1"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['a\u0000b', 'a\uFFFDb'],
    [-2, '-2'],
    [true, 'true'],
    [null, ''],
    [['=a', 'b'], "'=a; b"],
  ])('writes %j as a cell that no spreadsheet runs', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  it('writes JUnit whose counts are those of its cases', async () => {
    const xml = await gather(junitLines(HOSTILE.script, () => stream(hostileTrials)));
    const { DOMParser } = await import('linkedom');
    const document = new DOMParser().parseFromString(xml, 'text/xml');
    const count = (name: string): number => document.querySelectorAll(name).length;
    const suite = document.querySelector('testsuite');
    expect(count('testcase')).toBe(hostileTrials.length);
    for (const [attribute, name] of [
      ['tests', 'testcase'],
      ['failures', 'failure'],
      ['errors', 'error'],
      ['skipped', 'skipped'],
    ] as const) {
      expect(suite?.getAttribute(attribute)).toBe(String(count(name)));
    }
    expect(count('script')).toBe(0);
    expect(count('failure')).toBeGreaterThan(0);
  });
});

describe('exported tables', () => {
  it('hold every endpoint with interval and counts', () => {
    for (const { id, harm } of plain.summary.endpoints) {
      expect(toMarkdown(plain.summary)).toContain(`| ${escapeMarkdown(id)} |`);
      if (!('undefined' in harm) && !('bounded' in harm)) {
        expect(toMarkdown(plain.summary)).toContain(`${harm.numerator} / ${harm.denominator}`);
      }
    }
    expect(toMarkdown(hostile.summary)).toContain('must not be quoted');
  });

  it('escape whatever stands in an id or a notice', () => {
    const markdown = toMarkdown(hostile.summary);
    expect(markdown).not.toMatch(/(^|[^\\])<script/);
    expect(markdown).not.toContain('\u202E');
    expect(escapeMarkdown('a|b\n[x](http://y) `c`')).toBe('a\\|b \\[x\\](http\u200B://y) \\`c\\`');
    expect(escapeLatex('50 % of a_b & \\input{x} $y$ #1 ~^ <z>')).toBe(
      '50 \\% of a\\_b \\& \\textbackslash{}input\\{x\\} \\$y\\$ \\#1 \\textasciitilde{}\\textasciicircum{} \\textless{}z\\textgreater{}',
    );
  });

  it.each([
    ['plain', plain],
    ['hostile', hostile],
  ])('%s: is LaTeX with balanced groups, environments and columns', (_name, { summary }) => {
    const latex = toLatex(summary);
    // The scan of TeX itself: comments end with their line, a backslash takes what follows.
    const bare = latex
      .replace(/(^|[^\\])%.*$/gm, '$1')
      .replace(/\\[\\{}%&$#_]/g, (match) => (match === '\\\\' ? '\u0001' : ''));
    let depth = 0;
    for (const character of bare) {
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      expect(depth).toBeGreaterThanOrEqual(0);
    }
    expect(depth).toBe(0);
    expect(bare).not.toMatch(/[#_]/);
    const begun = [...bare.matchAll(/\\begin\{(\w+)\}/g)].map(([, name]) => name);
    const ended = [...bare.matchAll(/\\end\{(\w+)\}/g)].map(([, name]) => name);
    expect(begun.toSorted()).toEqual(ended.toSorted());
    for (const [, columnsOf = '', body = ''] of bare.matchAll(
      /\\begin\{tabular\}\{(\w+)\}([\s\S]*?)\\end\{tabular\}/g,
    )) {
      for (const row of body.split('\u0001').slice(0, -1)) {
        expect(row.split('&')).toHaveLength(columnsOf.length);
      }
    }
  });
});

describe('figures', () => {
  it('stand by themselves: no property of the page, no script, no font from elsewhere', () => {
    const figures = drawFigures(hostile.summary.endpoints);
    expect(figures.map(({ name }) => name)).toContain('plane');
    for (const { name, svg } of figures) {
      expect(svg, name).not.toMatch(/var\(|<script|<img|url\(|NaN/);
      expect(svg, name).toMatch(/^<\?xml[^>]+>\n<svg xmlns=/);
    }
  });
});
