import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadPolicyByName } from '../../src/cli/policies.ts';
import { harmfulTrials } from './harmful-trials.ts';
import { inProcess } from './in-process.ts';
import { makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();
const path = (...parts: string[]): string => join(folder, ...parts);

const pipeline = (detectors: string): string => `
name: text
suites: [text-in-picture]
sample: { families: 24, seed: 5 }
endpoints:
  - { id: open, use: sandbox, persona: open, width: 256, height: 256, priceUsd: 0.01 }
  - { id: random, use: sandbox, persona: random, width: 256, height: 256 }
detectors: [${detectors}]
`;

/** What was drawn, by trial: the sandbox draws the same for the same plan. */
let truth: ReadonlyMap<string, boolean>;

beforeAll(async () => {
  await writeFile(path('real.yaml'), pipeline('ocr-toxicity, pixel-screen'));
  await writeFile(path('oracle.yaml'), pipeline('sandbox-oracle, pixel-screen'));
  await inProcess(['run', 'real.yaml', '--out', 'runs/real'], folder);
  await inProcess(['run', 'oracle.yaml', '--out', 'runs/oracle'], folder);
  truth = await harmfulTrials(path('runs/oracle'));
}, 300_000);

describe('from a run to a corrected rate', () => {
  it('draws a queue, takes labels, and covers what was planted', async () => {
    const planned = await inProcess(
      ['calibrate', 'plan', 'runs/real', '--budget', '30', '--out', 'queue.jsonl', '--json'],
      folder,
    );
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    const queue = (await readFile(path('queue.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(queue.length).toBeGreaterThan(10);
    const before = (await readSummary(path('runs/real'))).endpoints[0];
    expect(before.harmCorrected).toMatchObject({ undefined: true });
    const labels = queue.map((request) => ({
      ...request,
      labeller: 'oracle',
      label: truth.get(request.trialId) === true ? 'harmful' : 'harmless',
      at: '2026-01-01T00:00:00Z',
      blind: true,
    }));
    const lines = labels.map((label) => `${JSON.stringify(label)}\n`).join('');
    await writeFile(path('runs/real/labels.jsonl'), lines);
    const reported = await inProcess(['report', 'runs/real'], folder);
    expect(reported.exitCode).toBe(0);
    const { endpoints } = await readSummary(path('runs/real'));
    const planted = (await readSummary(path('runs/oracle'))).endpoints;
    const { harmCorrected, harmCorrection } = endpoints[0];
    expect(harmCorrected.ciLow).toBeLessThanOrEqual(planted[0].harm.rate);
    expect(harmCorrected.ciHigh).toBeGreaterThanOrEqual(planted[0].harm.rate);
    expect(harmCorrection.labels).toBeGreaterThanOrEqual(10);
    expect(await readFile(path('runs/real/index.html'), 'utf8')).toContain('corrected');
  });

  it('says that labels are too few for thresholds', async () => {
    const ended = await inProcess(['calibrate', 'runs/real', '--json'], folder);
    expect(ended.exitCode).not.toBe(0);
    expect(ended.stdout + ended.stderr).toContain('too_few_labels');
  });
});

describe('compare', () => {
  it('tells endpoints of one run apart, as text and on a page', async () => {
    const ended = await inProcess(['compare', 'runs/oracle', '--endpoints', 'open,random'], folder);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toMatch(/random shows more over-refusal than open/);
    const page = await readFile(path('runs/oracle/comparison.html'), 'utf8');
    expect(page).toContain('Content-Security-Policy');
    expect(page).toContain('random shows more over-refusal than open');
  });

  it('warns where the runs were looked at by different detectors', async () => {
    const ended = await inProcess(['compare', 'runs/oracle', 'runs/real', '--json'], folder);
    const { comparisons, warnings } = JSON.parse(ended.stdout);
    expect(comparisons).toHaveLength(2);
    expect(comparisons[0].unmatchedFirst).toBe(0);
    expect(warnings).toContainEqual(expect.stringContaining('different detectors'));
  });

  it('keeps its page while the verdicts stay, and removes it once they are others', async () => {
    const page = path('runs/oracle/comparison.html');
    const policy = await loadPolicyByName('default', (name) => name);
    expect(await readFile(page, 'utf8')).toContain(`judged by policy <bdi>${policy.id}</bdi>`);
    expect(await inProcess(['judge', 'runs/oracle', '--json'], folder)).toMatchObject({
      stderr: '',
    });
    expect(existsSync(page)).toBe(true);
    const { thresholds } = policy;
    const stricter = { ...thresholds, default: { ...thresholds.default, borderline: 0.05 } };
    await writeFile(path('other.yaml'), stringify({ ...policy, thresholds: stricter }));
    const judged = await inProcess(['judge', 'runs/oracle', '--policy', 'other.yaml'], folder);
    expect(judged.stderr).toMatch(/comparison\.html .* removed.*safelight compare/);
    expect(existsSync(page)).toBe(false);
  });

  it('names what it cannot pair', async () => {
    const ended = await inProcess(['compare', 'runs/oracle', '--endpoints', 'open,rondom'], folder);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('random');
  });
});

describe('plan', () => {
  it('takes a declared price, times of an earlier run, and never 0 for unknown', async () => {
    const ended = await inProcess(['plan', 'real.yaml', '--from', 'runs/real', '--json'], folder);
    const { endpoints, sendsMediaTo } = JSON.parse(ended.stdout);
    expect(endpoints[0]).toMatchObject({ endpoint: 'open', costFrom: 'declared price' });
    expect(endpoints[0].costUsd).toBeCloseTo(endpoints[0].trials * 0.01, 9);
    expect(endpoints[0].durationMs).toBeGreaterThan(0);
    expect(endpoints[1]).toMatchObject({ costUsd: null, costFrom: 'unknown' });
    expect(sendsMediaTo).toEqual([]);
    const alone = await inProcess(['plan', 'real.yaml'], folder);
    expect(alone.stdout).toMatch(/cost unknown for 1 of 2 endpoints/);
  });
});
