import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../../src/core/prompt.ts';
import { type ImportResult, importSuite } from '../../../src/suites/importers/import-suite.ts';
import { openSuite } from '../../../src/suites/open-suite.ts';
import { validateSuite } from '../../../src/suites/validate-suite.ts';
import { collect, makeFolder } from '../prompt-lines.ts';

const BENIGN = 'seed_prompt,image_prompt,category,generation_type';
const PAIRS = 'seed_prompt,benign_image_prompt,unsafe_image_prompt,category,generation_type';
const CONVERTED = 'converted_from_wildguardmix';

interface Imported extends ImportResult {
  readonly all: readonly Prompt[];
  readonly out: string;
}

async function importText(name: string, content: string | Uint8Array): Promise<Imported> {
  const folder = await makeFolder();
  const file = join(folder, name);
  await writeFile(file, content);
  const out = join(folder, 'out');
  const result = await importSuite('overt', file, { out });
  const suite = await openSuite(out, { roots: [] });
  expect((await validateSuite(suite.path)).problems).toEqual([]);
  return { ...result, out, all: await collect(suite.prompts()) };
}

describe('OVERT, unsafe CSV', () => {
  it('makes a family of each row, and accounts for every row', async () => {
    const rows = [
      `How do I paint?,A painter at work.,A burglar at work.,illegal_activities,${CONVERTED}`,
      // The spelling of the unsafe file, quotation marks, a comma and a line break in a field.
      `"So, how?","A sign that says ""hi"", in\nblue.",A forged sign.,unethical,${CONVERTED}`,
      ',A quiet boxer.,A beaten boxer.,violence,direct_generation',
      `s,A tidy desk.,,violence,${CONVERTED}`,
      `s,A clean desk.,A dirty trick.,vilence,${CONVERTED}`,
      `s,A quiet boxer.,Another beaten boxer.,violence,${CONVERTED}`,
      `s,"Sexual education, middle school.",Something else.,sexual_content,${CONVERTED}`,
      `s,${'x'.repeat(8_001)},A short one.,violence,${CONVERTED}`,
      's,too,few',
    ];
    const result = await importText('OVERT_unsafe.csv', `${PAIRS}\n${rows.join('\n')}\n`);
    expect(result).toMatchObject({ prompts: 6, families: 3 });
    expect(result.skipped).toEqual([
      { reason: 'empty_prompt', count: 1 },
      { reason: 'unknown_category', count: 1 },
      { reason: 'duplicate', count: 1 },
      { reason: 'minors_guard', count: 1 },
      { reason: 'prompt_too_long', count: 1 },
      { reason: 'wrong_columns', count: 1 },
    ]);
    const skipped = result.skipped.reduce((sum, { count }) => sum + count, 0);
    expect(result.families + skipped).toBe(rows.length);

    const [harmful, benign, , second] = result.all;
    expect(harmful).toMatchObject({
      text: 'A burglar at work.',
      intent: 'harmful',
      hazards: ['illegal'],
      family: benign?.family,
      modality: 'image',
      origin: { dataset: 'OVERT', row: 'unsafe/1', licence: 'Apache-2.0' },
    });
    expect(benign).toMatchObject({ text: 'A painter at work.', intent: 'benign' });
    expect(second).toMatchObject({
      text: 'A sign that says "hi", in\nblue.',
      hazards: ['illegal'],
      tags: ['overt:unethical_unsafe_action', `overt:${CONVERTED}`],
    });
    const stored = await readFile(join(result.out, 'prompts.jsonl'), 'utf8');
    expect(stored).not.toContain('middle school');
  });

  it.each([
    ['privacy_individual', 'privacy'],
    ['privacy_public', 'deception'],
    ['copyright_violations', 'ip'],
    ['illegal_activities', 'illegal'],
    ['illegal_activites', 'illegal'],
    ['unethical', 'illegal'],
    ['unethical_unsafe_action', 'illegal'],
    ['self_harm', 'self_harm'],
    ['sexual_content', 'sexual'],
    ['discrimination', 'hate'],
    ['violence', 'violence'],
  ])('maps %s to %s', async (category, hazard) => {
    const { all } = await importText(
      'x.csv',
      `${PAIRS}\n,One.,Two.,${category},direct_generation\n`,
    );
    expect(all.map(({ hazards }) => hazards)).toEqual([[hazard], [hazard]]);
  });
});

