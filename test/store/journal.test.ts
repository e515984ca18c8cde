import { appendFile, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../src/core/journal-event.ts';
import { openJournal, parseJournalLine, readJournalLines } from '../../src/store/journal.ts';
import { openRun } from '../../src/store/run-reader.ts';
import { detectedEvent, generatedEvent, runStarted } from '../fixtures/events.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-journal-'));
  path = join(folder, 'journal.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function readAll(): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for await (const line of readJournalLines(path)) events.push(parseJournalLine(line));
  return events;
}

describe('journal', () => {
  it('keeps the order of a burst of events', async () => {
    const journal = await openJournal(path);
    const events = Array.from({ length: 500 }, (_, index) => generatedEvent(index));
    await Promise.all([runStarted(), ...events].map((event) => journal.append(event)));
    await journal.close();
    expect(await readAll()).toEqual([runStarted(), ...events]);
  });

  it('drops a line torn at any byte, and goes on behind the last whole one', async () => {
    const journal = await openJournal(path);
    await journal.append(runStarted());
    await journal.append(generatedEvent(1));
    await journal.close();
    const whole = await readFile(path);
    const firstEnd = whole.indexOf(0x0a) + 1;
    for (let cut = firstEnd; cut < whole.length; cut += 97) {
      await writeFile(path, whole);
      await truncate(path, cut);
      expect(await readAll()).toEqual([runStarted()]);
      const again = await openJournal(path);
      await again.append(generatedEvent(2));
      await again.close();
      expect(await readAll()).toEqual([runStarted(), generatedEvent(2)]);
    }
  });

  it('reads characters that a chunk border cuts in two', async () => {
    const journal = await openJournal(path);
    const event = generatedEvent(1);
    const wide = { ...event, prompt: { ...event.prompt, reason: '光'.repeat(200_000) } };
    await journal.append(runStarted());
    await journal.append(wide);
    await journal.close();
    expect((await readAll())[1]).toEqual(wide);
  });

  it('names the line of an event that something else changed', async () => {
    const journal = await openJournal(path);
    await journal.append(runStarted());
    await journal.close();
    await appendFile(path, '{"type":"generated"}\n');
    await expect(openRun(path)).rejects.toMatchObject({
      code: 'journal_invalid',
      message: expect.stringContaining('journal.jsonl:2'),
    });
  });

  it('says what to do when the disk is full, and acknowledges nothing', async () => {
    // Every write to this device fails as on a full disk.
    await symlink('/dev/full', path);
    const journal = await openJournal(path);
    // Every later event fails too: none may wait for a write that never comes.
    for (let event = 0; event < 4; event += 1) {
      await expect(journal.append(runStarted())).rejects.toMatchObject({ code: 'disk_full' });
    }
    await journal.close().catch(() => undefined);
  });

  it('says so where there is no journal', async () => {
    await expect(openRun(path)).rejects.toMatchObject({ code: 'journal_missing' });
  });
});

describe('run reader', () => {
  it('lets the newest event of a trial count', async () => {
    const journal = await openJournal(path);
    await journal.append(runStarted());
    await journal.append(generatedEvent(1));
    await journal.append(detectedEvent(1, 'old'));
    await journal.append(detectedEvent(1, 'new'));
    await journal.append(generatedEvent(2));
    await journal.close();
    const reader = await openRun(path);
    const records = [];
    for await (const record of reader.records()) records.push(record);
    expect(records.map(({ detected }) => detected?.detection)).toEqual(['new', undefined]);
    expect(reader.trialCount).toBe(2);
    expect(reader.state(generatedEvent(1).trial.id)).toEqual({
      outcome: 'media',
      detection: 'new',
    });
    expect(reader.state('unknown')).toEqual({ outcome: null, detection: null });
    await reader.close();
  });

  it('forgets the detection of a trial that was generated again', async () => {
    const journal = await openJournal(path);
    await journal.append(runStarted());
    await journal.append(generatedEvent(1));
    await journal.append(detectedEvent(1, 'old'));
    await journal.append(generatedEvent(1));
    await journal.close();
    const reader = await openRun(path);
    expect(reader.state(generatedEvent(1).trial.id).detection).toBeNull();
    await reader.close();
  });
});
