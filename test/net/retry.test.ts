import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY_POLICY, decideRetry } from '../../src/net/retry-policy.ts';
import { delayInText, retryAfterMs } from '../../src/net/retry-timing.ts';

describe('retryAfterMs', () => {
  it.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
    [
      {
        date: 'Wed, 21 Oct 2026 07:28:00 GMT',
        'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT',
      },
      30_000,
    ],
    [
      {
        date: 'Wed, 21 Oct 2026 07:28:00 GMT',
        'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT',
      },
      0,
    ],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{}, undefined],
  ])('reads %j', (headers, ms) => {
    expect(retryAfterMs(headers)).toBe(ms);
  });
});

it.each([
  ['Try again in 23:14:07', 83_647_000],
  ['Try again in 1 day, 0:00:10', 86_410_000],
  ['Try again in 2 days, 1:00:00', 176_400_000],
  ['at half past ten', undefined],
])('finds the wait in "%s"', (text, ms) => {
  expect(delayInText(text)).toBe(ms);
});

describe('decideRetry', () => {
  const first = { headers: {}, networkCode: undefined, status: undefined, attempt: 1 };

  it.each([408, 409, 429, 502, 503, 504])('repeats after %i', (status) => {
    expect(decideRetry({ ...first, status }, DEFAULT_RETRY_POLICY)).toEqual({
      cause: `http_${status}`,
      waitMs: 1_000,
    });
  });

  it.each([200, 400, 401, 402, 403, 404, 422, 500])('does not repeat after %i', (status) => {
    expect(decideRetry({ ...first, status }, DEFAULT_RETRY_POLICY)).toBeUndefined();
  });

  it('repeats only what was never sent', () => {
    const decide = (networkCode: string) =>
      decideRetry({ ...first, networkCode }, DEFAULT_RETRY_POLICY)?.cause;
    expect(decide('ECONNREFUSED')).toBe('ECONNREFUSED');
    expect(decide('ECONNRESET')).toBeUndefined();
  });

  it('spreads its own waits, and never comes earlier than asked', () => {
    const wait = (random: number, headers = {}) =>
      decideRetry({ ...first, status: 429, headers }, DEFAULT_RETRY_POLICY, () => random)?.waitMs;
    expect([wait(0), wait(1)]).toEqual([500, 1_000]);
    const asked = { 'retry-after': '10' };
    expect([wait(0, asked), wait(1, asked)]).toEqual([10_000, 11_000]);
  });

  it('doubles the wait, obeys the server and ends', () => {
    const decide = (attempt: number, headers = {}) =>
      decideRetry({ ...first, status: 429, attempt, headers }, DEFAULT_RETRY_POLICY);
    expect(decide(2)?.waitMs).toBe(2_000);
    expect(decide(3)).toBeUndefined();
    expect(decide(1, { 'retry-after': '30' })?.waitMs).toBe(30_000);
    expect(decide(1, { 'retry-after': '31' })).toBeUndefined();
    expect(decide(1, { 'x-should-retry': 'false' })).toBeUndefined();
  });
});
