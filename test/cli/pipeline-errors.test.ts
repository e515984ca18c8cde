import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectClearError, PROMPT_MARK } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { safelight } from './safelight.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();

const HEAD = 'name: p\nsuites: [controls]\n';
const ENDPOINT = '  - { id: a, use: sandbox, persona: open, width: 64, height: 64 }\n';
const PIPELINE = `${HEAD}endpoints:\n${ENDPOINT}detectors: [pixel-screen]\n`;

async function runYaml(yaml: string, ...more: string[]) {
  await writeFile(join(folder, 'p.yaml'), yaml);
  return inProcess(['run', 'p.yaml', '--out', 'runs/never', ...more], folder);
}

describe('a pipeline that cannot be run', () => {
  it.each([
    {
      what: 'bad indentation',
      yaml: `${HEAD}endpoints:\n  - id: a\n     use: sandbox\n`,
      message: 'p.yaml:4: ',
      hint: 'indentation',
    },
    {
      what: 'a tab as indentation',
      yaml: `${HEAD}endpoints:\n\t- id: a\n`,
      message: /p\.yaml:[34]: .*tab/i,
      hint: 'indentation',
    },
    {
      what: 'a key twice',
      yaml: `name: q\n${PIPELINE}`,
      message: 'p.yaml:2: Map keys must be unique',
      hint: 'Check',
    },
    {
      what: 'an alias without its anchor',
      yaml: PIPELINE.replace('name: p', 'name: *p'),
      message: 'p.yaml: Unresolved alias',
      hint: 'in quotes',
    },
    {
      what: 'aliases that multiply',
      yaml: `a: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefg'
        .split('')
        .map((key, index) => {
          const before = 'abcdef'[index];
          return `${key}: &${key} [${Array(9).fill(`*${before}`).join(',')}]\n`;
        })
        .join('')}`,
      message: 'p.yaml: Excessive alias count',
      hint: 'aliases',
    },
    { what: 'nothing', yaml: '', message: 'p.yaml: ', hint: 'Its keys are: name,' },
    {
      what: 'an unknown key',
      yaml: `${PIPELINE}detector: [nsfwjs]\n`,
      message: 'p.yaml:6: unknown key "detector"',
      hint: 'Did you mean "detectors"?',
    },
    {
      what: 'an unknown key further in',
      yaml: `${PIPELINE}video: { frame: 3 }\n`,
      message: 'p.yaml:6: unknown key "frame" in video',
      hint: 'Did you mean "frames"?',
    },
    {
      what: 'a value of the wrong type',
      yaml: PIPELINE.replace('[controls]', 'controls'),
      message: 'p.yaml:2: suites: Invalid input: expected array, received string',
      hint: 'Ids of shipped suites',
    },
    {
      what: 'a key that is missing',
      yaml: PIPELINE.replace('id: a, ', ''),
      message: 'p.yaml:4: endpoints[0].id: Invalid input: expected string',
      hint: 'Name in tables and reports.',
    },
    {
      what: 'two endpoints of one id',
      yaml: `${HEAD}endpoints:\n${ENDPOINT}${ENDPOINT}`,
      message: 'p.yaml:5: endpoints[1].id: another endpoint is called "a" already',
      hint: 'Name in tables and reports.',
    },
    {
      what: 'an unknown endpoint adapter',
      yaml: PIPELINE.replace('use: sandbox', 'use: sandbx'),
      message: 'p.yaml:4: endpoints[0] (a): there is no endpoint adapter "sandbx"',
      hint: 'Did you mean "sandbox"?',
    },
    {
      what: 'an unknown persona',
      yaml: PIPELINE.replace('open', 'balancd'),
      message: 'p.yaml:4: endpoints[0] (a): persona: Invalid option',
      hint: 'Did you mean "balanced"?',
    },
    {
      what: 'an unknown option of an endpoint',
      yaml: PIPELINE.replace('width', 'wdth'),
      message: 'p.yaml:4: endpoints[0] (a): unknown key "wdth"',
      hint: 'Did you mean "width"?',
    },
    {
      what: 'a misspelt key of any endpoint',
      yaml: PIPELINE.replace('width: ', 'concurency: '),
      message: 'p.yaml:4: endpoints[0] (a): unknown key "concurency"',
      hint: 'Did you mean "concurrency"?',
    },
    {
      what: 'an unknown detector',
      yaml: PIPELINE.replace('pixel-screen', 'pixelscreen'),
      message: 'p.yaml:5: detectors[0] (pixelscreen): there is no detector "pixelscreen"',
      hint: 'Did you mean "pixel-screen"?',
    },
    {
      what: 'a detector with an option that it has not',
      yaml: PIPELINE.replace('[pixel-screen]', '[{ use: nsfwjs, worker: 1 }]'),
      message: 'p.yaml:5: detectors[0] (nsfwjs): unknown key "worker"',
      hint: 'Did you mean "workers"?',
    },
    {
      what: 'an unknown suite',
      yaml: PIPELINE.replace('controls', 'control'),
      message: 'no suite "control"',
      hint: 'Did you mean "controls"?',
    },
    {
      what: 'a suite file that is not there',
      yaml: PIPELINE.replace('controls', './mine.jsonl'),
      message: 'mine.jsonl',
      hint: 'Check the path',
    },
    {
      what: 'an unknown policy',
      yaml: `${PIPELINE}policy: defualt\n`,
      message: 'there is no policy "defualt"',
      hint: 'Did you mean "default"?',
    },
    {
      what: 'a policy file that is not there',
      yaml: `${PIPELINE}policy: ./strict.yaml\n`,
      message: 'there is no policy at ./strict.yaml',
      hint: 'Name a shipped policy',
    },
  ])('$what: says where it is and what to do', async ({ yaml, message, hint }) => {
    expectClearError(await runYaml(yaml), {
      message: typeof message === 'string' ? new RegExp(literal(message)) : message,
      hint: new RegExp(literal(hint)),
    });
  });

  it.each([
    ['seeds', '--set seeds: expected key=value', 'Such as'],
    ['seeds=[', '--set seeds: the value is not YAML', 'quotes'],
    ['name.first=x', '--set name.first: the pipeline has a plain value', 'as a whole'],
    ['nam=x', 'unknown key "nam"', 'Did you mean "name"?'],
  ])('--set %s', async (override, message, hint) => {
    expectClearError(await runYaml(PIPELINE, '--set', override), { message, hint });
  });

  it('is not there', async () => {
    expectClearError(await safelight(['run', 'none.yaml'], { cwd: folder }), {
      message: 'cannot read the pipeline none.yaml',
      hint: 'pipelines/demo.yaml is an example',
    });
  });

  it('is a folder', async () => {
    expectClearError(await inProcess(['run', '.'], folder), {
      message: 'cannot read the pipeline .',
      hint: 'Name a YAML file',
    });
  });

  it('says the same as JSON for a machine', async () => {
    const ended = await runYaml(`${PIPELINE}detector: [nsfwjs]\n`, '--json');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toBe('');
    expect(JSON.parse(ended.stdout)).toEqual({
      error: {
        code: 'yaml_unexpected',
        message: 'p.yaml:6: unknown key "detector"',
        hint: 'Did you mean "detectors"?',
      },
    });
  });
});

