import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { GeneratedEvent, JournalEvent } from '../../src/core/journal-event.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Prompt } from '../../src/core/prompt.ts';
import { DEFAULT_VIDEO_SETTINGS } from '../../src/core/video-settings.ts';
import type { Endpoint } from '../../src/endpoints/endpoint.ts';
import { executeRun } from '../../src/run/execute.ts';
import type { LaneLimits } from '../../src/run/lane-limits.ts';
import { laneWarning } from '../../src/run/lane-warning.ts';
import { keepMedia } from '../../src/run/media-room.ts';
import { createBlobStore } from '../../src/store/blobs.ts';
import { generatedEvent } from '../fixtures/events.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

const HOUR_MS = 3_600_000;
const REFUSED: Outcome = { kind: 'refused', mode: 'hard', stage: 'unknown', signal: 'x' };

interface Asked {
  readonly prompt: string;
  readonly atMs: number;
}

interface Played {
  readonly id: string;
  readonly concurrency?: number;
  readonly limits?: LaneLimits;
  readonly latencyMs?: number;
  /** @param nth 0-based number of the request. */
  readonly answer: (nth: number, elapsedMs: number) => Outcome;
  readonly costUsd?: number;
}

/** Endpoints that answer by a script, on a clock that stands still while anything is at work. */
async function play(
  played: readonly Played[],
  prompts: number,
  earlier: readonly GeneratedEvent[] = [],
) {
  const time = createVirtualTime();
  const startMs = time.now().getTime();
  const journal: JournalEvent[] = [];
  const asked = new Map<string, Asked[]>();
  const most = new Map<string, number>();
  const suite = Array.from({ length: prompts }, (_, number) => generatedEvent(number).prompt);
  await executeRun({
    endpoints: played.map((one) => {
      const seen: Asked[] = [];
      asked.set(one.id, seen);
      const endpoint = fakeEndpoint(one, seen, time, startMs, (running) =>
        most.set(one.id, Math.max(most.get(one.id) ?? 0, running)),
      );
      return {
        endpoint,
        description: {
          id: one.id,
          kind: 'fake',
          modality: 'image' as const,
          revision: null,
          parameters: {},
          safetySettings: {},
        },
        entry: {
          id: one.id,
          use: 'fake',
          concurrency: one.concurrency ?? 1,
          ...(one.limits === undefined ? {} : { limits: one.limits }),
        },
      };
    }),
    detectors: [],
    detection: 'none',
    video: DEFAULT_VIDEO_SETTINGS,
    prompts: async function* (): AsyncGenerator<Prompt> {
      yield* suite;
    },
    plan: { seeds: [0], repeats: 1 },
    journal: {
      append: async (event) => {
        journal.push(event);
      },
      close: async () => {},
    },
    media: keepMedia(createBlobStore(tmpdir())),
    openMedia: () => Promise.reject(new Error('there is no media')),
    stateOf: (id) => {
      const known = earlier.find(({ trial }) => trial.id === id);
      return { outcome: known?.outcome.kind ?? null, detection: null };
    },
    jobOf: () => undefined,
    recall: async (id) => earlier.find(({ trial }) => trial.id === id),
    retryFailed: false,
    detectConcurrency: 1,
    signal: new AbortController().signal,
    now: time.now,
    sleep: time.sleep,
    onProgress: () => {},
  });
  const generated = journal.filter((event) => event.type === 'generated');
  return {
    generated,
    notes: journal.filter((event) => event.type === 'lane'),
    asked: (id: string) => asked.get(id) ?? [],
    most: (id: string) => most.get(id) ?? 0,
    elapsedMs: time.now().getTime() - startMs,
  };
}

