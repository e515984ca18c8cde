import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from './in-process.ts';
import { safelight, startSafelight } from './safelight.ts';
import { journalEvents, makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();

/** Takes its time, writes down what it was asked, and flags every text with an even number of letters. */
const PROGRAM = `
const { appendFileSync } = require('node:fs');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, text } = JSON.parse(line);
  appendFileSync(process.argv[2], JSON.stringify(text) + '\\n');
  setTimeout(() => console.log(JSON.stringify({ id, flagged: text.length % 2 === 0 })), 4);
});
`;

const pipelineOf = (log: string): string => `
name: resumed
prompts: [text-in-picture]
filters:
  - { id: even, use: command-filter, command: [node, even.cjs, ${log}], name: even, version: '1', threshold: 0.5,
      hazards: [hate, harassment, violence, profanity, self_harm, sexual, illegal, extremism] }
robustness: { families: 20, prompts: [leet, spacing] }
search: { prompts: { budget: 6, samples: 10 } }
`;

/** A summary less what may differ: times and ids. */
async function comparable(out: string): Promise<string> {
  const summary = await readSummary(out);
  for (const key of ['id', 'startedAt', 'finishedAt']) delete summary.audit[key];
  for (const filter of summary.filters) delete filter.latency;
  return JSON.stringify(summary);
}

const lines = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

async function expectEachOnce(out: string): Promise<void> {
  for (const type of ['observed', 'searched']) {
    const keys = (await journalEvents(out, type)).map((event) =>
      JSON.stringify([event.search, event.filter, event.sample, event.variant]),
    );
    expect(new Set(keys).size).toBe(keys.length);
  }
}

const run = (name: string, ...more: string[]): string[] => [
  ...['audit', `${name}.yaml`, '--out', join('audits', name), '--json', ...more],
];
const out = (name: string): string => join(folder, 'audits', name);

beforeAll(async () => {
  await writeFile(join(folder, 'even.cjs'), PROGRAM);
  for (const name of ['calm', 'killed', 'stopped']) {
    await writeFile(join(folder, `${name}.yaml`), pipelineOf(`${name}.log`));
  }
  const calm = await inProcess(run('calm'), folder);
  expect(calm.exitCode).toBe(0);
}, 120_000);

describe('audit --resume', () => {
  it('gives the result of a calm audit after kills, and asks again only what was under way', async () => {
    const whole = (await lines(join(out('calm'), 'journal.jsonl'))).length;
    for (const share of [0.1, 0.8, 0.97]) {
      const { child, ended } = startSafelight(run('killed', '--resume'), { cwd: folder });
      let over = false;
      void ended.then(() => {
        over = true;
      });
      while (!over) {
        if ((await lines(join(out('killed'), 'journal.jsonl'))).length >= whole * share) break;
        await sleep(5);
      }
      expect(over).toBe(false);
      child.kill('SIGKILL');
      await ended;
    }
    // As if it had been killed between the text and the journal's line on it, and within a text.
    const [last = ''] = (await lines(join(out('calm'), 'found-prompts.jsonl'))).slice(-1);
    await appendFile(join(out('killed'), 'found-prompts.jsonl'), `${last}\n${last.slice(0, 20)}`);
    const ended = await safelight(run('killed', '--resume'), { cwd: folder });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await comparable(out('killed'))).toBe(await comparable(out('calm')));
    await expectEachOnce(out('killed'));
    const found = 'found-prompts.jsonl';
    expect(await lines(join(out('killed'), found))).toEqual(await lines(join(out('calm'), found)));
    // A question whose answer was not yet written down is asked again: two samples, or one search of
    // six, for each of three kills.
    const asked = (await lines(join(folder, 'killed.log'))).length;
    const needed = (await lines(join(folder, 'calm.log'))).length;
    expect(asked - needed).toBeLessThanOrEqual(3 * 6);
    expect(asked).toBeGreaterThanOrEqual(needed);
  }, 120_000);

  it('stops at Ctrl-C with what was answered, and says how to go on', async () => {
    const controller = new AbortController();
    const running = inProcess(run('stopped'), folder, process.env, controller.signal);
    while ((await lines(join(out('stopped'), 'journal.jsonl'))).length < 40) await sleep(5);
    controller.abort();
    const ended = await running;
    expect(ended.exitCode).toBe(130);
    expect(ended.stdout + ended.stderr).toContain('--resume');
    const again = await inProcess(run('stopped', '--resume'), folder);
    expect(again.exitCode).toBe(0);
    expect(await comparable(out('stopped'))).toBe(await comparable(out('calm')));
    await expectEachOnce(out('stopped'));
  }, 120_000);

  it('does not go on with another plan, and not without being told to', async () => {
    await writeFile(
      join(folder, 'stopped.yaml'),
      pipelineOf('stopped.log').replace('families: 20', 'families: 10'),
    );
    const changed = await inProcess(run('stopped', '--resume'), folder);
    expect(changed.exitCode).toBe(2);
    expect(changed.stdout).toContain('plan_changed');
    const anew = await inProcess(run('stopped'), folder);
    expect(anew.exitCode).toBe(2);
    expect(anew.stdout).toContain('run_exists');
  });
});
