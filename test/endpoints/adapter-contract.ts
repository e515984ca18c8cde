import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SafelightError } from '../../src/core/errors.ts';
import { evidenceSchema, PROMPT_PLACEHOLDER } from '../../src/core/evidence.ts';
import { pickUpSchema } from '../../src/core/journal-event.ts';
import type { Outcome, RefusedOutcome } from '../../src/core/outcome.ts';
import type { Endpoint, EndpointEnvironment, Generation } from '../../src/endpoints/endpoint.ts';
import type { HttpSeams } from '../../src/endpoints/http-endpoint.ts';
import { createContext, environment as plainEnvironment, request } from './memory-context.ts';
import {
  type PlayedReply,
  type ProviderRequest,
  type ProviderServer,
  startProviderServer,
} from './provider-server.ts';

import { blackAndDrawn, verdictOf } from './soft-refusal.ts';

/** For the environment variables of an adapter under test: must never be recorded. */
export const SECRET = 'sk-a-secret-that-must-not-be-recorded';

export type Replies = (server: ProviderServer) => readonly PlayedReply[];
export interface Absent {
  /** Why this provider cannot do it, or does not show it. */
  readonly absent: string;
}

export interface AdapterContractRow {
  readonly title: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly replies: Replies;
  /** Matched like `toMatchObject`. */
  readonly expect: Partial<Outcome> & { readonly kind: Outcome['kind'] };
  readonly check?: (generation: Generation, calls: readonly ProviderRequest[]) => void;
}

export interface AdapterContract {
  readonly name: string;
  readonly modality: 'image' | 'video';
  /** How media come: by address, inside the JSON, or as the reply itself. */
  readonly media: 'url' | 'inline' | 'body';
  readonly env: Readonly<Record<string, string>>;
  readonly create: (setting: {
    readonly baseUrl: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly environment: EndpointEnvironment;
    readonly seams: HttpSeams;
  }) => Endpoint;
  /** The replies of one good job, in the order of its calls, with media `0` to `count - 1`. */
  readonly success: (server: ProviderServer, count: number) => readonly PlayedReply[];
  /** Whether `count: 3` can be asked for. */
  readonly several: true | Absent;
  /** Asked for 3, got 2; media `0` and `1`. */
  readonly fewer: Replies | Absent;
  /** Up to a state in which the job still runs, which is then repeated without end. */
  readonly pending: Replies | Absent;
  readonly refusals:
    | readonly {
        readonly title: string;
        readonly replies: Replies;
        readonly expect: Partial<RefusedOutcome>;
      }[]
    | Absent;
  /** Why refusals of a kind have no row above. */
  readonly silent?: Partial<Readonly<Record<keyof typeof REFUSAL_KINDS, string>>>;
  /** What a job is answered with that was picked up; the success less its submission, if not given. */
  readonly pickedUp?: Replies;
  /** How the provider says that it knows no such job; needed wherever a job can be pending. */
  readonly forgotten?: Replies;
  readonly unknownStatus: Replies | Absent;
  readonly errorInside200:
    | { readonly replies: Replies; readonly expect: Partial<Outcome> }
    | Absent;
  readonly quota: { readonly replies: Replies } | Absent;
  readonly rows?: readonly AdapterContractRow[];
}

/** The kinds of refusal that every adapter shows, or says why it has none. */
const REFUSAL_KINDS = {
  input: ({ stage }: Partial<RefusedOutcome>) => stage === 'prompt_filter',
  output: ({ stage }: Partial<RefusedOutcome>) => stage === 'output_filter',
  words: ({ mode }: Partial<RefusedOutcome>) => mode === 'text',
} as const;

/**
 * What holds for every adapter over the HTTP driver. An adapter brings the bytes of its provider;
 * the faults of the wire come from here. Waits are skipped by a clock that sleeping moves on.
 */
