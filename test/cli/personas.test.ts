import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { loadPolicyByName } from '../../src/cli/policies.ts';
import { openSuiteFrom } from '../../src/cli/prompt-source.ts';
import { isPointRate } from '../../src/core/rate.ts';
import type { EndpointSummary } from '../../src/core/summary.ts';
import type { VerdictClass } from '../../src/core/verdict.ts';
import { planTruth } from '../../src/endpoints/sandbox/drawing/draw.ts';
import { assessPrompt, collectSandboxKnowledge } from '../../src/endpoints/sandbox/knowledge.ts';
import {
  DISLIKE_RATES,
  decide,
  SANDBOX_PERSONAS,
  type SandboxPersona,
} from '../../src/endpoints/sandbox/personas.ts';
import { createSummaryFold } from '../../src/judge/summary.ts';
import { wilson } from '../../src/metrics/wilson.ts';
import { gatherFacts, type JudgedTrial, judgeRun } from '../../src/run/judge-run.ts';
import { openRun } from '../../src/store/run-reader.ts';
import { testTerminal } from './test-terminal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-personas-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function runPipeline(yaml: string, name: string): Promise<JudgedTrial[]> {
  const file = join(folder, `${name}.yaml`);
  const out = join(folder, name);
  await writeFile(file, yaml);
  const terminal = testTerminal(folder);
  await main(['run', file, '--out', out, '--json'], terminal);
  expect(terminal.printed.err).toBe('');
  const policy = await loadPolicyByName('default', (path) => path);
  const reader = await openRun(join(out, 'journal.jsonl'));
  const judged: JudgedTrial[] = [];
  for await (const trial of judgeRun(reader, await gatherFacts(reader, policy), policy)) {
    judged.push(trial);
  }
  await reader.close();
  return judged;
}

/** What the persona planted for a trial, as verdicts that say so. */
async function createTruth(suites: readonly string[]) {
  const prompts = await Promise.all(
    suites.map(async (id) => {
      const { prompts: read } = await openSuiteFrom(id, folder);
      return [...(await collectSandboxKnowledge(read()))];
    }),
  );
  const knowledge = new Map(prompts.flat());
  return (persona: SandboxPersona, { record }: JudgedTrial): readonly VerdictClass[] => {
    const { trial, prompt } = record.generated;
    const about = assessPrompt(prompt.text, knowledge);
    const request = { promptText: prompt.text, seed: trial.seed, about };
    const action = decide(persona, request);
    if (action.kind === 'fault') return ['failed'];
    if (action.kind === 'refuse') return ['refused_input', 'refused_output', 'refused_other'];
    const { drew, harms } = planTruth({
      ...request,
      persona,
      drew: action.drew,
      modality: 'image',
      widthPx: 64,
      heightPx: 64,
      durationS: 1,
    });
    if (drew === 'nothing') return ['refused_soft'];
    if (drew === 'other') return ['redirected'];
    return harms.length > 0 ? ['harmful'] : ['harmless'];
  };
}

describe('personas with planted truths, judged with the oracle', () => {
  it('gives every trial of every persona the verdict that was planted', async () => {
    const suites = ['starter', 'text-in-picture', 'controls'];
    // `chaos` has a test of its own.
    const personas = SANDBOX_PERSONAS.filter((persona) => persona !== 'chaos');
    const endpoints = personas.map(
      (persona) =>
        `  - { id: ${persona}, use: sandbox, persona: ${persona}, width: 64, height: 64, concurrency: 4 }`,
    );
    const judged = await runPipeline(
      `name: personas
suites: [${suites.join(', ')}]
sample: { families: 48, seed: 3 }
endpoints:
${endpoints.join('\n')}
detectors: [pixel-screen, sandbox-oracle]
`,
      'personas',
    );
    const truthOf = await createTruth(suites);
    const wrong = judged.filter((trial) => {
      const persona = personas.find((id) => id === trial.record.generated.trial.endpoint);
      return persona === undefined || !truthOf(persona, trial).includes(trial.verdict.class);
    });
    expect(wrong).toEqual([]);
    expect(judged.length).toBeGreaterThan(9 * 80);
    const classes = new Set(judged.map(({ verdict }) => verdict.class));
    for (const verdict of [
      'harmful',
      'harmless',
      'redirected',
      'refused_soft',
      'failed',
    ] as const) {
      expect(classes).toContain(verdict);
    }
  }, 300_000);

  it('covers the planted rates as often as its intervals should, over 200 seeds', async () => {
    const seeds = 200;
    const judged = await runPipeline(
      `name: coverage
suites: [text-in-picture]
sample: { families: 10, seed: 5 }
seeds: [${Array.from({ length: seeds }, (_, seed) => seed).join(', ')}]
endpoints:
  - { id: balanced, use: sandbox, persona: balanced, width: 64, height: 64, concurrency: 4 }
detectors: [pixel-screen, sandbox-oracle]
`,
      'coverage',
    );
    const perSeed = await summariesBySeed(judged);
    expect(perSeed).toHaveLength(seeds);
    for (const [rateOf, truth] of [
      [(endpoint: EndpointSummary) => endpoint.harm, 1 - DISLIKE_RATES.harmful],
      [(endpoint: EndpointSummary) => endpoint.overRefusal, DISLIKE_RATES.benign],
    ] as const) {
      const rates = perSeed.map(rateOf).filter(isPointRate);
      expect(rates).toHaveLength(seeds);
      const n = rates[0]?.denominator ?? 0;
      expect(n).toBe(10);
      // What Wilson's interval covers at this n and this truth, exactly.
      const nominal = Array.from({ length: n + 1 }, (_, events) => events)
        .filter((events) => contains(wilson(events, n), truth))
        .reduce((sum, events) => sum + binomial(n, events, truth), 0);
      const covered = rates.filter(({ ciLow, ciHigh }) =>
        contains({ low: ciLow, high: ciHigh }, truth),
      ).length;
      const spread = 3.5 * Math.sqrt(seeds * nominal * (1 - nominal));
      expect(covered).toBeGreaterThanOrEqual(Math.floor(seeds * nominal - spread));
      expect(covered).toBeLessThanOrEqual(Math.ceil(seeds * nominal + spread));
    }
  }, 600_000);
});

function contains({ low, high }: { low: number; high: number }, value: number): boolean {
  return low <= value && value <= high;
}

/** The summary of each seed alone: as many small runs as there are seeds. */
async function summariesBySeed(judged: readonly JudgedTrial[]): Promise<EndpointSummary[]> {
  const policy = await loadPolicyByName('default', (path) => path);
  const reader = await openRun(join(folder, 'coverage', 'journal.jsonl'));
  const folds = new Map<number, ReturnType<typeof createSummaryFold>>();
  for (const { record, verdict } of judged) {
    const { seed } = record.generated.trial;
    let fold = folds.get(seed);
    if (fold === undefined) {
      fold = createSummaryFold({
        run: { id: `seed-${seed}`, pipeline: 'coverage', startedAt: '' },
        endpoints: reader.endpoints,
        detectors: reader.detectors,
        policy,
      });
      folds.set(seed, fold);
    }
    fold.add(record, verdict);
  }
  await reader.close();
  return [...folds.values()].flatMap((fold) => fold.finish(null).endpoints);
}

function binomial(n: number, k: number, p: number): number {
  let choose = 1;
  for (let i = 1; i <= k; i += 1) choose = (choose * (n - k + i)) / i;
  return choose * p ** k * (1 - p) ** (n - k);
}
