import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawScene, toSharp } from '../media/made-media.ts';
import { expectClearError, expectNothingLeaks, PROMPT_MARK } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { journalEvents, makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();

beforeAll(async () => {
  for (const [seed, name] of ['one/a.png', 'two/a.png', 'two/b.png'].entries()) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await toSharp(drawScene(48, 32, seed + 1))
      .png()
      .toFile(join(folder, name));
  }
});

let runs = 0;
async function score(name: string, text: string, ...more: string[]) {
  await writeFile(join(folder, name), text);
  runs += 1;
  const out = join('runs', String(runs));
  const args = ['score', name, '--out', out, '--detectors', 'pixel-screen', ...more];
  return { ended: await inProcess(args, folder), run: join(folder, out) };
}

const csv = (...lines: string[]): string => `${lines.join('\n')}\n`;
const jsonl = (...rows: unknown[]): string => csv(...rows.map((row) => JSON.stringify(row)));

const HARMFUL = {
  path: 'one/a.png',
  prompt: PROMPT_MARK,
  intent: 'harmful',
  hazards: ['violence'],
};
const BENIGN = { ...HARMFUL, path: 'two/a.png', intent: 'benign' };

describe('a manifest that cannot be read', () => {
  it.each([
    {
      what: 'an unknown column',
      name: 'm.csv',
      text: csv('path,promt', `one/a.png,${PROMPT_MARK}`),
      message: 'm.csv:1: unknown column "promt"',
      hint: 'Did you mean "prompt"?',
    },
    {
      what: 'no column of paths',
      name: 'm.csv',
      text: csv('prompt,intent', `${PROMPT_MARK},benign`),
      message: 'm.csv:1: the column "path" is missing',
      hint: 'names its media in "path"',
    },
    {
      what: 'a column twice',
      name: 'm.csv',
      text: csv('path,prompt,path', `one/a.png,${PROMPT_MARK},two/a.png`),
      message: 'm.csv:1: the column "path" stands there twice',
      hint: 'names its media in "path"',
    },
    {
      what: 'a bad intent',
      name: 'm.csv',
      text: csv('path,prompt,intent', 'one/a.png,,', `two/a.png,${PROMPT_MARK},benin`),
      message: 'm.csv:3: intent: ',
      hint: 'Did you mean "benign"?',
    },
    {
      what: 'a bad hazard',
      name: 'm.csv',
      text: csv('path,prompt,intent,hazards', `one/a.png,${PROMPT_MARK},harmful,violense`),
      message: 'm.csv:2: hazards[0]: ',
      hint: 'Did you mean "violence"?',
    },
    {
      what: 'a row without a path',
      name: 'm.csv',
      text: csv('path,prompt,intent', `,${PROMPT_MARK},benign`),
      message: 'm.csv:2: path: ',
      hint: 'relative to the manifest',
    },
    {
      what: 'a harmful prompt without a hazard',
      name: 'm.csv',
      text: csv('path,prompt,intent', `one/a.png,${PROMPT_MARK},harmful`),
      message: 'm.csv:2: hazards: the primary hazard is missing',
      hint: 'names its media in "path"',
    },
    {
      what: 'an intent without a prompt',
      name: 'm.csv',
      text: csv('path,prompt,intent', 'one/a.png,,benign'),
      message: 'm.csv:2: prompt: missing although intent is given',
      hint: 'names its media in "path"',
    },
    {
      what: 'a row with too many cells',
      name: 'm.csv',
      text: csv('path,prompt', 'one/a.png,x', `two/a.png,${PROMPT_MARK}, and more`),
      message: 'm.csv:3: ',
      hint: 'names its media in "path"',
    },
    {
      what: 'a quote that is never closed',
      name: 'm.csv',
      text: csv('path,prompt', `one/a.png,"${PROMPT_MARK}`, 'two/a.png,x'),
      message: /m\.csv:\d: .*quote/i,
      hint: 'names its media in "path"',
    },
    {
      what: 'a quote inside a cell',
      name: 'm.csv',
      text: csv('path,prompt', `one/a.png,"${PROMPT_MARK}" and more`),
      message: /m\.csv:2: .*quote/i,
      hint: 'names its media in "path"',
    },
    {
      what: 'nothing',
      name: 'm.csv',
      text: '',
      message: 'm.csv: the manifest holds no row',
      hint: 'names its media in "path"',
    },
    {
      what: 'broken JSON',
      name: 'm.jsonl',
      text: `${jsonl(BENIGN)}{"path": "one/a.png", "prompt": "${PROMPT_MARK}"\n`,
      message: 'm.jsonl:2: not JSON',
      hint: 'names its media in "path"',
    },
    {
      what: 'an unknown key',
      name: 'm.jsonl',
      text: jsonl({ ...BENIGN, hazard: 'violence' }),
      message: 'm.jsonl:1: unknown key "hazard"',
      hint: 'Did you mean "hazards"?',
    },
    {
      what: 'hazards that are no list',
      name: 'm.jsonl',
      text: jsonl(BENIGN, { ...BENIGN, hazards: 'violence' }),
      message: 'm.jsonl:2: hazards: ',
      hint: 'a list in JSONL',
    },
    {
      what: 'no object',
      name: 'm.jsonl',
      text: jsonl([1]),
      message: 'm.jsonl:1: Invalid input: expected object',
      hint: 'Its keys are: path,',
    },
    {
      what: 'the same trial twice',
      name: 'm.jsonl',
      text: jsonl(BENIGN, BENIGN),
      message: 'm.jsonl:2: says the same as line 1',
      hint: 'names its media in "path"',
    },
  ])('$what: file, line, what was expected, and no prompt', async (wrong) => {
    const { ended, run } = await score(wrong.name, wrong.text);
    expectClearError(ended, wrong);
    await expect(readSummary(run)).rejects.toThrow('ENOENT');
  });
});

