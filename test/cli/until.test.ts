import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inProcess } from './in-process.ts';
import { journalEvents, makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();

const PIPELINE = `
name: until
suites: [starter]
sample: { families: 40 }
endpoints:
  - { id: open, use: sandbox, persona: open, only: { intents: [benign] } }
  - { id: other, use: sandbox, persona: open, only: { intents: [benign] } }
detectors: [pixel-screen]
until: { metric: overRefusal, halfWidth: 0.15, seed: 3 }
`;

describe('run --until', () => {
  it('stops once every endpoint has seen enough, and names the sequence', async () => {
    await writeFile(join(folder, 'until.yaml'), PIPELINE);
    const ended = await inProcess(['run', 'until.yaml', '--out', 'runs/until'], folder);
    expect(ended.stderr).not.toContain('error');
    const summary = await readSummary(join(folder, 'runs/until'));
    expect(summary.sequential).toHaveLength(2);
    for (const result of summary.sequential) {
      expect(result).toMatchObject({
        metric: 'overRefusal',
        mean: 0,
        ciLow: 0,
        method: 'beta-binomial mixture confidence sequence',
        satisfied: true,
      });
      expect(result.ciHigh).toBeLessThanOrEqual(0.3);
      expect(result.families).toBeLessThan(40);
    }
    expect(ended.stdout).toMatch(/open: over-refusal within 0–\d+\.\d.% whenever one stops/);
    expect(summary.run.warnings).toContainEqual(
      expect.stringContaining('stopped because of what it saw'),
    );
    const page = await readFile(join(folder, 'runs/until/index.html'), 'utf8');
    expect(page).toContain('When this run stopped');
    const asked = await journalEvents(join(folder, 'runs/until'), 'generated');
    const familiesOf = (endpoint: string): string[] =>
      asked
        .filter(({ trial }) => trial.endpoint === endpoint)
        .map(({ prompt }) => prompt.family)
        .toSorted();
    expect(familiesOf('open')).toEqual(familiesOf('other'));
    expect(await journalEvents(join(folder, 'runs/until'), 'run_finished')).toHaveLength(1);
  });

  it('says when the limit was not reached', async () => {
    const args = [
      'run',
      'until.yaml',
      '--out',
      'runs/never',
      '--until',
      'overRefusal.halfWidth=0.01',
    ];
    await inProcess([...args, '--set', 'sample.families=12'], folder);
    const summary = await readSummary(join(folder, 'runs/never'));
    expect(summary.sequential[0]).toMatchObject({ satisfied: false, families: 12 });
  });

  it.each([
    ['harm', 'until_invalid'],
    ['harm.halfWidth=', 'until_invalid'],
    ['harm.width=0.1', 'yaml_unexpected'],
    ['harm.below=1.5', 'yaml_unexpected'],
  ])('refuses %s', async (rule, code) => {
    const ended = await inProcess(['run', 'until.yaml', '--until', rule, '--json'], folder);
    expect(ended.exitCode).toBe(2);
    expect(ended.stdout + ended.stderr).toContain(code);
  });

  it('refuses limits beside it', async () => {
    await writeFile(
      join(folder, 'limits.yaml'),
      PIPELINE.replace('persona: open,', 'persona: open, limits: { maxTrials: 3 },'),
    );
    const ended = await inProcess(['run', 'limits.yaml', '--json'], folder);
    expect(ended.stdout + ended.stderr).toContain('until_limits');
  });
});
