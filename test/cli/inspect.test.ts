import { cp, open, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/version.ts';
import { CATALOGUE } from '../../src/detectors/onnx/catalogue.ts';
import { DETECTOR_ADAPTERS } from '../../src/detectors/registry.ts';
import { ENDPOINT_ADAPTERS } from '../../src/endpoints/registry.ts';
import { expectClearError, expectNothingLeaks } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { safelight } from './safelight.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();

async function askJson(...args: string[]) {
  const { exitCode, stdout, stderr } = await inProcess([...args, '--json'], folder);
  expect(stderr).toBe('');
  return { exitCode, value: JSON.parse(stdout) };
}

async function ask(...args: string[]) {
  const { exitCode, stdout, stderr } = await inProcess(args, folder);
  expect(stderr).toBe('');
  return { exitCode, stdout };
}

const adapters = await Promise.all(
  Object.entries(DETECTOR_ADAPTERS).map(async ([name, load]) => ({ name, ...(await load()) })),
);
/** Detectors that run here as they are: `classifier` has to be told its model, a service its key. */
const ready = adapters.filter(
  ({ runsHere, optionsSchema }) => runsHere && optionsSchema.safeParse({}).success,
);
const namesOf = (list: readonly { name: string }[]) => list.map(({ name }) => name);

describe('doctor', () => {
  it('finds this machine fit, or says what is missing', async () => {
    const { exitCode, value } = await askJson('doctor');
    expect(exitCode).toBe(0);
    const names = namesOf(value);
    expect(names).toEqual(['Node', 'ffmpeg', ...namesOf(ready), 'reports folder']);
    expect((await ask('doctor')).stdout.trimEnd().split('\n')).toHaveLength(names.length);
  });

  it('names an ffmpeg that does not run, and ends with 1', async () => {
    const env = { ...process.env, SAFELIGHT_FFMPEG: join(folder, 'no-ffmpeg') };
    const { exitCode, stdout } = await inProcess(['doctor', '--json'], folder, env);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toContainEqual({
      name: 'ffmpeg',
      state: 'failed',
      detail: expect.stringContaining('SAFELIGHT_FFMPEG'),
    });
  });
});

describe('models', () => {
  it('lists every detector with licence and claims', async () => {
    const { exitCode, value } = await askJson('models', 'list');
    expect(exitCode).toBe(0);
    const listed = adapters.filter((adapter) => !adapter.runsHere || ready.includes(adapter));
    expect(namesOf(value.detectors)).toEqual(namesOf(listed));
    expect(namesOf(value.models)).toEqual(namesOf(CATALOGUE));
    for (const { licence, get } of value.models) expect([licence, get]).not.toContain('');
    for (const { description, service, absent } of value.detectors) {
      if (description !== null) expect(description.licence).not.toBe('');
      else expect(service ?? absent).toMatch(/docs\/|models pull/);
    }
    const { stdout } = await ask('models', 'list');
    expect(stdout).toContain('sexual/visual');
    expect(stdout).toContain('test double');
    expect(stdout).toContain('models pull nudenet --accept-licence');
    expect(stdout).toContain('optimum-cli export onnx');
  });

  it('verifies the weights by their hash', async () => {
    const { exitCode, stdout } = await ask('models', 'verify');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ok {6}nsfwjs {2}[0-9a-f]{64}$/m);
    const { value } = await askJson('models', 'verify');
    for (const { problem } of [...value.detectors, ...value.models]) expect(problem).toBeNull();
    for (const size of ['mobilenet-v2', 'mobilenet-v2-mid', 'inception-v3']) {
      expect(namesOf(value.models)).toContain(`nsfwjs ${size}`);
    }
  });
});

describe('a copy whose weights were damaged', () => {
  it('fails its verification and its doctor, and does not score', async () => {
    const copy = join(folder, 'copy');
    for (const part of ['dist', 'pipelines', 'package.json']) {
      await cp(join(packageRoot(), part), join(copy, part), { recursive: true });
    }
    await symlink(join(packageRoot(), 'node_modules'), join(copy, 'node_modules'));
    const models = join(copy, 'dist', 'models');
    const weights = (await readdir(models)).find((file) => file.endsWith('v2-mid.onnx')) ?? '';
    const file = await open(join(models, weights), 'r+');
    await file.write('!', 100_000);
    await file.close();

    const options = { cwd: folder, root: copy };
    const verified = await safelight(['models', 'verify'], options);
    expectNothingLeaks(verified);
    expect(verified.exitCode).toBe(1);
    expect(verified.stdout).toMatch(/^failed {2}nsfwjs {2}\S/m);
    expect(verified.stdout).toMatch(/^ok {6}pixel-screen$/m);
    expect((await safelight(['doctor'], options)).exitCode).toBe(1);
    await writeFile(join(folder, 'a.png'), '');
    expectClearError(await safelight(['score', 'a.png'], options), {
      message: /nsfwjs/,
      hint: /\w/,
    });
  }, 120_000);
});