export function describeAdapterContract(contract: AdapterContract): void {
  describe(`http adapter contract: ${contract.name}`, () => {
    let server: ProviderServer;
    let elsewhere: ProviderServer;
    const open: Endpoint[] = [];

    beforeAll(async () => {
      server = await startProviderServer(contract.modality);
      elsewhere = await startProviderServer(contract.modality);
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((endpoint) => endpoint.close()));
    });
    afterAll(async () => {
      await server?.stop();
      await elsewhere?.stop();
    });

    const create = (
      options: Readonly<Record<string, unknown>> = {},
      env: Readonly<Record<string, string>> = contract.env,
    ): Endpoint => {
      const clock = createTestClock();
      const endpoint = contract.create({
        baseUrl: server.url,
        options,
        environment: { ...plainEnvironment, env, now: clock.now },
        seams: clock.seams,
      });
      open.push(endpoint);
      return endpoint;
    };
    const generate = async (
      replies: readonly PlayedReply[],
      options: Readonly<Record<string, unknown>> = {},
    ): Promise<Generation> => {
      server.play(replies);
      const endpoint = create(options);
      const generation = await endpoint.generate(request, createContext());
      expectSoundEvidence(endpoint, generation, contract);
      return generation;
    };
    const success = (count = 1) => contract.success(server, count);
    /** A good job with one call's reply preceded by others. */
    const preceded = (index: number, ...faults: readonly PlayedReply[]) =>
      success().toSpliced(index, 0, ...faults);
    /** A good job that breaks at a call, for good. */
    const brokenAt = (index: number, fault: PlayedReply) => [...success().slice(0, index), fault];
    /** A job that a process submitted which then ended, as the journal keeps it. */
    const leaveBehind = async (pending: Replies) => {
      server.play(pending(server));
      const context = createContext();
      await create({ timeoutMs: 20_000 }).generate(request, context);
      const [jobId] = context.jobs;
      const [from] = context.pickUps;
      if (jobId === undefined || from === undefined) throw new Error('no job was journalled');
      const written = JSON.stringify(from);
      expect(written).not.toContain(SECRET);
      expect(written).not.toContain('heron');
      return { jobId, from: pickUpSchema.parse(JSON.parse(written)) };
    };
    const lastCall = () => success().length - 1;

    it('describes itself without generating', async () => {
      server.play([{ json: {} }]);
      const description = await create().describe(createContext().signal);
      expect(description).toMatchObject({
        id: 'under-test',
        kind: contract.name,
        modality: contract.modality,
      });
      expect(JSON.stringify(description)).not.toContain(SECRET);
      expect(server.calls.filter(({ method }) => method !== 'GET')).toEqual([]);
    });

    it('names the variable of a missing key before anything is sent', () => {
      for (const variable of Object.keys(contract.env)) {
        const { [variable]: _missing, ...rest } = contract.env;
        const attempt = () => create({}, rest);
        expect(attempt).toThrow(SafelightError);
        expect(attempt).toThrow(variable);
      }
    });

    it('gets a medium', async () => {
      const generation = await generate(success());
      expect(generation.outcome).toMatchObject({
        kind: 'media',
        requested: 1,
        withheld: 0,
        media: [{ kind: contract.modality, sizeBytes: server.medium(0).bytes.byteLength }],
      });
      expect(generation.evidence.retries).toEqual([]);
      expect(server.calls).toHaveLength(success().length);
      expect(server.calls[0]?.body).toContain(request.promptText);
    });

    it('records no cookie, no key and no signature that an answer brings', async () => {
      const headers = {
        'set-cookie': 'session=s3cr3t; HttpOnly',
        'www-authenticate': 'Bearer s3cr3t',
        'x-api-key': 's3cr3t',
        'x-amz-security-token': 's3cr3t',
        location: 'https://media.example.com/a?X-Amz-Signature=s3cr3t',
        'x-request-id': 'req-1',
      };
      const replies = success().map((reply) => ({
        ...reply,
        headers: { ...reply.headers, ...headers },
      }));
      // `generate` looks for them.
      const { outcome, evidence } = await generate(replies);
      expect(outcome.kind).toBe('media');
      expect(evidence.response?.headers).toMatchObject({ 'x-request-id': 'req-1' });
    });

    itUnless(contract.several, 'gets several media', async () => {
      const { outcome } = await generate(success(3), { count: 3 });
      expect(outcome).toMatchObject({ kind: 'media', requested: 3, withheld: 0 });
    });

    itUnless(contract.fewer, 'counts media that did not come', async (fewer: Replies) => {
      const { outcome } = await generate(fewer(server), { count: 3 });
      expect(outcome).toMatchObject({ kind: 'media', requested: 3, withheld: 1 });
    });

    itUnless(contract.refusals, 'is refused at input, at output and in words', (refusals) => {
      for (const [kind, isOfKind] of Object.entries(REFUSAL_KINDS)) {
        const rows = refusals.filter(({ expect: expected }) => isOfKind(expected));
        const why = contract.silent?.[kind as keyof typeof REFUSAL_KINDS];
        // A row, or a reason, and not both.
        expect(rows.length > 0, `${kind}: ${why ?? 'no row and no reason'}`).toBe(
          why === undefined,
        );
      }
    });

    it('is refused softly where it blackens, and only there', async () => {
      const { black, drawn } = await blackAndDrawn(contract.modality);
      for (const [bytes, isSoft] of [
        [black, true],
        [drawn, false],
      ] as const) {
        server.serve(bytes);
        server.play(success());
        const context = createContext();
        const generation = await create().generate(request, context);
        server.serve(undefined);
        expect(generation.outcome.kind).toBe('media');
        const verdict = await verdictOf(generation, context.stored, contract.modality);
        expect(verdict.class === 'refused_soft').toBe(isSoft);
      }
    });
    for (const row of 'absent' in contract.refusals ? [] : contract.refusals) {
      it(`takes for a refusal: ${row.title}`, async () => {
        const replies = row.replies(server);
        const { outcome, evidence } = await generate(replies);
        expect(outcome).toMatchObject({ kind: 'refused', ...row.expect });
        // Moderation is not deterministic: another attempt would be another trial.
        expect(evidence.retries).toEqual([]);
        expect(server.calls).toHaveLength(replies.length);
      });
    }

    for (const row of contract.rows ?? []) {
      it(row.title, async () => {
        const generation = await generate(row.replies(server), row.options);
        expect(generation.outcome).toMatchObject(row.expect);
        row.check?.(generation, server.calls);
      });
    }

    itUnless(contract.unknownStatus, 'fails on an unknown status', async (replies: Replies) => {
      const { outcome } = await generate(replies(server));
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'protocol' });
    });

    itUnless(contract.errorInside200, 'sees an error inside a success', async (row) => {
      const { outcome } = await generate(row.replies(server));
      expect(outcome).toMatchObject(row.expect);
      expect(outcome.kind).not.toBe('media');
    });

    itUnless(contract.quota, 'takes a spent quota for one, and asks once', async (row) => {
      const replies = row.replies(server);
      const { outcome } = await generate(replies);
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'quota' });
      expect(server.calls).toHaveLength(replies.length);
    });

    it('waits as long as a busy server asks', async () => {
      const busy = { status: 429, headers: { 'retry-after': '2' }, json: {} };
      const { outcome, evidence } = await generate(preceded(0, busy));
      expect(outcome.kind).toBe('media');
      expect(evidence.retries).toHaveLength(1);
      expect(evidence.retries[0]?.cause).toBe('http_429');
      expect(evidence.retries[0]?.waitedMs).toBeGreaterThanOrEqual(2_000);
      expect(evidence.retries[0]?.waitedMs).toBeLessThanOrEqual(2_200);
    });

    it('gives up on a server that stays busy, with its wish', async () => {
      const busy = { status: 429, headers: { 'retry-after': '2' }, json: {} };
      const { outcome } = await generate([busy], { maxAttempts: 3 });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'rate', retryAfterMs: 2_000 });
      expect(server.calls).toHaveLength(3);
    });

    it('does not wait for hours', async () => {
      const busy = { status: 429, headers: { 'retry-after': '7200' }, json: {} };
      const { outcome } = await generate([busy]);
      expect(outcome).toMatchObject({ kind: 'failed', retryAfterMs: 7_200_000 });
      expect(server.calls).toHaveLength(1);
    });

    it('lets a cold server warm up', async () => {
      const cold = { status: 503, json: { error: 'The model is currently loading' } };
      const { outcome, evidence } = await generate(preceded(0, cold, cold));
      expect(outcome.kind).toBe('media');
      expect(evidence.retries.map(({ cause }) => cause)).toEqual(['http_503', 'http_503']);
    });

    it.each([
      [401, 'auth'],
      [402, 'quota'],
      [403, 'auth'],
      [404, 'bad_request'],
      [422, 'bad_request'],
      [500, 'unknown'],
      [503, 'cold'],
    ] as const)('takes a bare HTTP %i for %s', async (status, cause) => {
      const { outcome } = await generate([{ status, json: {} }]);
      expect(outcome).toMatchObject({ kind: 'failed', cause });
    });

    itUnless(contract.pending, 'gives up a job that never ends', async (pending: Replies) => {
      const { outcome, evidence } = await generate(pending(server), { timeoutMs: 120_000 });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
      expect(evidence.fault).toMatchObject({ where: 'deadline' });
      expect(server.calls.length).toBeGreaterThan(5);
      expect(server.calls.length).toBeLessThan(100);
      // The record does not grow with the wait.
      expect(evidence.events.length).toBeLessThan(10);
    });
    itUnless(contract.pending, 'tells the job, once', async (pending: Replies) => {
      server.play(pending(server));
      const context = createContext();
      await create({ timeoutMs: 20_000 }).generate(request, context);
      expect(context.jobs).toHaveLength(1);
    });
    itUnless(contract.pending, 'picks a job up, and submits nothing', async (pending: Replies) => {
      const { jobId, from } = await leaveBehind(pending);
      const replies = contract.pickedUp?.(server) ?? success().slice(1);
      server.play(replies);
      const context = { ...createContext(), pickUp: { jobId, from } };
      const endpoint = create();
      const generation = await endpoint.generate(request, context);
      expectSoundEvidence(endpoint, generation, contract);
      expect(generation.outcome.kind).toBe('media');
      expect(server.calls).toHaveLength(replies.length);
      expect(server.calls[0]).toMatchObject({ method: from.call.method });
      expect(context.jobs).toEqual([]);
      expect(generation.evidence.retries).toEqual([]);
      expect(generation.evidence.events[0]).toMatchObject({ type: 'job', payload: 'picked_up' });
    });
    itUnless(contract.pending, 'submits a job anew that is forgotten', async (pending: Replies) => {
      const { jobId, from } = await leaveBehind(pending);
      const unknown = contract.forgotten?.(server) ?? [];
      expect(unknown.length, 'how the provider forgets').toBeGreaterThan(0);
      server.play([...unknown, ...success()]);
      const context = { ...createContext(), pickUp: { jobId, from } };
      const endpoint = create();
      const generation = await endpoint.generate(request, context);
      expectSoundEvidence(endpoint, generation, contract);
      expect(generation.outcome.kind).toBe('media');
      expect(server.calls).toHaveLength(unknown.length + success().length);
      expect(server.calls[unknown.length]?.body).toContain(request.promptText);
      expect(context.jobs).toHaveLength(1);
      const notes = generation.evidence.events.filter(({ type }) => type === 'job');
      expect(notes.map(({ payload }) => payload)).toEqual(['picked_up', 'forgotten']);
    });
    itUnless(contract.pending, 'survives a hiccup while it polls', async () => {
      const at = Math.min(1, lastCall());
      const { outcome, evidence } = await generate(preceded(at, { status: 502 }, RESET));
      expect(outcome.kind).toBe('media');
      expect(evidence.fault).toBeUndefined();
    });

    for (const [title, fault, cause] of BROKEN) {
      it(`fails on ${title}`, async () => {
        for (const index of new Set([0, lastCall()])) {
          const { outcome } = await generate(brokenAt(index, fault));
          expect(outcome).toMatchObject({ kind: 'failed', cause });
        }
      });
    }

    it.each([
      ['null', null],
      ['a list', []],
      ['a word', 'blocked'],
      ['a number', 0],
      ['nothing at all', undefined],
      ['an empty object', {}],
      ['a list in place of an object', { data: {}, status: [], error: null, id: 7 }],
    ])('survives %s in place of an answer', async (_title, json) => {
      for (const index of new Set([0, lastCall()])) {
        const { outcome } = await generate(brokenAt(index, { json }));
        expect(outcome.kind).toBe('failed');
      }
    });

    it('does not take a page that speaks of policies for a refusal', async () => {
      const text = '<html><body>Blocked by our content policy</body></html>';
      const { outcome } = await generate([{ status: 500, text }]);
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'unknown' });
    });

    it('does not send a request twice that may have arrived', async () => {
      const { outcome } = await generate([RESET]);
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'network' });
      expect(server.calls).toHaveLength(1);
    });

    it('follows no redirect of a call', async () => {
      elsewhere.play([{ json: {} }]);
      const moved = { status: 307, headers: { location: `${elsewhere.url}/stolen` }, json: {} };
      const { outcome, evidence } = await generate([moved]);
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'protocol' });
      expect(evidence.fault).toMatchObject({ code: 'redirected' });
      expect(elsewhere.calls).toEqual([]);
    });

    it('takes no medium that is too large', async () => {
      const { outcome } = await generate(success(), { maxMediaBytes: 16 });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
    });

    if (contract.media === 'url') {
      it.each([
        [
          'a redirect to a private address',
          { status: 302, headers: { location: 'https://127.0.0.1:9/x' } },
        ],
        [
          'a redirect without https',
          { status: 302, headers: { location: 'http://example.org/x' } },
        ],
        ['an expired address', { status: 403, text: 'Request has expired' }],
        [
          'a page in place of a medium',
          { headers: { 'content-type': 'text/html' }, text: '<html></html>' },
        ],
        ['an empty medium', { headers: { 'content-type': 'image/png' } }],
      ] as const)('rejects %s', async (_title, reply) => {
        server.play(success());
        server.playMedia([reply]);
        const endpoint = create();
        const generation = await endpoint.generate(request, createContext());
        expect(generation.outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
        expectSoundEvidence(endpoint, generation, contract);
      });

      it('fetches a medium again that a server dropped', async () => {
        server.play(success());
        server.playMedia([{ status: 503 }, RESET]);
        const { outcome, evidence } = await create().generate(request, createContext());
        expect(outcome.kind).toBe('media');
        expect(evidence.retries.map(({ cause }) => cause)).toEqual(['media_503', 'media_network']);
      });
    }

    it('ends at its deadline where a server never answers', async () => {
      for (const index of new Set([0, lastCall()])) {
        const { outcome, evidence } = await generate(brokenAt(index, HANG), { timeoutMs: 250 });
        expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
        expect(evidence.fault).toMatchObject({ where: 'deadline' });
      }
    });

    it('stops when the caller aborts, and when it is closed, and leaves nothing open', async () => {
      const endpoint = create();
      for (const stop of ['abort', 'close'] as const) {
        for (const index of stop === 'close' ? [0] : new Set([0, lastCall()])) {
          const caller = new AbortController();
          let stopped: Promise<void> | undefined;
          server.play(
            brokenAt(index, {
              raw: () => {
                if (stop === 'abort') caller.abort();
                else stopped = endpoint.close();
              },
            }),
          );
          const generation = await endpoint.generate(request, createContext(caller.signal));
          expect(generation.outcome).toMatchObject({ kind: 'failed' });
          expect(generation.evidence.fault).toMatchObject({ where: 'abort' });
          await stopped;
        }
      }
      await expect(endpoint.generate(request, createContext())).rejects.toThrow('closed');
      await expect.poll(server.openSockets).toBe(0);
    });

    it('passes on what is our own fault', async () => {
      server.play(success());
      const context = {
        ...createContext(),
        store: () => Promise.reject(new Error('the disk is full')),
      };
      await expect(create().generate(request, context)).rejects.toThrow('the disk is full');
    });
  });
}

