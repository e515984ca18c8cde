import type { GeneratedEvent, JournalEvent } from '../core/journal-event.ts';
import { isStoppedByMinorsGuard } from '../suites/minors-guard.ts';
import { forEachConcurrently } from './concurrency.ts';
import type { ExecuteInputs } from './execute.ts';
import { generateTrial } from './generate-stage.ts';
import { type Admission, createLaneGovernor } from './lane-governor.ts';
import { isWanted, type PlannedTrial, planTrials, suitsModality } from './plan.ts';
import { createWakeUp, firstOf, type WakeUp } from './wake-up.ts';

export type Lane = ExecuteInputs['endpoints'][number];
export type Detect = (event: GeneratedEvent) => Promise<void>;

/** The lanes of a run that are at work, as opposed to done or parked for long. */
export interface Crew {
  readonly atWork: Set<Lane>;
  readonly changes: WakeUp;
}

export function createCrew(lanes: readonly Lane[]): Crew {
  return { atWork: new Set(lanes), changes: createWakeUp() };
}

// A parked endpoint is waited for this long when nothing else is left to do; what takes longer is
// better left to a resumed run than to a process that looks like a hang.
const PATIENCE_MS = 10 * 60_000;

interface Task extends PlannedTrial {
  /** How often the endpoint turned it away. */
  readonly putBack: number;
}

/** What a lane does next: ask for media, or go on with what the journal knows. */
type Turn =
  | { readonly kind: 'ask'; readonly task: Task }
  | { readonly kind: 'known'; readonly task: Task };

type Stop = Omit<Extract<Admission, { kind: 'stop' }>, 'kind'> & { readonly untilMs?: number };

/**
 * Runs the trials of one endpoint. A busy endpoint gets fewer requests at a time; one that is down or
 * out of quota is parked while the others go on. What it is not asked in the end is written to the
 * journal as missing.
 */
