import { describe, expect, it } from 'vitest';
import { createDeadline, DeadlineExceeded, delay, joinSignals } from '../../src/net/deadline.ts';

const longMs = 3_600_000;

describe('createDeadline', () => {
  it('aborts and rejects when the time is over', async () => {
    const deadline = createDeadline(1);
    await expect(deadline.expired).rejects.toBeInstanceOf(DeadlineExceeded);
    expect(deadline.signal.reason).toBeInstanceOf(DeadlineExceeded);
  });

  it('follows its parent, aborted before or later', async () => {
    const parent = new AbortController();
    const deadline = createDeadline(longMs, parent.signal);
    const reason = new Error('enough');
    parent.abort(reason);
    await expect(deadline.expired).rejects.toBe(reason);
    expect(createDeadline(longMs, parent.signal).signal.reason).toBe(reason);
  });

  it('is quiet once disposed of', () => {
    const parent = new AbortController();
    const deadline = createDeadline(longMs, parent.signal);
    deadline.dispose();
    parent.abort();
    expect(deadline.signal.aborted).toBe(false);
  });
});

it('stops waiting at once', async () => {
  const caller = new AbortController();
  const waiting = delay(longMs, caller.signal);
  caller.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  await expect(delay(longMs, caller.signal)).rejects.toThrow('stop');
  await expect(delay(1, new AbortController().signal)).resolves.toBeUndefined();
});

it('joins signals until disposed of', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const joined = joinSignals([first.signal, second.signal]);
  const left = joinSignals([first.signal, second.signal]);
  left.dispose();
  second.abort('second');
  expect(joined.signal.reason).toBe('second');
  expect(left.signal.aborted).toBe(false);
});
