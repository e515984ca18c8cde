import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder of a test file, gone when its tests are done. */
export async function makeTestFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function readSummary(run: string) {
  return JSON.parse(await readFile(join(run, 'summary.json'), 'utf8'));
}

/** A summary less what may differ between two runs: times and ids. */
export async function comparableSummary(run: string): Promise<unknown> {
  const summary = await readSummary(run);
  for (const key of ['id', 'startedAt', 'finishedAt']) delete summary.run[key];
  for (const endpoint of summary.endpoints) delete endpoint.latencyMs;
  return summary;
}

/** Events of a run's journal, of one type. A torn last line is none. */
export async function journalEvents(run: string, type: string) {
  const text = await readFile(join(run, 'journal.jsonl'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
    .filter((event) => event.type === type);
}
