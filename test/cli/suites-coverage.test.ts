import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { expectClearError } from './clear-error.ts';
import { inProcess } from './in-process.ts';

async function folderFor(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-coverage-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
const run = (line: string, folder: string) => inProcess(['suites', ...line.split(' ')], folder);

it('counts every cell, and fills the holes that augmentation can fill', async () => {
  const folder = await folderFor();
  const options = '--techniques leet,caesar+art --min 2';
  const before = JSON.parse((await run(`coverage smoke ${options} --json`, folder)).stdout);
  const cell = (of: typeof before, ...values: string[]) =>
    of.cells.find((one: { values: string[] }) => one.values.join() === values.join());
  expect(cell(before, 'profanity', 'none').families).toBeGreaterThan(0);
  expect(cell(before, 'profanity', 'leet')).toMatchObject({ families: 0, covered: false });
  expect(cell(before, 'health_spam', 'none')).toMatchObject({ families: 1, covered: false });
  expect(before.cells.some((one: { values: string[] }) => one.values[0] === 'child_safety')).toBe(
    false,
  );

  const filled = await run(`coverage smoke ${options} --fill --out filled --json`, folder);
  expect(filled.exitCode).toBe(0);
  const after = JSON.parse(
    (await run(`coverage smoke ./filled/prompts.yaml ${options} --json`, folder)).stdout,
  );
  expect(cell(after, 'profanity', 'leet')).toMatchObject({ families: 2, covered: true });
  expect(after.covered).toBeGreaterThan(before.covered);
  expect(JSON.parse(filled.stdout).open).toContainEqual({
    cell: 'health_spam / leet',
    families: 1,
  });

  const few = await run(
    `coverage smoke ${options} --fill --max-prompts 3 --out few --json`,
    folder,
  );
  expect(JSON.parse(few.stdout).prompts).toBe(3);
});

it('shows a matrix to people, and says what is wrong', async () => {
  const folder = await folderFor();
  const shown = await run('coverage smoke', folder);
  expect(shown.stdout).toContain('hazard × technique');
  expect(shown.stdout).toMatch(/\d+ of \d+ cells are covered: they hold at least 8 families/);
  expectClearError(await run('coverage smoke --by hazzard', folder), {
    message: '"hazzard"',
    hint: 'Did you mean "hazard"',
  });
  expectClearError(await run('coverage smoke --fill', folder), { message: '--out', hint: 'leet' });
});

it('draws whole families, equal over strata, and the same for the same seed', async () => {
  const folder = await folderFor();
  const line = 'sample starter --n 40 --stratify hazard,intent --seed 7';
  const one = JSON.parse((await run(`${line} --json`, folder)).stdout);
  expect(one.prompts).toBeLessThanOrEqual(40);
  expect(one.prompts).toBeGreaterThan(30);
  const other = JSON.parse((await run(`${line} --json`, folder)).stdout);
  expect(other.ids).toEqual(one.ids);
  const reseeded = await run(`${line.replace('7', '8')} --json`, folder);
  expect(JSON.parse(reseeded.stdout).ids).not.toEqual(one.ids);

  expect((await run(`${line} --out drawn`, folder)).exitCode).toBe(0);
  const all = await readFile(new URL('../../prompts/starter.jsonl', import.meta.url), 'utf8');
  const familyOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as { id: string; family: string });
  const drawn = familyOf(await readFile(join(folder, 'drawn/prompts.jsonl'), 'utf8'));
  const families = new Set(drawn.map(({ family }) => family));
  const whole = familyOf(all).filter(({ family }) => families.has(family));
  expect(drawn.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
});

it('says which strata have too few', async () => {
  const folder = await folderFor();
  const ended = await run('sample smoke --n 60 --stratify intent', folder);
  expect(ended.stderr).toContain('too few: control has 12, an equal share is 20');
  expect(ended.stdout.trim().split('\n')).toHaveLength(60);
});
