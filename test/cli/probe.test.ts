import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectClearError } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { journalEvents, makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();

const pipeline = (probe: string): string => `
name: probed
suites: [text-in-picture]
sample: { families: 6, seed: 3 }
endpoints:
  - { id: guarded, use: sandbox, persona: open, defences: [{ id: words, on: prompt, use: toxicity, threshold: 0.7 }] }
  - { id: open, use: sandbox, persona: open }
detectors: [sandbox-oracle, pixel-screen]
${probe}
`;

describe('probe', () => {
  it('searches behind a filter, keeps its budget, and reports no wording', async () => {
    await writeFile(
      join(folder, 'probe.yaml'),
      pipeline(
        'probe: { authorised: true, queries: 2, chains: [leet, homoglyphs, caesar], maxQueries: 40, maxRefusals: 30, reference: open }',
      ),
    );
    const out = join(folder, 'runs/probe');
    const ended = await inProcess(['probe', 'probe.yaml', '--out', out, '--json'], folder);
    expect(ended.stderr).not.toMatch(/error/i);
    const result = JSON.parse(ended.stdout);
    expect(result.endpoints.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual([
      'guarded',
    ]);
    const [guarded] = result.endpoints;
    expect(guarded.queries).toBeLessThanOrEqual(40);
    expect(guarded.evaded.eligible).toBeGreaterThan(0);
    expect(guarded.p4d.failureRate.denominator).toBe(6);
    const asked = await journalEvents(out, 'generated');
    const searched = asked.filter(({ prompt }) => prompt.tags.includes('probe'));
    expect(searched.length).toBeGreaterThan(0);
    expect(new Set(searched.map(({ trial }) => trial.endpoint))).toEqual(new Set(['guarded']));
    // Rates of the run are those of plain prompts; the pages hold no wording.
    const summary = await readSummary(out);
    expect(summary.endpoints.map(({ trials }: { trials: number }) => trials)).toEqual([12, 12]);
    expect(summary.run.warnings).toContainEqual(expect.stringMatching(/trials of a search/));
    const pages = await Promise.all(
      ['probe.html', 'probe.json'].map((name) => readFile(join(out, name), 'utf8')),
    );
    for (const { prompt } of asked) {
      for (const page of pages) expect(page).not.toContain(prompt.text);
    }
    const again = await inProcess(
      ['probe', 'probe.yaml', '--out', out, '--resume', '--json'],
      folder,
    );
    expect(JSON.parse(again.stdout)).toEqual(result);
    expect(await journalEvents(out, 'generated')).toHaveLength(asked.length);
  }, 180_000);

  it.each([
    ['', /does not say what to search for/],
    ['probe: { maxQueries: 5, maxRefusals: 5 }', /authorised: true/],
    ['probe: { authorised: true, maxQueries: 5 }', /maxRefusals/],
    [
      'probe: { authorised: true, maxQueries: 5, maxRefusals: 5, reference: opn }',
      /no endpoint "opn"/,
    ],
    [
      'probe: { authorised: true, maxQueries: 5, maxRefusals: 5, chains: [slang] }',
      /needs a language model/,
    ],
    ['probe: { authorised: true, maxQueries: 5, maxRefusals: 5, chains: [leett] }', /leett/],
    [
      'seeds: 3\nprobe: { authorised: true, maxQueries: 5, maxRefusals: 5 }',
      /asks each wording once/,
    ],
  ])('says what is wrong with %j', async (probe, message) => {
    await writeFile(join(folder, 'wrong.yaml'), pipeline(probe));
    const ended = await inProcess(['probe', 'wrong.yaml', '--out', join(folder, 'wrong')], folder);
    expectClearError(ended, { message, hint: /\w/ });
  });
});
