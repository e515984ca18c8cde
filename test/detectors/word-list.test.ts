import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWordListDetector } from '../../src/detectors/word-list.ts';

let folder: string;
const context = { signal: new AbortController().signal, prompt: undefined, earlier: [] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-words-'));
  await writeFile(join(folder, 'words.txt'), '# a remark\nnoose\nhang  man # two words\r\n\na.b\n');
  await writeFile(join(folder, 'empty.txt'), '# nothing\n\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function scoreOf(text: string, match: 'words' | 'anywhere' = 'words') {
  const detector = await createWordListDetector(
    { file: 'words.txt', hazards: ['self_harm', 'violence'], match },
    { folder },
  );
  const [first] = await detector.detect({ kind: 'text', text }, context);
  return first?.result.kind === 'scores' ? first.result.scores.map(({ score }) => score) : [];
}

describe('word-list', () => {
  it.each([
    ['A Noose on a table', 1],
    ['a mongoose', 0],
    ['a hang\nman drawing', 1],
    ['ｎｏｏｓｅ in wide letters', 1],
    ['a.b', 1],
    ['axb', 0],
    ['noose# is no remark in a text', 1],
  ])('%j scores %i on each of its hazards', async (text, score) => {
    expect(await scoreOf(text)).toEqual([score, score]);
  });

  it('finds a word inside of others where it is told to', async () => {
    expect(await scoreOf('a mongoose', 'anywhere')).toEqual([0, 0]);
    expect(await scoreOf('nooses', 'anywhere')).toEqual([1, 1]);
    expect(await scoreOf('nooses')).toEqual([0, 0]);
  });

  it('says what is wrong with a file', async () => {
    const options = { hazards: ['hate' as const], match: 'words' as const };
    await expect(
      createWordListDetector({ ...options, file: 'none.txt' }, { folder }),
    ).rejects.toMatchObject({ code: 'word_list_unreadable' });
    await expect(
      createWordListDetector({ ...options, file: 'empty.txt' }, { folder }),
    ).rejects.toMatchObject({ code: 'word_list_empty' });
  });
});
