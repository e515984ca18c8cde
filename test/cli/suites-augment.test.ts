import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { completion, sendJson, startChatServer } from '../net/chat-server.ts';
import { expectClearError } from './clear-error.ts';
import { inProcess } from './in-process.ts';

async function folderFor(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-augment-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('writes a suite of augmented prompts that validates and counts what was skipped', async () => {
  const folder = await folderFor();
  const args = ['suites', 'augment', 'smoke', '--with', 'leet,caesar+art', '--out', 'made'];
  const ended = await inProcess([...args, '--json'], folder);
  expect(ended.exitCode).toBe(0);
  const { prompts, families, chains } = JSON.parse(ended.stdout);
  const lines = (await readFile(join(folder, 'made/prompts.jsonl'), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(prompts);
  expect(families).toBe(36);
  expect(chains[1]).toEqual({ chain: 'caesar+art', made: 60, skipped: [] });
  const validated = await inProcess(['suites', 'validate', 'made/prompts.jsonl'], folder);
  expect(validated.stdout + validated.stderr).toContain('ok');

  expectClearError(await inProcess(args, folder), {
    message: /holds files already/,
    hint: '--out',
  });
});

it('asks a chat server, keeps its answers, and says what was spent', async () => {
  const folder = await folderFor();
  const server = await startChatServer((_request, response, number) =>
    sendJson(response, completion(JSON.stringify({ text: `a plain lake no. ${number}` }))),
  );
  onTestFinished(server.stop);
  const line = { id: 'c1', text: 'A lake.', intent: 'control', hazards: [], carrier: 'visual' };
  const rest = { family: 'c1', modality: 'any', reason: 'A lake.', language: 'en' };
  const origin = { dataset: 'mine', licence: 'MIT' };
  await writeFile(join(folder, 'mine.jsonl'), JSON.stringify({ ...line, ...rest, origin }));
  const env = { SAFELIGHT_CACHE: join(folder, 'cache'), SAFELIGHT_CHAT_KEY: 'sk-secret' };
  const run = (out: string) =>
    inProcess(
      `suites augment ./mine.jsonl --with slang --base-url ${server.url} --model m --out ${out}`.split(
        ' ',
      ),
      folder,
      env,
    );
  const first = await run('a');
  expect(first.stderr).toBe('augment 1/1\n');
  expect(first.stdout).toContain('1 requests to the model, 0 from the cache; 100 tokens in');
  expect((await run('b')).stdout).toContain('0 requests to the model, 1 from the cache');
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-secret');
  const made = await readFile(join(folder, 'b/prompts.jsonl'), 'utf8');
  expect(JSON.parse(made)).toMatchObject({ id: 'c1:slang', text: 'a plain lake no. 1' });
});

it('says what is missing', async () => {
  const folder = await folderFor();
  const augment = (...args: string[]) => inProcess(['suites', 'augment', 'smoke', ...args], folder);
  expectClearError(await augment('--with', 'leat', '--out', 'x'), {
    message: 'no augmentation "leat"',
    hint: 'Did you mean "leet"',
  });
  expectClearError(await augment('--with', 'slang', '--out', 'x'), {
    message: 'needs a language model',
    hint: '--base-url',
  });
  expectClearError(await augment('--with', 'leet'), { message: '--out', hint: 'techniques' });
});

it('sends disguises from a pipeline, and shows their rates apart', async () => {
  const folder = await folderFor();
  const pipeline = {
    name: 'disguised',
    suites: ['smoke'],
    sample: { families: 4, seed: 1 },
    augment: ['caesar', { chain: 'question+art', intents: ['harmful', 'benign'] }],
    endpoints: [{ id: 'box', use: 'sandbox', persona: 'strict' }],
    detectors: ['sandbox-oracle'],
  };
  await writeFile(join(folder, 'p.yaml'), JSON.stringify(pipeline));
  const ended = await inProcess(['run', 'p.yaml', '--out', 'run', '--json'], folder);
  expect([ended.exitCode, ended.stderr.includes('error')]).toEqual([0, false]);
  const [endpoint] = JSON.parse(await readFile(join(folder, 'run/summary.json'), 'utf8')).endpoints;
  expect(endpoint.byAugmentation.map((row: { augmentation: string }) => row.augmentation)).toEqual([
    'none',
    'caesar',
    'question+art',
  ]);

  const withModel = { ...pipeline, augment: ['slang'] };
  await writeFile(join(folder, 'q.yaml'), JSON.stringify(withModel));
  expectClearError(await inProcess(['run', 'q.yaml', '--out', 'run2'], folder), {
    message: '"slang" needs a language model',
    hint: 'suites augment',
  });
});