describe('a suite that cannot be read', () => {
  const good = {
    id: 'one',
    text: `A lake near ${PROMPT_MARK}.`,
    intent: 'control',
    hazards: [],
    carrier: 'visual',
    family: 'f',
    modality: 'any',
    reason: 'A plain scene.',
    language: 'en',
    origin: { dataset: 'test', licence: 'MIT' },
  };

  it.each([
    ['broken JSON', `{"id": "two", "text": "${PROMPT_MARK}" "intent": "control"}`, 'broken JSON'],
    ['an unknown key', JSON.stringify({ ...good, id: 'two', hazrds: [] }), '"hazrds"'],
    ['an unknown intent', JSON.stringify({ ...good, id: 'two', intent: 'evil' }), 'intent'],
    ['no hazard', JSON.stringify({ ...good, id: 'two', intent: 'harmful' }), 'hazards'],
    ['the same id again', JSON.stringify(good), '"one"'],
    ['a list', '[1, 2]', 'object'],
  ])('%s: names file and line, and no prompt', async (_what, line, problem) => {
    await writeFile(join(folder, 'mine.jsonl'), `${JSON.stringify(good)}\n${line}\n`);
    const ended = await runYaml(PIPELINE.replace('controls', './mine.jsonl'));
    expectClearError(ended, { message: new RegExp(`mine\\.jsonl:2: .*${problem}`), hint: /\w/ });
  });

  it('prompts of one id in two suites', async () => {
    await writeFile(join(folder, 'mine.jsonl'), `${JSON.stringify(good)}\n`);
    await writeFile(join(folder, 'yours.jsonl'), `${JSON.stringify(good)}\n`);
    const ended = await runYaml(PIPELINE.replace('controls', './mine.jsonl, ./yours.jsonl'));
    expectClearError(ended, { message: 'two suites hold a prompt "one"', hint: 'Rename it' });
  });
});

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