describe('endpoints', () => {
  it('lists every adapter', async () => {
    const { exitCode, value } = await askJson('endpoints', 'list');
    expect(exitCode).toBe(0);
    expect(value.map(({ name }: { name: string }) => name)).toEqual(Object.keys(ENDPOINT_ADAPTERS));
    expect((await ask('endpoints', 'list')).stdout).toContain('not a diffusion model');
  });

  it('describes the options of each', async () => {
    for (const name of Object.keys(ENDPOINT_ADAPTERS)) {
      const { value } = await askJson('endpoints', 'describe', name);
      expect(value.use).toBe(name);
      expect(Object.keys(value.options.properties).length).toBeGreaterThan(3);
    }
    expect((await ask('endpoints', 'describe', 'sandbox')).stdout).toContain('persona (required)');
  });

  it('describes those of a pipeline', async () => {
    await writeFile(
      join(folder, 'p.yaml'),
      'name: p\nsuites: [controls]\nendpoints:\n  - { id: one, use: sandbox, persona: strict }\n',
    );
    const { exitCode, value } = await askJson('endpoints', 'describe', 'p.yaml');
    expect(exitCode).toBe(0);
    expect(value).toMatchObject([
      { id: 'one', kind: 'sandbox', modality: 'image', safetySettings: { persona: 'strict' } },
    ]);
  });
});

describe('suites', () => {
  const prompt = {
    id: 'one',
    text: 'A lake.',
    intent: 'control',
    hazards: [],
    carrier: 'visual',
    family: 'f',
    modality: 'any',
    reason: 'A plain scene.',
    language: 'en',
    origin: { dataset: 'test', licence: 'MIT' },
  };

  it('lists and shows what ships, prompts only on demand', async () => {
    const { value } = await askJson('suites', 'list');
    const ids = value.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining(['controls', 'starter', 'text-in-picture']));
    const { value: shown } = await askJson('suites', 'show', 'controls');
    expect(shown).toMatchObject({ manifest: { id: 'controls' }, byIntent: { harmful: 0 } });
    const { stdout } = await ask('suites', 'show', 'controls');
    const { stdout: withPrompts } = await ask('suites', 'show', 'controls', '--prompts');
    expect(withPrompts.trimEnd().split('\n')).toHaveLength(shown.prompts);
    const first = withPrompts.split('\n')[0]?.split('\t').at(-1) ?? '';
    expect(first.length).toBeGreaterThan(5);
    expect(stdout).not.toContain(first);
  });

  it('validates what ships', async () => {
    const { exitCode, stdout } = await ask('suites', 'validate', 'starter', 'controls');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^starter: \d+ prompts in \d+ families, ok$/m);
  });

  it('finds every problem of a file by line, and ends with 1', async () => {
    const lines = [prompt, { ...prompt, intent: 'evil' }, { ...prompt }, 'not a prompt'];
    await writeFile(
      join(folder, 'mine.jsonl'),
      lines.map((line) => JSON.stringify(line)).join('\n'),
    );
    const ended = await inProcess(['suites', 'validate', './mine.jsonl'], folder);
    expect(ended.exitCode).toBe(1);
    for (const line of [2, 3, 4]) expect(ended.stderr).toContain(`mine.jsonl:${line}: `);
    expect(ended.stdout).toMatch(/^\.\/mine\.jsonl: .* problems$/m);
  });

  it('imports with a count of what was read and skipped; a dry run writes nothing', async () => {
    const rows = [
      's,A painter at work.,A burglar at work.,illegal_activities,converted_from_wildguardmix',
      's,,A tidy thief.,illegal_activities,converted_from_wildguardmix',
      's,too,few',
    ];
    const header = 'seed_prompt,benign_image_prompt,unsafe_image_prompt,category,generation_type';
    await writeFile(join(folder, 'OVERT_unsafe.csv'), [header, ...rows, ''].join('\n'));
    const args = ['suites', 'import', 'overt', 'OVERT_unsafe.csv', '--out', 'imported'];
    const expected = {
      prompts: 2,
      families: 1,
      skipped: [
        { reason: 'empty_prompt', count: 1 },
        { reason: 'wrong_columns', count: 1 },
      ],
    };
    const dry = await askJson(...args, '--dry-run');
    expect(dry.exitCode).toBe(0);
    expect(dry.value).toMatchObject(expected);
    expect(await readdir(folder)).not.toContain('imported');
    expect((await ask(...args, '--dry-run')).stdout).toContain('Nothing was written');

    expect((await askJson(...args)).value).toMatchObject(expected);
    expect((await ask('suites', 'validate', './imported')).exitCode).toBe(0);
  });

  it('says what is wrong with a file that cannot be imported', async () => {
    expectClearError(await inProcess(['suites', 'import', 'overt', 'none.csv'], folder), {
      message: 'none.csv',
      hint: 'Check the path',
    });
    await writeFile(join(folder, 'other.csv'), 'prompt,category\nA lake.,none\n');
    expectClearError(
      await inProcess(['suites', 'import', 'overt', 'other.csv', '--dry-run'], folder),
      { message: 'other.csv', hint: /\w/ },
    );
  });
});