function fakeEndpoint(
  { id, answer, latencyMs = 1_000, costUsd }: Played,
  seen: Asked[],
  time: VirtualTime,
  startMs: number,
  onRunning: (running: number) => void,
): Endpoint {
  let running = 0;
  return {
    id,
    modality: 'image',
    describe: () => Promise.reject(new Error('not asked for')),
    generate: async ({ promptText }) => {
      const atMs = time.now().getTime() - startMs;
      const outcome = answer(seen.length, atMs);
      seen.push({ prompt: promptText, atMs });
      running += 1;
      onRunning(running);
      await time.sleep(latencyMs);
      running -= 1;
      return {
        outcome,
        evidence: {
          protocol: 'fake',
          request: {},
          events: [],
          media: [],
          requested: 1,
          retries: [],
        },
        latencyMs,
        costUsd: costUsd ?? null,
        revisedPrompt: undefined,
      };
    },
    classify: () => REFUSED,
    close: async () => {},
  };
}

const quota = (retryAfterMs?: number): Outcome => ({
  kind: 'failed',
  cause: 'quota',
  detail: 'x',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

describe('a lane', () => {
  it('asks everything once', async () => {
    const run = await play([{ id: 'one', concurrency: 4, answer: () => REFUSED }], 50);
    expect(run.generated).toHaveLength(50);
    expect(new Set(run.asked('one').map(({ prompt }) => prompt)).size).toBe(50);
    expect(run.most('one')).toBe(4);
    expect(run.notes).toEqual([]);
  });

  it('waits out a short quota, and loses no trial', async () => {
    const run = await play(
      [
        {
          id: 'one',
          concurrency: 4,
          answer: (nth) => (nth >= 8 && nth < 16 ? quota(120_000) : REFUSED),
        },
      ],
      30,
    );
    expect(run.generated).toHaveLength(30);
    expect(run.generated.every(({ outcome }) => outcome.kind === 'refused')).toBe(true);
    expect(run.asked('one')).toHaveLength(38);
    expect(run.notes).toMatchObject([{ state: 'parked', cause: 'quota' }]);
    expect(run.elapsedMs).toBeGreaterThan(120_000);
  });

  it('asks again for the very last trials, too', async () => {
    const answer = (nth: number) => (nth >= 2 && nth < 7 ? quota(60_000) : REFUSED);
    const run = await play([{ id: 'one', concurrency: 5, answer }], 7);
    expect(run.generated).toHaveLength(7);
    expect(run.generated.every(({ outcome }) => outcome.kind === 'refused')).toBe(true);
  });

  it('records a trial whose quota is an accident of its own, without a pause', async () => {
    const answer = (nth: number) => (nth % 4 === 3 ? quota(HOUR_MS) : REFUSED);
    const run = await play([{ id: 'one', concurrency: 2, answer }], 40);
    expect(run.generated).toHaveLength(40);
    expect(run.generated.filter(({ outcome }) => outcome.kind === 'failed')).toHaveLength(10);
    expect(run.notes).toEqual([]);
    expect(run.elapsedMs).toBe(20_000);
  });

  it('lets the others go on while one waits for hours, and then says what is missing', async () => {
    const run = await play(
      [
        { id: 'spent', concurrency: 2, answer: (nth) => (nth < 5 ? REFUSED : quota(HOUR_MS * 10)) },
        { id: 'other', answer: () => REFUSED },
      ],
      40,
    );
    const byEndpoint = (id: string) => run.generated.filter(({ trial }) => trial.endpoint === id);
    expect(byEndpoint('other')).toHaveLength(40);
    expect(byEndpoint('spent')).toHaveLength(5);
    expect(run.notes.at(-1)).toMatchObject({
      endpoint: 'spent',
      state: 'stopped',
      cause: 'quota',
      trials: 35,
    });
    // It did not sleep until the quota is back.
    expect(run.elapsedMs).toBeLessThan(HOUR_MS);
  });

  it('goes on with a parked endpoint when its hour comes before the others are done', async () => {
    const run = await play(
      [
        {
          id: 'parked',
          answer: (_nth, elapsedMs) => (elapsedMs < HOUR_MS ? quota(HOUR_MS) : REFUSED),
        },
        { id: 'slow', latencyMs: HOUR_MS / 4, answer: () => REFUSED },
      ],
      10,
    );
    expect(run.generated).toHaveLength(20);
    expect(run.notes.map(({ state }) => state)).toEqual(['parked']);
  });

  it('does not wait for ever where all are parked', async () => {
    const answer = () => quota(HOUR_MS);
    const run = await play(
      [
        { id: 'one', answer },
        { id: 'two', answer },
        { id: 'three', answer },
      ],
      5,
    );
    expect(run.generated).toEqual([]);
    expect(run.notes.filter(({ state }) => state === 'stopped')).toHaveLength(3);
    expect(run.elapsedMs).toBeLessThan(HOUR_MS);
  });

  it('stops at an endpoint that is gone, with its last trials as failed', async () => {
    const gone: Outcome = { kind: 'failed', cause: 'network', detail: 'x' };
    const run = await play(
      [{ id: 'one', concurrency: 4, answer: (nth) => (nth < 10 ? REFUSED : gone) }],
      500,
    );
    expect(run.notes.at(-1)).toMatchObject({ state: 'stopped', cause: 'outage' });
    expect(run.generated.length).toBeLessThan(50);
    expect(run.generated.length + (run.notes.at(-1)?.trials ?? 0)).toBe(500);
  });

  it('comes through an outage', async () => {
    const gone: Outcome = { kind: 'failed', cause: 'network', detail: 'x' };
    const run = await play(
      [
        {
          id: 'one',
          concurrency: 4,
          answer: (_nth, elapsedMs) => (elapsedMs > 20_000 && elapsedMs < 80_000 ? gone : REFUSED),
        },
      ],
      500,
    );
    expect(run.generated).toHaveLength(500);
    const failures = run.generated.filter(({ outcome }) => outcome.kind === 'failed');
    expect(failures.length).toBeLessThan(30);
  });

  it('keeps a limit to refusals exactly, and says what is missing', async () => {
    const run = await play(
      [{ id: 'one', concurrency: 16, limits: { maxRefusals: 7 }, answer: () => REFUSED }],
      100,
    );
    expect(run.generated).toHaveLength(7);
    expect(run.notes).toMatchObject([{ state: 'stopped', cause: 'max_refusals', trials: 93 }]);
  });

  it('keeps a limit to the cost', async () => {
    const run = await play(
      [
        {
          id: 'one',
          concurrency: 4,
          limits: { maxUsd: 1 },
          costUsd: 0.3,
          answer: () => REFUSED,
        },
      ],
      100,
    );
    // Before any price is known four may be under way; then each is counted in.
    expect(run.generated).toHaveLength(4);
  });

  it('says that a limit to the cost could not be kept', async () => {
    const run = await play([{ id: 'one', limits: { maxUsd: 1 }, answer: () => REFUSED }], 3);
    expect(run.notes).toMatchObject([{ state: 'unpriced', trials: 3 }]);
  });

  it('counts what earlier sessions spent', async () => {
    const first = await play([{ id: 'one', limits: { maxTrials: 4 }, answer: () => REFUSED }], 10);
    expect(first.generated).toHaveLength(4);
    const second = await play(
      [{ id: 'one', limits: { maxTrials: 6 }, answer: () => REFUSED }],
      10,
      first.generated,
    );
    expect(second.generated).toHaveLength(2);
    expect(second.notes).toMatchObject([{ cause: 'max_trials', trials: 4 }]);
  });

  it('asks for less at a time when it is throttled, and for more again', async () => {
    const limited = await play(
      [
        {
          id: 'one',
          concurrency: 16,
          answer: (nth) => (nth < 16 ? { kind: 'failed', cause: 'rate', detail: 'x' } : REFUSED),
        },
      ],
      200,
    );
    const starts = limited.asked('one').map(({ atMs }) => atMs);
    const at = (ms: number) => starts.filter((start) => start === ms).length;
    expect(at(0)).toBe(16);
    expect(at(1_000)).toBe(8);
    expect(at(3_000)).toBeGreaterThan(8);
    expect(limited.generated).toHaveLength(200);
  });
});

it('tells a reader what is missing, why, and from when', () => {
  const event = { type: 'lane', at: '', endpoint: 'flux', state: 'stopped', trials: 35 } as const;
  expect(laneWarning({ ...event, cause: 'quota', until: '2026-11-02T00:00:00.000Z' })).toBe(
    'flux: 35 trials are missing, because its quota is spent; it may be asked again from 2026-11-02T00:00:00.000Z. Go on with --resume.',
  );
});
