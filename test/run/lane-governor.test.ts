import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import { createAdaptiveLimit } from '../../src/run/adaptive-limit.ts';
import { createCircuitBreaker } from '../../src/run/circuit-breaker.ts';
import { type Answered, createLaneGovernor } from '../../src/run/lane-governor.ts';
import { createBudget } from '../../src/run/lane-limits.ts';

const REFUSED: Outcome = { kind: 'refused', mode: 'hard', stage: 'unknown', signal: 'x' };
const failed = (
  cause: Extract<Outcome, { kind: 'failed' }>['cause'],
  retryAfterMs?: number,
): Outcome => ({
  kind: 'failed',
  cause,
  detail: 'x',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
const answer = (outcome: Outcome, startedAtMs = 0, parts: Partial<Answered> = {}): Answered => ({
  outcome,
  costUsd: null,
  status: undefined,
  throttled: false,
  startedAtMs,
  putBack: 0,
  ...parts,
});

describe('adaptive limit', () => {
  it('halves when the endpoint asks for less, once for all requests of that time', () => {
    const limit = createAdaptiveLimit(16);
    for (let request = 0; request < 16; request += 1) limit.throttled(0, 100);
    expect(limit.current()).toBe(8);
    limit.throttled(100, 200);
    expect(limit.current()).toBe(4);
    for (let time = 200; time < 2_000; time += 100) limit.throttled(time, time + 100);
    expect(limit.current()).toBe(1);
  });

  it('grows by one for as many answers as fit side by side, up to what is allowed', () => {
    const limit = createAdaptiveLimit(8);
    limit.throttled(0, 1);
    expect(limit.current()).toBe(4);
    for (let answered = 0; answered < 5; answered += 1) limit.answered();
    expect(limit.current()).toBe(5);
    for (let answered = 0; answered < 100; answered += 1) limit.answered();
    expect(limit.current()).toBe(8);
  });
});

describe('circuit breaker', () => {
  const options = { threshold: 3, cooldownMs: 100, maxOpenings: 2 };

  it('opens after outages in a row, and lets one through after its cooldown', () => {
    const breaker = createCircuitBreaker(options);
    breaker.note('outage', 0);
    breaker.note('outage', 0);
    breaker.note('alive', 0);
    breaker.note('outage', 0);
    breaker.note('neutral', 0);
    breaker.note('outage', 0);
    expect(breaker.state(0)).toEqual({ kind: 'closed' });
    breaker.note('outage', 0);
    expect(breaker.state(99)).toEqual({ kind: 'open', untilMs: 100 });
    expect(breaker.state(100)).toEqual({ kind: 'half_open' });
    breaker.note('alive', 100);
    expect(breaker.state(100)).toEqual({ kind: 'closed' });
  });

  it('waits twice as long each time, and gives up', () => {
    const breaker = createCircuitBreaker(options);
    for (let outage = 0; outage < 10; outage += 1) breaker.note('outage', 0);
    expect(breaker.state(0)).toEqual({ kind: 'open', untilMs: 100 });
    breaker.note('outage', 100);
    expect(breaker.state(100)).toEqual({ kind: 'open', untilMs: 300 });
    breaker.note('outage', 300);
    expect(breaker.state(1_000_000)).toEqual({ kind: 'broken' });
  });
});

describe('budget', () => {
  it('never passes the largest number of refusals, whatever is under way', () => {
    const budget = createBudget({ maxRefusals: 3 });
    budget.spend({ refused: true, costUsd: null });
    expect(budget.state(1)).toEqual({ kind: 'go' });
    expect(budget.state(2)).toEqual({ kind: 'hold' });
    budget.spend({ refused: true, costUsd: null });
    budget.spend({ refused: true, costUsd: null });
    expect(budget.state(0)).toEqual({ kind: 'spent', cause: 'max_refusals' });
  });

  it('counts requests under way at the price of the dearest', () => {
    const budget = createBudget({ maxUsd: 1 });
    budget.spend({ refused: false, costUsd: 0.25 });
    expect(budget.state(2)).toEqual({ kind: 'go' });
    expect(budget.state(3)).toEqual({ kind: 'hold' });
    budget.spend({ refused: false, costUsd: 0.75 });
    expect(budget.state(0)).toEqual({ kind: 'spent', cause: 'max_usd' });
  });

  it('counts trials, and answers whose cost it cannot know', () => {
    const budget = createBudget({ maxTrials: 2, maxUsd: 5 });
    budget.spend({ refused: false, costUsd: null });
    expect(budget.state(1)).toEqual({ kind: 'hold' });
    expect(budget.costUnknown()).toBe(1);
    budget.spend({ refused: true, costUsd: null });
    expect(budget.state(0)).toEqual({ kind: 'spent', cause: 'max_trials' });
    expect(createBudget({ maxTrials: 2 }).costUnknown()).toBe(0);
  });
});

describe('lane governor', () => {
  /** The fifth in a row parks; times count from the request on. */
  const turnAway = (
    governor: ReturnType<typeof createLaneGovernor>,
    outcome: Outcome,
    nowMs: number,
    times = 5,
  ) => Array.from({ length: times }, () => governor.settle(answer(outcome, nowMs), nowMs)).at(-1);

  it('parks on a quota until the hour that it names, and puts the trials back', () => {
    const governor = createLaneGovernor(4, {});
    expect(turnAway(governor, failed('quota', 5_000), 100, 4)).toEqual({
      trial: 'held',
      held: 'keep',
    });
    expect(governor.admit(100, 0)).toEqual({ kind: 'go' });
    expect(turnAway(governor, failed('quota', 5_000), 100, 1)).toEqual({
      trial: 'again',
      held: 'again',
    });
    expect(governor.admit(100, 0)).toEqual({ kind: 'wait', untilMs: 5_100, cause: 'quota' });
    expect(governor.admit(5_100, 0)).toEqual({ kind: 'go' });
  });

  it('does not park for one trial among others that are answered', () => {
    const governor = createLaneGovernor(4, {});
    for (let trial = 0; trial < 50; trial += 1) {
      governor.settle(answer(failed('quota', 5_000)), trial);
      expect(governor.settle(answer(REFUSED), trial)).toEqual({ trial: 'record', held: 'record' });
    }
    expect(governor.admit(50, 0)).toEqual({ kind: 'go' });
  });

  it('counts answers to requests of the same time as one parking', () => {
    const governor = createLaneGovernor(16, {});
    turnAway(governor, failed('quota'), 100, 16);
    expect(governor.admit(200, 0)).toEqual({ kind: 'wait', untilMs: 60_100, cause: 'quota' });
  });

  it('gives up a quota that names no hour and does not come back', () => {
    const governor = createLaneGovernor(1, {});
    turnAway(governor, failed('quota'), 0);
    for (let parking = 1; parking <= 4; parking += 1) {
      const admitted = governor.admit(0, 0);
      expect(admitted.kind).toBe('wait');
      const untilMs = admitted.kind === 'wait' ? admitted.untilMs : 0;
      governor.settle(answer(failed('quota'), untilMs), 0);
    }
    expect(governor.admit(0, 0)).toEqual({ kind: 'stop', cause: 'quota' });
  });

  it('records a trial in the end that is turned away each time', () => {
    const governor = createLaneGovernor(1, {});
    turnAway(governor, failed('rate', 1_000), 0);
    const settle = (putBack: number) =>
      governor.settle(answer(failed('rate', 1_000), 0, { putBack }), 1).trial;
    expect([0, 1, 2, 3].map(settle)).toEqual(['again', 'again', 'again', 'record']);
  });

  it('shrinks when the driver was throttled although it got its answer in the end', () => {
    const governor = createLaneGovernor(4, {});
    governor.settle(answer(REFUSED, 0, { throttled: true }), 1);
    expect(governor.admit(1, 1)).toEqual({ kind: 'go' });
    expect(governor.admit(1, 2)).toEqual({ kind: 'hold' });
  });

  it('does not shrink on errors of the server', () => {
    const governor = createLaneGovernor(4, {});
    for (let trial = 0; trial < 10; trial += 1) governor.settle(answer(failed('unknown')), trial);
    expect(governor.admit(10, 3)).toEqual({ kind: 'go' });
  });

  it('stops on a key that is not accepted, and not on a 403, behind which filters hide', () => {
    const rejected = createLaneGovernor(4, {});
    const forbidden = createLaneGovernor(4, {});
    for (let trial = 0; trial < 5; trial += 1) {
      expect(rejected.admit(trial, 0)).toEqual({ kind: 'go' });
      rejected.settle(answer(failed('auth'), 0, { status: 401 }), trial);
      forbidden.settle(answer(failed('auth'), 0, { status: 403 }), trial);
    }
    expect(rejected.admit(5, 0)).toEqual({ kind: 'stop', cause: 'auth' });
    expect(forbidden.admit(5, 0)).toEqual({ kind: 'go' });
  });

  it('does not take errors that may depend on the prompt for an outage', () => {
    const governor = createLaneGovernor(4, {});
    for (const cause of ['unknown', 'bad_request', 'no_media', 'protocol'] as const) {
      for (let trial = 0; trial < 50; trial += 1) governor.settle(answer(failed(cause)), trial);
    }
    expect(governor.admit(1_000, 0)).toEqual({ kind: 'go' });
  });

  it('sends one trial at a time to an endpoint that was down', () => {
    const governor = createLaneGovernor(8, {});
    for (let trial = 0; trial < 20; trial += 1) governor.settle(answer(failed('network')), 0);
    expect(governor.admit(0, 0)).toEqual({ kind: 'wait', untilMs: 15_000, cause: 'outage' });
    expect(governor.admit(15_000, 0)).toEqual({ kind: 'go' });
    expect(governor.admit(15_000, 1)).toEqual({ kind: 'hold' });
    governor.settle(answer(REFUSED, 15_000), 15_001);
    expect(governor.admit(15_001, 1)).toEqual({ kind: 'go' });
  });
});

describe('an answer that the settings cannot read', () => {
  const misread = answer(failed('protocol'), 0, { misread: 'nothing to read at $.x: $ has y' });
  const media: Outcome = {
    kind: 'media',
    media: [{ sha256: 'a'.repeat(64), kind: 'image', mime: 'image/png', sizeBytes: 1 }],
    requested: 1,
    withheld: 0,
  };

  it('ends the lane where it is the first, and says why', () => {
    const governor = createLaneGovernor(4, {});
    expect(governor.settle(misread, 1).trial).toBe('record');
    expect(governor.admit(2, 0)).toEqual({
      kind: 'stop',
      cause: 'misread',
      detail: 'nothing to read at $.x: $ has y',
    });
  });

  it.each([
    ['media', media],
    ['a refusal', REFUSED],
  ] as const)('is one failure among others once %s was read', (_title, outcome) => {
    const governor = createLaneGovernor(4, {});
    governor.settle(answer(outcome), 1);
    governor.settle(misread, 2);
    expect(governor.admit(3, 0)).toEqual({ kind: 'go' });
  });
});
