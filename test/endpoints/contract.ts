import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evidenceSchema, PROMPT_PLACEHOLDER } from '../../src/core/evidence.ts';
import type { Endpoint, Generation } from '../../src/endpoints/endpoint.ts';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { createContext, environment, request } from './memory-context.ts';

/** A running server that speaks the Gradio protocol. */
export interface ContractServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Functions of the server by what they do. Each takes `prompt` and `seed`. */
export interface ContractApis {
  /** Returns one PNG, the same for the same seed. */
  readonly picture: string;
  /** Returns a gallery of three different pictures. */
  readonly gallery: string;
  readonly video: string;
  /** Raises `gr.Error("Unsafe content found. …")`. */
  readonly refuse: string;
  /** Sends `gr.Warning("Your prompt was flagged by the safety filter.")` and a null picture. */
  readonly warn: string;
  /** Raises an exception of its own, whose text is not shown. */
  readonly crash: string;
  /** Takes at least two seconds, one at a time, with a queue of at most `queueSize`. */
  readonly slow: string;
  readonly queueSize: number;
}

/** The same expectations for every server that the Gradio driver is to be used with. */
export function describeGradioContract(
  name: string,
  start: () => Promise<ContractServer>,
  apis: ContractApis,
  skip = false,
): void {
  describe.skipIf(skip)(`gradio contract: ${name}`, () => {
    let server: ContractServer;
    const open: Endpoint[] = [];

    beforeAll(async () => {
      server = await start();
    });
    afterAll(async () => {
      await Promise.all(open.map((endpoint) => endpoint.close()));
      await server?.stop();
    });

    const create = (options: Record<string, unknown>): Endpoint => {
      const parsed = gradioOptionsSchema.parse({ url: server.url, ...options });
      const endpoint = createGradioEndpoint('under-test', parsed, environment);
      open.push(endpoint);
      return endpoint;
    };
    const generate = async (options: Record<string, unknown>, seed = 7): Promise<Generation> => {
      const endpoint = create(options);
      const generation = await endpoint.generate({ ...request, seed }, createContext());
      // What holds for every answer.
      const recorded = JSON.stringify(generation.evidence);
      expect(recorded).not.toContain('heron');
      expect(recorded).toContain(PROMPT_PLACEHOLDER);
      const replayed = evidenceSchema.parse(JSON.parse(recorded));
      expect(endpoint.classify(replayed)).toEqual(generation.outcome);
      return generation;
    };

    it('describes the function without generating', async () => {
      const description = await create({ api: apis.picture }).describe(createContext().signal);
      expect(description).toMatchObject({ id: 'under-test', kind: 'gradio', modality: 'image' });
      expect(Object.keys(description.parameters)).not.toContain('prompt');
      expect(Object.keys(description.parameters)).not.toContain('seed');
    });

    it('gets a picture, the same one for the same seed', async () => {
      const first = await generate({ api: apis.picture });
      const again = await generate({ api: apis.picture });
      const other = await generate({ api: apis.picture }, 8);
      expect(first.outcome).toMatchObject({
        kind: 'media',
        requested: 1,
        withheld: 0,
        media: [{ kind: 'image', mime: 'image/png' }],
      });
      expect(again.outcome).toEqual(first.outcome);
      expect(other.outcome).not.toEqual(first.outcome);
      expect(first.latencyMs).toBeGreaterThan(0);
    });

    it('tells the job before its result', async () => {
      const context = createContext();
      const storedAtJob: number[] = [];
      await create({ api: apis.picture }).generate(request, {
        ...context,
        onJob: async (jobId) => {
          expect(jobId).not.toBe('');
          storedAtJob.push(context.stored.length);
        },
      });
      expect(storedAtJob).toEqual([0]);
      expect(context.stored).toHaveLength(1);
    });

    it('gets all pictures of a gallery and counts what was withheld', async () => {
      const { outcome } = await generate({ api: apis.gallery, count: 4 });
      expect(outcome).toMatchObject({ kind: 'media', requested: 4, withheld: 1 });
      expect(outcome.kind === 'media' && outcome.media.length).toBe(3);
    });

    it('gets a video', async () => {
      const { outcome } = await generate({ api: apis.video, modality: 'video' });
      expect(outcome).toMatchObject({ kind: 'media', media: [{ mime: 'video/mp4' }] });
    });

    it('does not take a picture for a video', async () => {
      const { outcome } = await generate({ api: apis.picture, modality: 'video' });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
    });

    it('takes the words of gr.Error for a refusal, once', async () => {
      const { outcome, evidence } = await generate({ api: apis.refuse });
      expect(outcome).toMatchObject({ kind: 'refused', mode: 'text' });
      expect(evidence.retries).toEqual([]);
    });

    it('takes gr.Warning with a null picture for a refusal', async () => {
      const { outcome, evidence } = await generate({ api: apis.warn });
      expect(outcome).toMatchObject({ kind: 'refused', mode: 'text', stage: 'prompt_filter' });
      expect(evidence.events.map((event) => event.type)).toContain('log');
    });

    it('takes an exception for a failure, never for a refusal', async () => {
      const { outcome } = await generate({ api: apis.crash });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'unknown' });
    });

    it('gives up on a slow job at its deadline', async () => {
      const { outcome, evidence, latencyMs } = await generate({ api: apis.slow, timeoutMs: 700 });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
      expect(evidence.fault).toMatchObject({ where: 'deadline' });
      expect(latencyMs).toBeLessThan(2_000);
    });

    it('stops at once when the caller aborts, and when it is closed', async () => {
      const caller = new AbortController();
      const endpoint = create({ api: apis.slow });
      const aborted = endpoint.generate(request, {
        ...createContext(caller.signal),
        onJob: async () => caller.abort(),
      });
      expect((await aborted).evidence.fault).toMatchObject({ where: 'abort' });

      let closing: Promise<void> | undefined;
      const closed = endpoint.generate(request, {
        ...createContext(),
        onJob: async () => {
          closing = endpoint.close();
        },
      });
      expect((await closed).evidence.fault).toMatchObject({ where: 'abort' });
      await closing;
    });

    it('takes a full queue for a busy server', async () => {
      const endpoint = create({ api: apis.slow, maxAttempts: 1, timeoutMs: 20_000 });
      await endpoint.describe(createContext().signal);
      const caller = new AbortController();
      // One runs, `queueSize` wait, and the others find the queue full.
      const burst = Array.from({ length: apis.queueSize + 5 }, async (_, index) => {
        const generation = await endpoint.generate(
          { ...request, seed: index },
          createContext(caller.signal),
        );
        if (generation.evidence.response?.status === 503) caller.abort();
        return generation;
      });
      const generations = await Promise.all(burst);
      const full = generations.filter((one) => one.evidence.response?.status === 503);
      expect(full.length).toBeGreaterThan(0);
      for (const { outcome } of full)
        expect(outcome).toMatchObject({ kind: 'failed', cause: 'rate' });
      expect(generations.some(({ outcome }) => outcome.kind === 'refused')).toBe(false);
    });
  });
}
