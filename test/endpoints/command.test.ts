import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SafelightError } from '../../src/core/errors.ts';
import { evidenceSchema, PROMPT_PLACEHOLDER } from '../../src/core/evidence.ts';
import { createCommandEndpoint } from '../../src/endpoints/command.ts';
import { commandOptionsSchema } from '../../src/endpoints/command-options.ts';
import type { Endpoint, Generation } from '../../src/endpoints/endpoint.ts';
import { ENDPOINT_ADAPTERS } from '../../src/endpoints/registry.ts';
import { PNG } from './fault-server.ts';
import { createContext, environment, request } from './memory-context.ts';

const SECRET = 'a-secret-that-must-not-be-recorded';

/** Plays a generator: a mode, the prompt, the seed, where to write, how many. */
const PROGRAM = `
import { spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const [mode, prompt, seed, output, count, extra] = process.argv.slice(2);
const png = Buffer.from('${PNG.toString('base64')}', 'base64');
const folder = dirname(output);
const write = (index) => writeFileSync(join(folder, index + '.png'), Buffer.concat([png, Buffer.from(seed + '#' + index)]));
const report = (fields) => console.log(JSON.stringify({ safelight: 1, ...fields }));
const input = async () => { let text = ''; for await (const part of process.stdin) text += part; return text; };
switch (mode) {
  case 'picture': write(0); break;
  case 'several': for (let i = 0; i < Number(count); i += 1) write(i); break;
  case 'fewer': for (let i = 0; i < Number(count) - 1; i += 1) write(i); break;
  case 'refuse': write(0); console.log('loading...'); report({ refused: { stage: 'output_filter', signal: 'nsfw for ' + prompt } }); break;
  case 'fail': report({ failed: { cause: 'cold', signal: 'weights are loading' } }); process.exit(1);
  case 'malformed': write(0); report({ refused: 'yes' }); break;
  case 'last-report': write(0); report({ refused: { signal: 'first' } }); report({ revision: 'v2', safetySettings: { checker: true }, costUsd: 0.5, revisedPrompt: prompt.toUpperCase() }); break;
  case 'chatty': write(0); for (let i = 0; i < 3000; i += 1) process.stdout.write('x'.repeat(100)); console.log(); report({ revision: 'v3' }); break;
  case 'crash': console.error('NSFW content detected: blocked by the safety policy for ' + prompt + ' with ' + process.env.MY_TOKEN + ' in ' + folder); process.exit(Number(extra ?? 1));
  case 'nothing': break;
  case 'text': writeFileSync(output, 'no picture'); break;
  case 'link': symlinkSync('/etc/hostname', output); break;
  case 'environment': write(0); report({ revision: Object.keys(process.env).sort().join() }); break;
  case 'stdin': write(0); report({ revisedPrompt: (await input()).toUpperCase() }); break;
  case 'family': case 'stubborn': {
    const keep = "setInterval(() => {}, 1000)";
    if (mode === 'stubborn') process.on('SIGTERM', () => {});
    const child = spawn(process.execPath, ['-e', mode === 'stubborn' ? "process.on('SIGTERM', () => {});" + keep : keep], { stdio: 'inherit' });
    writeFileSync(extra, process.pid + ' ' + child.pid);
    setInterval(() => {}, 1000);
    break;
  }
  case 'orphan': {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    writeFileSync(extra, String(child.pid));
    child.unref();
    write(0);
    process.exit(0);
  }
}
`;

