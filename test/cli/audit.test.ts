import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectClearError } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();

const pipeline = (filters: string, more = ''): string => `
name: audited
prompts: [text-in-picture]
filters: ${filters}
${more}
`;

describe('audit', () => {
  it('measures filters on a suite, and goes on without asking again', async () => {
    await writeFile(
      join(folder, 'audit.yaml'),
      pipeline('[{ id: rules, use: toxicity, threshold: 0.7 }]'),
    );
    const out = join(folder, 'audits/one');
    const ended = await inProcess(['audit', 'audit.yaml', '--out', out, '--json'], folder);
    expect(ended.stderr).not.toMatch(/error/i);
    const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
    expect(JSON.stringify(summary)).toContain('"rules"');
    expect(JSON.stringify(summary)).not.toContain('null,null,null');
    const page = await readFile(join(out, 'index.html'), 'utf8');
    expect(page).toContain('audit of filters');
    const journal = await readFile(join(out, 'journal.jsonl'), 'utf8');
    const again = await inProcess(
      ['audit', 'audit.yaml', '--out', out, '--resume', '--json'],
      folder,
    );
    expect(again.exitCode).toBe(ended.exitCode);
    const asked = (text: string): number =>
      text.split('\n').filter((line) => line.includes('"observed"')).length;
    expect(asked(await readFile(join(out, 'journal.jsonl'), 'utf8'))).toBe(asked(journal));
  }, 120_000);

  it.each([
    ['[{ id: rules, use: toxcity }]', /toxcity/],
    ['[]', /filters/],
    ['[{ id: a, use: toxicity, threshold: 7 }]', /threshold/],
  ])('says what is wrong with %s', async (filters, message) => {
    await writeFile(join(folder, 'wrong.yaml'), pipeline(filters));
    const ended = await inProcess(['audit', 'wrong.yaml', '--out', join(folder, 'wrong')], folder);
    expectClearError(ended, { message, hint: /\w/ });
  });
});