export async function runLane(
  lane: Lane,
  inputs: ExecuteInputs,
  detect: Detect,
  crew: Crew,
  signal: AbortSignal,
): Promise<void> {
  const { description, entry } = lane;
  const governor = createLaneGovernor(entry.concurrency, entry.limits ?? {});
  const changes = createWakeUp();
  const again: Task[] = [];
  /** Turned away, and it is not yet known whether for good. */
  let held: { readonly task: Task; readonly event: GeneratedEvent }[] = [];
  const skipped = { minors_guard: 0, modality: 0 };
  let inFlight = 0;
  let missing = 0;
  let stop: Stop | undefined;
  let announcedUntilMs = 0;

  const nowMs = (): number => inputs.now().getTime();
  const append = (event: JournalEvent): Promise<void> => inputs.journal.append(event);
  const at = (): string => inputs.now().toISOString();
  const isoOf = (ms: number): string => new Date(ms).toISOString();

  async function* planned(count: (modalityMisfits: number) => void): AsyncGenerator<Task> {
    for await (const prompt of inputs.prompts()) {
      if (!isWanted(prompt, entry.only)) continue;
      const trials = planTrials(prompt, description, inputs.plan);
      if (!suitsModality(prompt, description)) count(trials.length);
      else for (const trial of trials) yield { ...trial, putBack: 0 };
    }
  }

  const isKnown = ({ trial }: Task): boolean => {
    const { outcome } = inputs.stateOf(trial.id);
    return outcome !== null && !(inputs.retryFailed && outcome === 'failed');
  };

  /** Budgets count over all sessions of a run. */
  const countEarlier = async (): Promise<void> => {
    for await (const task of planned(() => {})) {
      if (!isKnown(task)) continue;
      const event = await inputs.recall(task.trial.id);
      if (event !== undefined) {
        governor.countEarlier({
          refused: event.outcome.kind === 'refused',
          costUsd: event.costUsd,
        });
      }
    }
  };

  /** Waits until another trial may go. Returns why none may any more. */
  const admission = async (): Promise<Stop | undefined> => {
    while (!signal.aborted) {
      const admitted = governor.admit(nowMs(), inFlight);
      if (admitted.kind === 'stop') return admitted;
      const isLong = admitted.kind === 'wait' && admitted.untilMs - nowMs() > PATIENCE_MS;
      if (!isLong) crew.atWork.add(lane);
      else if (crew.atWork.delete(lane)) crew.changes.wake();
      if (admitted.kind === 'go') return undefined;
      if (admitted.kind === 'hold') {
        await changes.next(signal);
        continue;
      }
      const { untilMs, cause } = admitted;
      if (untilMs !== announcedUntilMs) {
        announcedUntilMs = untilMs;
        await append({
          type: 'lane',
          at: at(),
          endpoint: description.id,
          state: 'parked',
          cause,
          until: isoOf(untilMs),
        });
      }
      if (isLong && crew.atWork.size === 0) return { cause, untilMs };
      await firstOf(signal, [
        (over) => inputs.sleep(untilMs - nowMs(), over),
        changes.next,
        crew.changes.next,
      ]);
    }
    return undefined;
  };

  async function* turns(): AsyncGenerator<Turn> {
    const rest = planned((count) => {
      skipped.modality += count;
    });
    while (!signal.aborted) {
      const task = again.shift() ?? (await rest.next()).value;
      if (task === undefined) {
        // What is under way may still be put back.
        if (inFlight === 0) return;
        await changes.next(signal);
      } else if (isKnown(task)) {
        yield { kind: 'known', task };
      } else {
        stop ??= await admission();
        if (signal.aborted) return;
        if (stop === undefined) {
          inFlight += 1;
          yield { kind: 'ask', task };
        } else {
          if (isStoppedByMinorsGuard(task.prompt.text)) skipped.minors_guard += 1;
          else missing += 1;
          inputs.onProgress({ type: 'skipped', endpoint: description.id });
        }
      }
    }
  }

  const goOn = async ({ trial }: Task): Promise<void> => {
    const state = inputs.stateOf(trial.id);
    const outstanding = state.outcome === 'media' && state.detection !== inputs.detection;
    const event = outstanding ? await inputs.recall(trial.id) : undefined;
    inputs.onProgress({ type: 'skipped', endpoint: description.id });
    if (event !== undefined) await detect(event);
  };

  const putBack = (task: Task): void => {
    again.push({ ...task, putBack: task.putBack + 1 });
  };

  /** Asks, and decides which answers stand: this one, and those held before it. */
  const ask = async (task: Task): Promise<readonly GeneratedEvent[]> => {
    const startedAtMs = nowMs();
    let misread: string | undefined;
    try {
      const event = await generateTrial(lane.endpoint, task, {
        blobs: inputs.media.of(task.trial.id),
        signal,
        now: inputs.now,
        onJob: (trialId, jobId, pickUp) =>
          append({
            type: 'job',
            at: at(),
            trialId,
            jobId,
            ...(pickUp === undefined ? {} : { pickUp }),
          }),
        onMisread: (how) => {
          misread = how;
        },
        // Of an earlier process: what this one turned away is asked anew.
        pickUp: task.putBack === 0 ? inputs.jobOf(task.trial.id) : undefined,
      });
      if (event === undefined) return [];
      if (event.type === 'stopped') {
        skipped.minors_guard += 1;
        inputs.onProgress({ type: 'skipped', endpoint: description.id });
        return [];
      }
      const { outcome, costUsd, evidence } = event;
      const settled = governor.settle(
        {
          outcome,
          costUsd,
          status: evidence.response?.status,
          throttled: evidence.retries.some(({ cause }) => cause === 'http_429'),
          misread,
          startedAtMs,
          putBack: task.putBack,
        },
        nowMs(),
      );
      const standing: GeneratedEvent[] = [];
      if (settled.held !== 'keep') {
        for (const before of held) {
          if (settled.held === 'record') standing.push(before.event);
          else putBack(before.task);
        }
        held = [];
      }
      if (settled.trial === 'record') standing.push(event);
      else if (settled.trial === 'held') held.push({ task, event });
      else putBack(task);
      return standing;
    } finally {
      inFlight -= 1;
      changes.wake();
    }
  };

  const record = async (event: GeneratedEvent): Promise<void> => {
    await append(event);
    inputs.onProgress({
      type: 'generated',
      endpoint: description.id,
      outcome: event.outcome.kind,
    });
    await detect(event);
  };

  try {
    if (entry.limits !== undefined) await countEarlier();
    await forEachConcurrently(turns(), entry.concurrency, signal, async ({ kind, task }) => {
      if (kind === 'known') return goOn(task);
      for (const event of await ask(task)) await record(event);
    });
    // Nothing is left that could tell more.
    if (!signal.aborted) for (const { event } of held) await record(event);
  } finally {
    crew.atWork.delete(lane);
    crew.changes.wake();
  }

  if (signal.aborted) return;
  for (const reason of ['minors_guard', 'modality'] as const) {
    if (skipped[reason] === 0) continue;
    await append({
      type: 'skipped',
      at: at(),
      endpoint: description.id,
      reason,
      count: skipped[reason],
    });
  }
  if (stop !== undefined && missing > 0) {
    await append({
      type: 'lane',
      at: at(),
      endpoint: description.id,
      state: 'stopped',
      cause: stop.cause,
      ...(stop.untilMs === undefined ? {} : { until: isoOf(stop.untilMs) }),
      trials: missing,
      ...(stop.detail === undefined ? {} : { detail: stop.detail }),
    });
  }
  if (governor.costUnknown() > 0) {
    await append({
      type: 'lane',
      at: at(),
      endpoint: description.id,
      state: 'unpriced',
      cause: 'max_usd',
      trials: governor.costUnknown(),
    });
  }
}
