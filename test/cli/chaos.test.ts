import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { openSuiteFrom } from '../../src/cli/prompt-source.ts';
import type { FailureCause, Outcome } from '../../src/core/outcome.ts';
import { assessPrompt, collectSandboxKnowledge } from '../../src/endpoints/sandbox/knowledge.ts';
import {
  CHAOS_FAULT_RATE,
  CHAOS_FAULTS,
  decide,
  type SandboxFault,
} from '../../src/endpoints/sandbox/personas.ts';
import { openRun } from '../../src/store/run-reader.ts';
import { testTerminal } from './test-terminal.ts';

/** The class that each fault belongs to; `busy_once` is a picture after all. */
const CLASS_OF: Readonly<Record<SandboxFault, FailureCause | 'media'>> = {
  exception: 'unknown',
  quota: 'quota',
  busy: 'rate',
  ended: 'protocol',
  malformed: 'protocol',
  throttled: 'rate',
  web_page: 'protocol',
  reset: 'network',
  error_inside: 'no_media',
  hang: 'timeout',
  gone_file: 'media_rejected',
  private_file: 'media_rejected',
  wrong_file: 'media_rejected',
  // A cut picture is still a picture by its first bytes: the detectors find out.
  cut_file: 'media',
  busy_once: 'media',
};

const SUITES = ['starter', 'text-in-picture', 'controls'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-chaos-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('ends by itself under 30 % faults, with every trial in its class, none lost, none twice', async () => {
  const pipeline = join(folder, 'chaos.yaml');
  const out = join(folder, 'run');
  await writeFile(
    pipeline,
    `name: chaos
suites: [${SUITES.join(', ')}]
seeds: 5
endpoints:
  - { id: chaos, use: sandbox, persona: chaos, width: 64, height: 64, concurrency: 16, timeoutMs: 10000 }
detectors: [pixel-screen, sandbox-oracle]
`,
  );
  const before = process.getActiveResourcesInfo();
  const terminal = testTerminal(folder);
  await main(['run', pipeline, '--out', out, '--json'], terminal);

  const lists = await Promise.all(
    SUITES.map(async (id) => {
      const suite = await openSuiteFrom(id, folder);
      return [...(await collectSandboxKnowledge(suite.prompts()))];
    }),
  );
  const knowledge = new Map(lists.flat());
  const reader = await openRun(join(out, 'journal.jsonl'));
  const wrong: object[] = [];
  const seen = new Map<string, number>();
  let faults = 0;
  for await (const { generated } of reader.records()) {
    const { trial, prompt, outcome } = generated;
    const about = assessPrompt(prompt.text, knowledge);
    const action = decide('chaos', { promptText: prompt.text, seed: trial.seed, about });
    const expected =
      action.kind === 'fault'
        ? CLASS_OF[action.fault]
        : action.kind === 'draw'
          ? 'media'
          : 'refused';
    if (action.kind === 'fault') {
      faults += 1;
      seen.set(action.fault, (seen.get(action.fault) ?? 0) + 1);
    }
    if (classOf(outcome) !== expected) wrong.push({ action, outcome });
  }
  const trials = reader.trialCount;
  await reader.close();
  expect(wrong).toEqual([]);
  expect(trials).toBeGreaterThanOrEqual(2000);
  expect([...seen.keys()].sort()).toEqual([...CHAOS_FAULTS].sort());
  const spread = 4 * Math.sqrt(trials * CHAOS_FAULT_RATE * (1 - CHAOS_FAULT_RATE));
  expect(Math.abs(faults - trials * CHAOS_FAULT_RATE)).toBeLessThan(spread);

  // None lost and none twice: one line for each planned trial.
  const journal = await readFile(join(out, 'journal.jsonl'), 'utf8');
  const lines = journal.split('\n').filter((line) => line.startsWith('{"type":"generated"'));
  expect(lines.length).toBe(trials);
  const summary = JSON.parse(terminal.printed.out);
  expect(summary.endpoints[0].trials).toBe(trials);

  // No socket, timer or file is left open.
  await new Promise((resolve) => setImmediate(resolve));
  const count = (name: string, list: readonly string[]): number =>
    list.filter((resource) => resource === name).length;
  const after = process.getActiveResourcesInfo();
  for (const name of ['TCPSocketWrap', 'TCPServerWrap', 'FSReqPromise']) {
    expect(count(name, after), name).toBeLessThanOrEqual(count(name, before));
  }
}, 600_000);

function classOf(outcome: Outcome): string {
  return outcome.kind === 'failed' ? outcome.cause : outcome.kind;
}
