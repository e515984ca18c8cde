import { z } from 'zod';
import type { Evidence } from '../core/evidence.ts';

type RecordedEvent = Evidence['events'][number];

const clientEventSchema = z.looseObject({
  type: z.string(),
  stage: z.string().optional(),
  broken: z.boolean().optional(),
});

/** How the job stands after an event. */
export type JobState = 'running' | 'complete' | 'error' | 'broken';

/** Keeps a job's events for the evidence, redacted. */
export interface EventRecord {
  readonly add: (event: unknown) => JobState;
  readonly events: RecordedEvent[];
  /** The newest values as they came: they hold the addresses of media. */
  readonly values: () => readonly unknown[];
  /** Goes back to earlier events, keeping what was logged since and had not been before. */
  readonly rewind: (to: readonly RecordedEvent[]) => void;
}

// A chatty app may log every step of the denoising; what an outcome rests on comes early or last.
const MAX_EVENTS = 200;

/** @param elapsedMs milliseconds since the request. */
export function createEventRecord(
  redact: (value: unknown) => unknown,
  elapsedMs: () => number,
): EventRecord {
  const events: RecordedEvent[] = [];
  let values: readonly unknown[] = [];
  return {
    events,
    values: () => values,
    rewind: (to) => {
      const logged = events.filter(
        (event) =>
          event.type === 'log' &&
          !to.some((known) => known.type === 'log' && sameJson(known.payload, event.payload)),
      );
      events.splice(0, events.length, ...to, ...logged);
    },
    add: (raw) => {
      const parsed = clientEventSchema.safeParse(raw);
      if (!parsed.success) return 'running';
      const { type, stage, broken } = parsed.data;
      const payload = toPayload(type, parsed.data);
      if (type === 'data' && Array.isArray(payload)) values = payload;
      const event = { atMs: elapsedMs(), type, payload: redact(payload) ?? null };
      // Of a generator's many previews only the newest is kept, of equal states only the first.
      const last = events.at(-1);
      const repeats =
        type === 'status' && last?.type === 'status' && sameJson(last.payload, event.payload);
      const ends = type === 'status' && (stage === 'complete' || stage === 'error');
      if (type === 'data') dropEarlierData(events);
      if (!repeats && (events.length < MAX_EVENTS || type === 'data' || ends)) events.push(event);
      if (type !== 'status') return 'running';
      if (stage === 'error') return broken === true ? 'broken' : 'error';
      return stage === 'complete' ? 'complete' : 'running';
    },
  };
}

/** The parts of a client's event that say something. */
function toPayload(type: string, event: Readonly<Record<string, unknown>>): unknown {
  switch (type) {
    case 'data':
      return event.data;
    case 'status':
      return pick(event, ['stage', 'message', 'title', 'code', 'broken', 'queue']);
    case 'log':
      return pick(event, ['level', 'title', 'log']);
    default:
      return null;
  }
}

function pick(event: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = event[key];
      return value === undefined || value === null ? [] : [[key, value]];
    }),
  );
}

function dropEarlierData(events: RecordedEvent[]): void {
  const at = events.findIndex((event) => event.type === 'data');
  if (at >= 0) events.splice(at, 1);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
