import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrialRecord } from '../../src/core/journal-event.ts';
import { openRun, type RunReader } from '../../src/store/run-reader.ts';
import { syntheticRun } from '../report/synthetic-run.ts';

const at = '2026-01-01T00:00:00.000Z';
const START = {
  ...{ type: 'run_started', schema: 1, at, runId: 'r', pipeline: 'p', planHash: 'h' },
  ...{ versions: {}, configuration: {} },
};

let folder: string;
let records: TrialRecord[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-reader-'));
  records = [];
  for await (const { record } of syntheticRun({ trials: 40 }).trials) records.push(record);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Opens a journal of these events, looking on. */
async function open(
  events: readonly object[],
): Promise<{ reader: RunReader; seen: TrialRecord[] }> {
  const path = join(folder, 'journal.jsonl');
  await writeFile(path, [START, ...events].map((event) => `${JSON.stringify(event)}\n`).join(''));
  const seen: TrialRecord[] = [];
  return { reader: await openRun(path, (record) => seen.push(record)), seen };
}

async function recordsOf(reader: RunReader): Promise<TrialRecord[]> {
  const read: TrialRecord[] = [];
  for await (const record of reader.records()) read.push(record);
  await reader.close();
  return read;
}

const byId = (list: readonly TrialRecord[]): TrialRecord[] =>
  list.toSorted((a, b) => (a.generated.trial.id < b.generated.trial.id ? -1 : 1));
const eventsOf = (list: readonly TrialRecord[]): object[] =>
  list.flatMap(({ generated, detected }) =>
    detected === undefined ? [generated] : [generated, detected],
  );

describe('openRun', () => {
  it('shows every trial on the way as it can be read later', async () => {
    const { reader, seen } = await open(eventsOf(records));
    expect(reader.wasSeenWhole).toBe(true);
    expect(byId(seen)).toEqual(byId(await recordsOf(reader)));
    expect(seen).toHaveLength(records.length);
  });

  it.each([
    ['answered', (): object[] => records.slice(0, 1).map(({ generated }) => generated)],
    ['looked at', (): object[] => records.flatMap(({ detected }) => detected ?? []).slice(0, 1)],
  ])('says that it did not where a trial was %s twice', async (_what, again) => {
    const { reader, seen } = await open([...eventsOf(records), ...again()]);
    expect(reader.wasSeenWhole).toBe(false);
    expect(seen.length).toBeLessThanOrEqual(records.length);
    await reader.close();
  });

  it('waits for no more findings than a run has under way', async () => {
    const [media] = records.filter(({ generated }) => generated.outcome.kind === 'media');
    const many = Array.from({ length: 5000 }, (_, index) => ({
      ...media?.generated,
      trial: { ...media?.generated.trial, id: `t${index}` },
    }));
    const { reader } = await open(many);
    expect(reader.wasSeenWhole).toBe(false);
    expect(reader.trialCount).toBe(5000);
    await reader.close();
  });

  it('reads a line that an earlier version wrote as one of today', async () => {
    const older = structuredClone(eventsOf(records));
    for (const event of older) {
      // Keys that have a default, and one that nobody knows any more.
      if ('prompt' in event) Reflect.deleteProperty(Object(event.prompt), 'tags');
      Reflect.set(event, 'forgotten', true);
    }
    const { reader } = await open(older);
    const read = await recordsOf(reader);
    for (const { generated } of read) {
      expect(generated.prompt.tags).toEqual([]);
      expect(generated).not.toHaveProperty('forgotten');
    }
    expect(read).toHaveLength(records.length);
  });
});