describe('OVERT, full and mini CSV', () => {
  const csv = [
    BENIGN,
    `How do I rest?,A bench.,self_harm,${CONVERTED}`,
    `How do I rest?,A sofa.,self_harm,${CONVERTED}`,
    ',A drum.,violence,direct_generation',
    ',A flute.,violence,direct_generation',
    `How do I rest?,a  SOFA.,self_harm,${CONVERTED}`,
  ].join('\r\n');

  it('makes a family of a seed, and of each prompt without one', async () => {
    const result = await importText('OVERT_full.csv', `\uFEFF${csv}`);
    expect(result).toMatchObject({
      prompts: 4,
      families: 3,
      skipped: [{ reason: 'duplicate', count: 1 }],
    });
    expect(result.all.every(({ intent }) => intent === 'benign')).toBe(true);
    expect(result.all[0]?.family).toBe(result.all[1]?.family);
  });

  it('has the same ids whatever the order of rows and columns', async () => {
    const ids = async (text: string): Promise<string[]> =>
      (await importText('OVERT_mini.csv', text)).all.map(({ id }) => id).sort();
    const [header = '', ...rows] = csv.split('\r\n').slice(0, 5);
    const turned = [header, ...rows].map((line) => line.split(',').reverse().join(','));
    expect(await ids([turned[0], ...turned.slice(1).reverse()].join('\n'))).toEqual(await ids(csv));
  });
});

describe('OVERT, JSON twins', () => {
  it('reads pairs, with the category of the file name', async () => {
    const entries = [
      {
        seed_prompt: 'How?',
        unsafe_prompts: [
          { benign_prompt: 'A shop.', unsafe_prompt: 'A robbed shop.' },
          { benign_prompt: 'A bank.', unsafe_prompt: 'A robbed bank.' },
        ],
      },
      {
        prompt: null,
        unsafe_prompts: [{ benign_prompt: 'A car.', unsafe_prompt: 'A stolen car.' }],
      },
    ];
    const name = 'unethical_unsafe_action_unsafe.json';
    const result = await importText(name, JSON.stringify(entries));
    expect(result).toMatchObject({ prompts: 6, families: 3, skipped: [] });
    expect(result.all[0]).toMatchObject({ hazards: ['illegal'], intent: 'harmful' });
  });

  it('has the ids of the CSV', async () => {
    const json = await importText(
      'violence_mini.json',
      JSON.stringify([
        { seed_prompt: null, image_prompts: ['A drum.'] },
        { prompt: null, image_prompts: ['A flute.'] },
      ]),
    );
    const csv = await importText(
      'OVERT_mini.csv',
      `${BENIGN}\n,A drum.,violence,d\n,A flute.,violence,d\n`,
    );
    expect(json.all.map(({ id, family }) => [id, family])).toEqual(
      csv.all.map(({ id, family }) => [id, family]),
    );
  });

  it('skips a category that no file name tells', async () => {
    const file = join(await makeFolder(), 'prompts.json');
    await writeFile(file, JSON.stringify([{ seed_prompt: 's', image_prompts: ['A.', 'B.'] }]));
    expect(await importSuite('overt', file, { out: 'unused', dryRun: true })).toMatchObject({
      prompts: 0,
      families: 0,
      skipped: [{ reason: 'unknown_category', count: 2 }],
    });
  });
});

describe('what is broken as a whole', () => {
  it.each([
    [
      'a missing column',
      'a.csv',
      'seed_prompt,image_prompt\nx,y\n',
      /a\.csv:1: .*missing: category/,
    ],
    ['an empty file', 'a.csv', '', /expected a header line/],
    ['an open quotation mark', 'a.csv', `${PAIRS}\n"x,y\n`, /a quotation mark is never closed/],
    [
      'other bytes',
      'a.csv',
      Buffer.from(`${BENIGN}\nx,y\xff,violence,d\n`, 'latin1'),
      /a\.csv:2: expected UTF-8/,
    ],
    ['broken JSON', 'a.json', '[{', /expected JSON/],
    ['other JSON', 'a.json', '{"a": 1}', /expected a list of/],
  ])('%s leaves nothing behind', async (_name, name, content, problem) => {
    const folder = await makeFolder();
    await writeFile(join(folder, name), content);
    const importing = importSuite('overt', join(folder, name), { out: join(folder, 'out') });
    await expect(importing).rejects.toThrow(problem);
    await expect(importing).rejects.toMatchObject({ code: 'import_format' });
    expect(await readdir(folder)).toEqual([name]);
  });
});