describe('a manifest with prompts', () => {
  const expectRates = async (run: string): Promise<void> => {
    const { endpoints, media } = await readSummary(run);
    expect(media).toBeUndefined();
    expect(endpoints).toMatchObject([{ id: 'files', trials: 2 }]);
    // Nothing that ran claims violence: that is not covered, and never harmless.
    expect(endpoints[0].harm).toMatchObject({ undefined: true });
    expect(endpoints[0].notCovered).toMatchObject([{ hazard: 'violence', carrier: 'visual' }]);
  };

  it('in JSONL, with a byte order mark', async () => {
    const { ended, run } = await score('rates.jsonl', `\uFEFF${jsonl(HARMFUL, BENIGN)}`);
    expectNothingLeaks(ended);
    await expectRates(run);
  });

  it('in CSV, with a byte order mark, quotes, CRLF and an empty line', async () => {
    const text = [
      '\uFEFFpath,prompt,intent,hazards',
      `one/a.png,"${PROMPT_MARK}, ""quoted"",\r\nover two lines",harmful,violence; shocking`,
      '',
      `two/a.png,${PROMPT_MARK},benign,violence`,
      '',
    ].join('\r\n');
    const { ended, run } = await score('rates.csv', text);
    expectNothingLeaks(ended);
    await expectRates(run);
    const prompts = (await journalEvents(run, 'generated')).map(({ prompt }) => prompt);
    const first = prompts.find(({ intent }) => intent === 'harmful');
    expect(first.text).toBe(`${PROMPT_MARK}, "quoted",\r\nover two lines`);
    expect(first.hazards).toEqual(['violence', 'shocking']);
  });

  it('parts the systems that made the media', async () => {
    const rows = [
      { ...HARMFUL, endpoint: 'left' },
      { ...HARMFUL, endpoint: 'right' },
    ];
    const { run } = await score('systems.jsonl', jsonl(...rows));
    const { endpoints } = await readSummary(run);
    expect(endpoints.map(({ id }: { id: string }) => id)).toEqual(['left', 'right']);
  });

  it('counts every medium of a prompt, and holds them for one family', async () => {
    const paths = ['one/a.png', 'two/a.png', 'two/b.png'];
    for (const id of [{}, { id: 'p' }]) {
      const rows = paths.map((path) => ({ ...HARMFUL, ...id, path }));
      const { run } = await score('several.jsonl', jsonl(...rows));
      expect((await readSummary(run)).endpoints).toMatchObject([{ trials: 3 }]);
      const prompts = (await journalEvents(run, 'generated')).map(({ prompt }) => prompt);
      expect(new Set(prompts.map(({ family }) => family)).size).toBe(1);
    }
  });

  it('counts media that is not there as failed', async () => {
    const { ended, run } = await score('gone.jsonl', jsonl(HARMFUL, { ...BENIGN, path: 'no.png' }));
    expect(ended.exitCode).toBe(3);
    const outcomes = (await journalEvents(run, 'generated')).map(({ outcome }) => outcome);
    expect(outcomes).toContainEqual({
      kind: 'failed',
      cause: 'media_rejected',
      detail: 'there is no such file',
    });
    expect((await readSummary(run)).endpoints).toMatchObject([{ verdicts: { failed: 1 } }]);
  });
});

describe('media without prompts', () => {
  it('fills `media` and no harm rate', async () => {
    const { ended, run } = await score('bare.csv', csv('path', 'one/a.png', 'two/b.png'));
    expect(ended.exitCode).toBe(0);
    const { endpoints, media } = await readSummary(run);
    expect(media.items).toBe(2);
    expect(endpoints[0].harm).toEqual({
      undefined: true,
      reason: 'media without prompts have no intent',
    });
  });

  it('follows a link to a file, and not a link to a folder', async () => {
    await mkdir(join(folder, 'links'));
    await symlink('../one/a.png', join(folder, 'links', 'a.png'));
    await symlink('..', join(folder, 'links', 'up'));
    const args = ['score', 'links', '--out', 'runs/links', '--detectors', 'pixel-screen'];
    expect((await inProcess(args, folder)).exitCode).toBe(0);
    expect((await readSummary(join(folder, 'runs', 'links'))).media.items).toBe(1);
  });

  it('looks at two files of one name in two folders, and once at one that is named twice', async () => {
    const args = ['score', 'one', 'two', './one/a.png', '--out', 'runs/names'];
    const ended = await inProcess([...args, '--detectors', 'pixel-screen'], folder);
    expect(ended.exitCode).toBe(0);
    const run = join(folder, 'runs', 'names');
    const names = (await journalEvents(run, 'generated')).map(({ prompt }) => prompt.text);
    expect(names.sort()).toEqual(['one/a.png', 'two/a.png', 'two/b.png']);
    expect((await readSummary(run)).media.items).toBe(3);
  });
});
