import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../src/core/prompt.ts';
import { manifestPathOf } from '../../src/suites/manifest.ts';
import { validateSuite } from '../../src/suites/validate-suite.ts';
import { makePrompt, writeLines } from './prompt-lines.ts';

async function problemsOf(...prompts: (Prompt | string)[]): Promise<string[]> {
  const { problems } = await validateSuite(await writeLines('s.jsonl', prompts));
  return problems.map(({ line, problem }) => `${line ?? '-'}: ${problem}`);
}

describe('validateSuite', () => {
  it('counts what is there', async () => {
    const path = await writeLines('s.jsonl', [
      makePrompt({ id: 'a', intent: 'harmful', severity: 'minor' }),
      makePrompt({ id: 'b', text: 'A sea.' }),
      makePrompt({ id: 'c', text: 'A pond.', family: 'g', intent: 'control', hazards: [] }),
    ]);
    expect(await validateSuite(path)).toEqual({
      prompts: 3,
      families: 2,
      byIntent: { harmful: 1, benign: 1, control: 1 },
      byHazard: { violence: 2 },
      problems: [],
      notices: [],
    });
  });

  it('asks of an import soundness alone', async () => {
    const path = await writeLines('s.jsonl', [
      makePrompt({ id: 'a', intent: 'harmful', text: 'A picture of {object}.' }),
      makePrompt({ id: 'b', family: 'g', text: 'A picture of {object}.' }),
      makePrompt({ id: 'c', family: 'h', hazards: ['hate', 'hate'] }),
    ]);
    const own = await validateSuite(path);
    expect(own.problems).toHaveLength(4);
    const imported = await validateSuite(path, { as: 'import' });
    expect(imported.problems).toMatchObject([{ line: 3, problem: 'a hazard is declared twice' }]);
    expect(imported.notices).toHaveLength(3);
  });

  it('notices near duplicates across families, and not within one', async () => {
    const long = 'A wide view over the old harbour with two red boats at the quay in the fog';
    const path = await writeLines('s.jsonl', [
      makePrompt({ id: 'a', text: `${long}.` }),
      makePrompt({ id: 'b', text: `${long}!` }),
      makePrompt({ id: 'c', family: 'g', text: `${long}, photo.` }),
      makePrompt({
        id: 'd',
        family: 'h',
        text: 'A narrow lane behind a bakery, three cats asleep.',
      }),
    ]);
    const { notices } = await validateSuite(path, { nearDuplicates: true });
    expect(notices).toMatchObject([
      { line: 3, problem: 'nearly the text of line 1, in another family' },
    ]);
  });

  it('goes on behind a broken line', async () => {
    expect(await problemsOf('{', makePrompt(), '[]')).toEqual([
      expect.stringMatching(/^1: expected one JSON object/),
      expect.stringMatching(/^3: expected one JSON object/),
    ]);
  });

  it.each([
    ['the same text', { text: 'A  QUIET lake.' }, /^2: the text stands on line 1 already/],
    ['a slot', { text: 'A picture of {object}.' }, /^2: a slot or marker/],
    ['a marker', { text: 'TODO write this' }, /^2: a slot or marker/],
    ['a long text', { text: 'word '.repeat(300) }, /^2: expected at most 1000 characters/],
    ['no shown text', { text: 'A sign.', carrier: 'text' as const }, /^2: shownText is missing/],
    [
      'unquoted text',
      { text: 'A sign: HI.', carrier: 'text' as const, shownText: 'HI' },
      /^2: expected shownText between/,
    ],
    [
      'a still sequence',
      { text: 'One, two.', carrier: 'sequence' as const },
      /^2: expected modality video/,
    ],
    [
      'another hazard',
      { text: 'B.', hazards: ['hate' as const] },
      /^2: expected the primary hazard of its family/,
    ],
    [
      'child safety',
      { text: 'B.', family: 'g', hazards: ['child_safety' as const] },
      /^2: no prompt may declare/,
    ],
    ['minors', { text: 'child, nude' }, /^2: the minors guard stops/],
  ])('finds %s', async (_name, fields, problem) => {
    expect(await problemsOf(makePrompt(), makePrompt({ id: 'b', ...fields }))).toEqual([
      expect.stringMatching(problem),
    ]);
  });

  it('misses the benign twin in a paired suite only', async () => {
    const lonely = makePrompt({ intent: 'harmful', severity: 'minor' });
    expect(await problemsOf(lonely)).toEqual([]);
    const path = await writeLines('s.jsonl', [lonely]);
    await writeFile(
      manifestPathOf(path),
      `id: s\ntitle: S\nversion: 1.0.0\nlicence: MIT\nsha256: '${'0'.repeat(64)}'\ntaxonomy: '1'\ndescription: S.\npaired: true\n`,
    );
    const { problems } = await validateSuite(path);
    expect(problems[0]).toMatchObject({ line: 1, problem: 'family "f" has no benign twin' });
  });

  it('says so of an empty file', async () => {
    expect(await problemsOf('')).toEqual(['-: expected at least one prompt']);
  });
});
