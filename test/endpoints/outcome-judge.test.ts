import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/core/evidence.ts';
import { FAILURE_CAUSES, outcomeSchema } from '../../src/core/outcome.ts';
import { classifyGradio } from '../../src/endpoints/gradio-classify.ts';
import fc from '../fast-check.ts';

const medium = {
  sha256: 'a'.repeat(64),
  kind: 'image' as const,
  mime: 'image/png',
  sizeBytes: 10,
};
const event = (type: string, payload: unknown) => ({ atMs: 1, type, payload });
const complete = event('status', { stage: 'complete' });
const error = (message: string | null, title = 'Error') =>
  event('status', { stage: 'error', title, message });
const warning = (log: string) => event('log', { level: 'warning', log });
const file = event('data', [{ url: 'http://h/a.png' }, 7]);

function evidence(parts: Partial<Evidence>): Evidence {
  return {
    protocol: 'gradio',
    request: {},
    events: [],
    media: [],
    requested: 1,
    retries: [],
    ...parts,
  };
}
const judge = (parts: Partial<Evidence>) => classifyGradio(evidence(parts));

describe('the order of judgement', () => {
  it('1: a policy code or safety flag comes before a status', () => {
    const body = { error: { code: 'content_policy_violation', message: 'Rate limit' } };
    expect(judge({ response: { status: 429, body } })).toMatchObject({
      kind: 'refused',
      mode: 'hard',
    });
    const flagged = event('data', [{ url: 'x' }, { has_nsfw_concepts: [true] }]);
    expect(judge({ events: [flagged, complete], media: [medium] })).toEqual({
      kind: 'refused',
      mode: 'flagged',
      stage: 'output_filter',
      signal: 'has_nsfw_concepts',
    });
  });

  it('1: a flag on some of several media is no refusal', () => {
    const partly = event('data', [{ nsfw_content_detected: [false, true] }]);
    expect(judge({ events: [partly, complete], media: [medium] })).toMatchObject({ kind: 'media' });
  });

  it('2: a status comes before words of policy', () => {
    const body = { error: 'Blocked by our safety filter' };
    expect(judge({ response: { status: 429, body } })).toMatchObject({ cause: 'rate' });
    expect(judge({ response: { status: 401, body } })).toMatchObject({ cause: 'auth' });
    expect(judge({ response: { status: 400, body } })).toMatchObject({
      kind: 'refused',
      mode: 'text',
    });
  });

  it('2: words make a status more exact', () => {
    const at = (status: number, detail: string) =>
      judge({ response: { status, body: { detail } } });
    expect(at(503, 'Queue is full. Max size is 2 and size is 2.')).toMatchObject({ cause: 'rate' });
    expect(at(503, 'Service Unavailable')).toMatchObject({ cause: 'cold' });
    expect(at(429, 'You have exceeded your GPU quota. Try again in 0:00:10')).toMatchObject({
      cause: 'quota',
      retryAfterMs: 10_000,
    });
  });

  it('3: words of quota come before words of policy', () => {
    const text = 'Request blocked by policy filter: you have exceeded your GPU quota';
    expect(judge({ events: [error(text)] })).toMatchObject({ kind: 'failed', cause: 'quota' });
    expect(
      judge({ events: [error('NSFW content detected', 'ZeroGPU queue timeout')] }),
    ).toMatchObject({
      cause: 'quota',
    });
  });

  it('4: words of policy in an error', () => {
    expect(judge({ events: [error('NSFW content detected.')] })).toEqual({
      kind: 'refused',
      mode: 'text',
      stage: 'unknown',
      signal: 'nsfw_detected',
    });
  });

  it('5: warnings and words count where there is no media, and only there', () => {
    const events = [
      warning('Your prompt was flagged by the safety filter.'),
      event('data', [null, 7]),
      complete,
    ];
    expect(judge({ events })).toMatchObject({ kind: 'refused', stage: 'prompt_filter' });
    expect(judge({ events, media: [medium] })).toMatchObject({ kind: 'media' });
    const words = event('data', [null, "I'm sorry, I cannot create this."]);
    expect(judge({ events: [words, complete] })).toMatchObject({ kind: 'refused', stage: 'model' });
    expect(
      judge({ events: [warning('Too many requests'), event('data', [null]), complete] }),
    ).toMatchObject({
      kind: 'failed',
      cause: 'rate',
    });
    expect(
      judge({ events: [event('log', { level: 'info', log: 'NSFW' }), complete] }),
    ).toMatchObject({
      cause: 'no_media',
    });
  });

  it('5: a timeout is never a refusal', () => {
    const fault = { where: 'deadline' as const, code: 'timeout', message: '' };
    const events = [warning('Your prompt was flagged by the safety filter.')];
    expect(judge({ events, fault })).toMatchObject({ kind: 'failed', cause: 'timeout' });
  });

  it('6: fewer media than asked are media', () => {
    expect(judge({ events: [file, complete], media: [medium], requested: 4 })).toEqual({
      kind: 'media',
      media: [medium],
      requested: 4,
      withheld: 3,
    });
    const two = [medium, { ...medium, sha256: 'b'.repeat(64) }];
    expect(judge({ events: [file, complete], media: two })).toMatchObject({ withheld: 0 });
  });

  it.each([
    ['connect', 'endpoint_unreachable', 'network'],
    ['connect', 'endpoint_unauthorized', 'auth'],
    ['request', 'ECONNRESET', 'network'],
    ['stream', 'ended_early', 'protocol'],
    ['stream', 'http_404', 'network'],
    ['deadline', 'timeout', 'timeout'],
    ['media', 'too_large', 'media_rejected'],
    ['media', 'network', 'network'],
    ['media', 'timeout', 'timeout'],
    ['abort', 'aborted', 'unknown'],
  ] as const)('7: a fault at %s, %s, is %s', (where, code, cause) => {
    const events = where === 'media' ? [file, complete] : [];
    expect(judge({ events, fault: { where, code, message: '' } })).toMatchObject({
      kind: 'failed',
      cause,
    });
  });

  it('8: what says nothing is unknown', () => {
    expect(judge({ events: [error(null)] })).toMatchObject({ kind: 'failed', cause: 'unknown' });
    expect(judge({ events: [error('list index out of range')] })).toMatchObject({ kind: 'failed' });
    expect(judge({ response: { status: 500, body: '<html>content policy</html>' } })).toMatchObject(
      { cause: 'unknown' },
    );
    expect(judge({ events: [event('data', [null]), complete] })).toMatchObject({
      cause: 'no_media',
    });
    expect(judge({})).toMatchObject({ cause: 'protocol' });
  });
});

it('gives one valid outcome for any evidence, and the same again', () => {
  const payload = fc.jsonValue();
  const any = fc.record({
    events: fc.array(
      fc.record({
        atMs: fc.nat(),
        type: fc.constantFrom('status', 'data', 'log', 'other'),
        payload: fc.oneof(
          payload,
          fc.record({ stage: fc.constantFrom('complete', 'error'), message: payload }),
        ),
      }),
      { maxLength: 4 },
    ),
    media: fc.constantFrom<Evidence['media']>([], [medium]),
    response: fc.option(fc.record({ status: fc.integer({ min: 200, max: 599 }), body: payload }), {
      nil: undefined,
    }),
  });
  fc.assert(
    fc.property(any, ({ response, events, media }) => {
      const given = evidence({
        media,
        events: events.map(({ payload, ...rest }) => ({ ...rest, payload: payload ?? null })),
        ...(response === undefined ? {} : { response }),
      });
      const outcome = outcomeSchema.parse(classifyGradio(given));
      expect(classifyGradio(structuredClone(given))).toEqual(outcome);
      if (outcome.kind === 'failed') expect(FAILURE_CAUSES).toContain(outcome.cause);
    }),
  );
});