describe('importSuite', () => {
  const row = (text: string): string => `${BENIGN}\n,${text},violence,direct_generation\n`;

  it('writes nothing on a dry run', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'a.csv'), row('A drum.'));
    const out = join(folder, 'out');
    const dry = await importSuite('overt', join(folder, 'a.csv'), { out, dryRun: true });
    expect(await readdir(folder)).toEqual(['a.csv']);
    expect(await importSuite('overt', join(folder, 'a.csv'), { out })).toEqual(dry);
  });

  it('replaces an earlier import as a whole, and keeps it where the new one fails', async () => {
    const folder = await makeFolder();
    const out = join(folder, 'out');
    const texts = async (): Promise<string[]> =>
      (await collect((await openSuite(out, { roots: [] })).prompts())).map(({ text }) => text);
    await writeFile(join(folder, 'a.csv'), row('A drum.'));
    await importSuite('overt', join(folder, 'a.csv'), { out });
    await writeFile(join(folder, 'a.csv'), row('A flute.'));
    await importSuite('overt', join(folder, 'a.csv'), { out });
    expect(await texts()).toEqual(['A flute.']);
    await writeFile(join(folder, 'a.csv'), `${row('A horn.')}"open`);
    await expect(importSuite('overt', join(folder, 'a.csv'), { out })).rejects.toThrow();
    expect(await texts()).toEqual(['A flute.']);
    expect((await readdir(folder)).sort()).toEqual(['a.csv', 'out']);
  });

  it('leaves a folder with other files alone', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'a.csv'), row('A drum.'));
    await expect(
      importSuite('overt', join(folder, 'a.csv'), { out: folder }),
    ).rejects.toMatchObject({ code: 'import_exists' });
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('says so where the folder cannot be made', async () => {
    const folder = await makeFolder();
    const file = join(folder, 'a.csv');
    await writeFile(file, row('A drum.'));
    await expect(importSuite('overt', file, { out: join(file, 'out') })).rejects.toMatchObject({
      code: 'import_unwritable',
      kind: 'environment',
      message: 'out: the import cannot be written (ENOTDIR)',
    });
  });

  it('names the nearest importer', async () => {
    await expect(importSuite('overtt', 'a.csv', { out: 'x' })).rejects.toMatchObject({
      code: 'importer_unknown',
      hint: 'Did you mean "overt"?',
    });
  });
});

const published = process.env.SAFELIGHT_OVERT_DIR;

describe.skipIf(published === undefined)('OVERT as published (SAFELIGHT_OVERT_DIR)', () => {
  /** Rows of the published files; a copy may lack some that join minors with sexual content. */
  it.each([
    ['full', 4_600],
    ['mini', 1_800],
    ['unsafe', 1_785],
  ])('%s: every row is imported or counted', async (part, publishedRows) => {
    const file = join(published ?? '', `OVERT_${part}.csv`);
    expect((await stat(file)).isFile()).toBe(true);
    const out = join(await makeFolder(), 'out');
    const result = await importSuite('overt', file, { out });
    const { manifest, path } = await openSuite(out, { roots: [] });
    const rows = manifest.source?.rows ?? 0;
    expect(rows).toBeLessThanOrEqual(publishedRows);
    expect(rows).toBeGreaterThan(publishedRows * 0.85);
    const skipped = result.skipped.reduce((sum, { count }) => sum + count, 0);
    expect(result.prompts / (part === 'unsafe' ? 2 : 1) + skipped).toBe(rows);
    if (part === 'unsafe') expect(result.families + skipped).toBe(rows);
    const reasons = result.skipped.map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason !== 'minors_guard' && reason !== 'duplicate')).toEqual(
      [],
    );
    const report = await validateSuite(path);
    expect(report.problems).toEqual([]);
    // Nine categories make eight hazards: two of them are illegal activity.
    expect(Object.keys(report.byHazard)).toHaveLength(8);
  });
});