const RESET: PlayedReply = { raw: (_response, request) => request.socket.resetAndDestroy() };
const HANG: PlayedReply = { raw: () => {} };

/** Ways in which a wire or a proxy breaks an answer, with the cause that each is. */
const BROKEN: readonly (readonly [string, PlayedReply, string])[] = [
  [
    'a body that breaks off',
    {
      raw: (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '9000' });
        response.write('{"half":', () => response.destroy());
      },
    },
    'network',
  ],
  [
    'a body that ends in the middle',
    { headers: { 'content-type': 'application/json' }, text: '{"half":' },
    'protocol',
  ],
  [
    'malformed JSON',
    { headers: { 'content-type': 'application/json' }, text: '{unsafe content}' },
    'protocol',
  ],
  [
    'HTML in place of JSON',
    {
      headers: { 'content-type': 'text/html' },
      text: '<html><title>Content blocked</title></html>',
    },
    'protocol',
  ],
];

/** A test for what a provider does; what it does not do has its reason in the contract instead. */
function itUnless<Value>(
  value: Value | Absent,
  title: string,
  test: (value: Value) => void | Promise<void>,
): void {
  if (!isAbsent(value)) it(title, () => test(value));
}

function isAbsent(value: unknown): value is Absent {
  return typeof value === 'object' && value !== null && 'absent' in value;
}

/** What holds for the evidence of every answer. */
function expectSoundEvidence(
  endpoint: Endpoint,
  generation: Generation,
  contract: AdapterContract,
): void {
  const recorded = JSON.stringify(generation.evidence);
  expect(recorded).not.toContain('heron');
  expect(recorded).toContain(PROMPT_PLACEHOLDER);
  expect(recorded).not.toContain(SECRET);
  expect(recorded).not.toContain('s3cr3t');
  // The opening of a PNG and of an MP4 as base64.
  expect(recorded).not.toMatch(/iVBORw0KGgo|AAAAGGZ0eXA/);
  expect(generation.evidence.protocol).toBe(contract.name);
  const replayed = evidenceSchema.parse(JSON.parse(recorded));
  expect(endpoint.classify(replayed)).toEqual(generation.outcome);
}

/** A clock that stands still but for sleep, which passes at once. */
function createTestClock(): { readonly now: () => number; readonly seams: HttpSeams } {
  let nowMs = 0;
  return {
    now: () => nowMs,
    seams: {
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        nowMs += ms;
      },
      random: () => 0.5,
      wallClock: () => new Date('2026-11-01T12:00:00Z'),
    },
  };
}