describe('command', () => {
  let folder: string;
  let program: string;
  const open: Endpoint[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-command-test-'));
    program = join(folder, 'program.mjs');
    await writeFile(program, PROGRAM);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((endpoint) => endpoint.close()));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const create = (mode: string, options: object = {}, extra: readonly string[] = []): Endpoint => {
    const endpoint = createCommandEndpoint(
      'mine',
      commandOptionsSchema.parse({
        command: [
          process.execPath,
          program,
          mode,
          '{prompt}',
          '{seed}',
          '{output}',
          '{count}',
          ...extra,
        ],
        env: ['MY_TOKEN'],
        ...options,
      }),
      { ...environment, env: { ...process.env, MY_TOKEN: SECRET, NOT_NAMED: 'x' } },
    );
    open.push(endpoint);
    return endpoint;
  };
  const generate = async (
    mode: string,
    options: object = {},
    extra: readonly string[] = [],
    promptText = request.promptText,
  ): Promise<Generation> => {
    const endpoint = create(mode, options, extra);
    const generation = await endpoint.generate({ ...request, promptText }, createContext());
    const recorded = JSON.stringify(generation.evidence);
    expect(recorded).not.toContain('heron');
    expect(recorded).toContain(PROMPT_PLACEHOLDER);
    expect(recorded).not.toContain(SECRET);
    expect(recorded).not.toContain('safelight-command-x');
    expect(recorded).not.toMatch(/safelight-command-\w{6}\b/);
    const replayed = evidenceSchema.parse(JSON.parse(recorded));
    expect(endpoint.classify(replayed)).toEqual(generation.outcome);
    return generation;
  };
  const leftovers = async () =>
    (await readdir(tmpdir())).filter((name) => /^safelight-command-\w{6}$/.test(name));

  it('gets a picture, and leaves no file behind', async () => {
    const before = await leftovers();
    const { outcome, latencyMs, costUsd } = await generate('picture');
    expect(outcome).toMatchObject({ kind: 'media', requested: 1, withheld: 0 });
    expect(latencyMs).toBeGreaterThan(0);
    expect(costUsd).toBeNull();
    expect((await leftovers()).filter((name) => !before.includes(name))).toEqual([]);
  });

  it.each([
    ['several', 3, { kind: 'media', requested: 3, withheld: 0 }],
    ['fewer', 3, { kind: 'media', requested: 3, withheld: 1 }],
    ['nothing', 1, { kind: 'failed', cause: 'no_media' }],
    ['text', 1, { kind: 'failed', cause: 'media_rejected' }],
    ['link', 1, { kind: 'failed', cause: 'media_rejected', detail: 'media: no_file' }],
    ['fail', 1, { kind: 'failed', cause: 'cold', detail: 'weights are loading' }],
    ['malformed', 1, { kind: 'failed', cause: 'protocol' }],
    // Words on standard error are no refusal.
    ['crash', 1, { kind: 'failed', cause: 'unknown', detail: 'exit code 1' }],
  ])('judges: %s', async (mode, count, expected) => {
    const { outcome } = await generate(mode, { count });
    expect(outcome).toMatchObject(expected);
  });

  it('takes a report for a refusal, whatever was written beside it', async () => {
    const { outcome } = await generate('refuse');
    expect(outcome).toEqual({
      kind: 'refused',
      mode: 'flagged',
      stage: 'output_filter',
      signal: `nsfw for ${PROMPT_PLACEHOLDER}`,
    });
  });

  it('takes the exit code that the options name for a refusal, and no other', async () => {
    const named = await generate('crash', { refusalExitCode: 3 }, ['3']);
    expect(named.outcome).toMatchObject({ kind: 'refused', mode: 'hard', signal: 'exit code 3' });
    const other = await generate('crash', { refusalExitCode: 3 }, ['4']);
    expect(other.outcome).toMatchObject({ kind: 'failed', detail: 'exit code 4' });
  });

  it('believes the last report, and passes on what it tells', async () => {
    const generation = await generate('last-report');
    expect(generation).toMatchObject({
      outcome: { kind: 'media' },
      costUsd: 0.5,
      revisedPrompt: request.promptText.toUpperCase(),
      reported: { revision: 'v2', safetySettings: { checker: true } },
    });
  });

  it('reads a report after lines without end', async () => {
    expect((await generate('chatty')).reported?.revision).toBe('v3');
  });

  it('asks no shell: a prompt is one argument, whatever stands in it', async () => {
    const path = join(folder, 'planted');
    const awkward = `heron "; $(touch ${path}) \`touch ${path}\` | touch ${path}\n{seed} * %PATH%`;
    const { revisedPrompt } = await generate('last-report', {}, [], awkward);
    expect(revisedPrompt).toBe(awkward.toUpperCase());
    expect(existsSync(path)).toBe(false);
  });

  it('passes a prompt by standard input', async () => {
    const { revisedPrompt } = await generate('stdin', { stdin: '{prompt}' });
    expect(revisedPrompt).toBe(request.promptText.toUpperCase());
  });

  it('fails on a prompt that no argument can hold', async () => {
    const { outcome } = await generate('picture', {}, [], 'heron\0heron');
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'bad_request' });
  });

  it('passes the variables that are named, and few others', async () => {
    const names = (await generate('environment')).reported?.revision?.split(',') ?? [];
    expect(names).toContain('MY_TOKEN');
    expect(names).toContain('PATH');
    expect(names).not.toContain('NOT_NAMED');
    expect(names.filter((name) => /^(npm_|VITEST|NODE_)/.test(name))).toEqual([]);
  });

  it('takes no file that is too large', async () => {
    const { outcome } = await generate('picture', { maxMediaBytes: 16 });
    expect(outcome).toMatchObject({
      kind: 'failed',
      cause: 'media_rejected',
      detail: 'media: too_large',
    });
  });

  it.each(['family', 'stubborn'])('kills a %s at the deadline, children and all', async (mode) => {
    const pids = join(folder, `pids-${mode}`);
    const { outcome, evidence } = await generate(mode, { timeoutMs: 3_000 }, [pids]);
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
    expect(evidence.fault?.where).toBe('deadline');
    await expectGone(pids, 2);
  });

  it('ends with its caller, and when it is closed', async () => {
    for (const how of ['abort', 'close'] as const) {
      const pids = join(folder, `pids-${how}`);
      const caller = new AbortController();
      const endpoint = create('family', {}, [pids]);
      const generation = endpoint.generate(request, createContext(caller.signal));
      const written = () => statSync(pids, { throwIfNoEntry: false })?.size ?? 0;
      await expect.poll(written, { timeout: 10_000 }).toBeGreaterThan(0);
      if (how === 'abort') caller.abort();
      else await endpoint.close();
      expect((await generation).evidence.fault?.where).toBe('abort');
      await expectGone(pids, 2);
    }
  });

  it('waits for no child that a program left behind', async () => {
    const pids = join(folder, 'pids-orphan');
    const { outcome } = await generate('orphan', { timeoutMs: 20_000 }, [pids]);
    expect(outcome.kind).toBe('media');
    await expectGone(pids, 1);
  });

  it('passes on what is our own fault', async () => {
    const context = {
      ...createContext(),
      store: () => Promise.reject(new Error('the disk is full')),
    };
    await expect(create('picture').generate(request, context)).rejects.toThrow('the disk is full');
  });

  it('describes itself without starting anything', async () => {
    const endpoint = create('picture', {
      revision: 'r1',
      parameters: { steps: 4 },
      safetySettings: { checker: true },
    });
    expect(await endpoint.describe(createContext().signal)).toMatchObject({
      kind: 'command',
      modality: 'image',
      revision: 'r1',
      parameters: { steps: 4, count: 1, command: expect.stringContaining('{prompt}') },
      safetySettings: { checker: true },
    });
  });

  it('names a program that is not there before the first trial', async () => {
    const endpoint = create('x', { command: ['no-such-program', '{prompt}', '{output}'] });
    await expect(endpoint.describe(createContext().signal)).rejects.toThrow(/no program "no-such/);
    const { outcome } = await endpoint.generate(request, createContext());
    expect(outcome).toMatchObject({
      kind: 'failed',
      cause: 'bad_request',
      detail: 'request: ENOENT',
    });
  });

  it('names a variable that is not set', () => {
    expect(() => create('picture', { env: ['NOT_SET_ANYWHERE'] })).toThrow(/NOT_SET_ANYWHERE/);
  });

  it.each([
    [
      'an unknown variable',
      ['p', '{prompt}', '{ouput}'],
      /command\[2\]: unknown variable \{ouput\}. Did you mean "output"/,
    ],
    ['no prompt', ['p', '{output}'], /nothing takes the prompt/],
    ['no place to write', ['p', '{prompt}'], /nothing says where to write/],
    [
      'a secret in an argument',
      ['p', '{prompt}', '{output}', `$${'{KEY}'}`],
      /command\[3\]: .*list KEY under `env`/,
    ],
    ['a prompt for a program', ['{prompt}', '{output}'], /names no program/],
  ])('says before anything is started: %s', async (_title, command, message) => {
    const adapter = await ENDPOINT_ADAPTERS.command();
    const attempt = adapter.create('x', { command }, 'x.yaml:3', {
      environment,
      prompts: async function* () {},
    });
    await expect(attempt).rejects.toThrow(SafelightError);
    await expect(attempt).rejects.toThrow(message);
  });
});

/** Processes whose ids a program wrote are there no more. */
async function expectGone(path: string, count: number): Promise<void> {
  const pids = (await readFile(path, 'utf8')).split(' ').map(Number);
  expect(pids).toHaveLength(count);
  for (const pid of pids) {
    await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
