import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evidenceSchema, PROMPT_PLACEHOLDER } from '../../src/core/evidence.ts';
import type { Endpoint, Generation } from '../../src/endpoints/endpoint.ts';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { createContext, environment, request } from './memory-context.ts';

/** A running server that speaks the Gradio protocol. */
export interface ContractServer {
  readonly url: string;
  readonly apis: ContractApis;
  readonly stop: () => Promise<void>;
}

/** Where a behaviour is found. Each function takes `prompt` and `seed`. */
export interface ContractApi {
  readonly api: string;
  /** Of a server of its own, where one server does not show every behaviour. */
  readonly url?: string;
  /** The seed at which the server behaves so, default 7. */
  readonly seed?: number;
}

/** Functions of a server by what they do. */
export interface ContractApis {
  /** Returns one PNG, the same for the same seed. */
  readonly picture: ContractApi;
  /** Returns a gallery of three different pictures. Null where none is served. */
  readonly gallery: ContractApi | null;
  readonly video: ContractApi;
  /** Raises `gr.Error` with words of refusal. */
  readonly refuse: ContractApi;
  /** Sends `gr.Warning` with words of refusal and a null picture. */
  readonly warn: ContractApi;
  /** Raises an exception of its own, whose text is not shown. */
  readonly crash: ContractApi;
  /** Takes at least two seconds, `running` at a time, with a queue of at most `queueSize`. */
  readonly slow: ContractApi;
  readonly running: number;
  readonly queueSize: number;
}

/** The same expectations for every server that the Gradio driver is to be used with. */
export function describeGradioContract(
  name: string,
  start: () => Promise<ContractServer>,
  { skip = false, gallery = true }: { readonly skip?: boolean; readonly gallery?: boolean } = {},
): void {
  describe.skipIf(skip)(`gradio contract: ${name}`, () => {
    let server: ContractServer;
    let apis: ContractApis;
    const open: Endpoint[] = [];

    beforeAll(async () => {
      server = await start();
      apis = server.apis;
    });
    afterAll(async () => {
      await Promise.all(open.map((endpoint) => endpoint.close()));
      await server?.stop();
    });

    const create = (
      { api, url = server.url }: ContractApi,
      options: Record<string, unknown> = {},
    ): Endpoint => {
      const parsed = gradioOptionsSchema.parse({ url, api, ...options });
      const endpoint = createGradioEndpoint('under-test', parsed, environment);
      open.push(endpoint);
      return endpoint;
    };
    const generate = async (
      api: ContractApi,
      options: Record<string, unknown> = {},
      seed = api.seed ?? 7,
    ): Promise<Generation> => {
      const endpoint = create(api, options);
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
      const description = await create(apis.picture).describe(createContext().signal);
      expect(description).toMatchObject({ id: 'under-test', kind: 'gradio', modality: 'image' });
      expect(Object.keys(description.parameters)).not.toContain('prompt');
      expect(Object.keys(description.parameters)).not.toContain('seed');
    });

    it('gets a picture, the same one for the same seed', async () => {
      const first = await generate(apis.picture);
      const again = await generate(apis.picture);
      const other = await generate(apis.picture, {}, 8);
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
      await create(apis.picture).generate(request, {
        ...context,
        onJob: async (jobId) => {
          expect(jobId).not.toBe('');
          storedAtJob.push(context.stored.length);
        },
      });
      expect(storedAtJob).toEqual([0]);
      expect(context.stored).toHaveLength(1);
    });

    if (gallery) {
      it('gets all pictures of a gallery and counts what was withheld', async () => {
        const { outcome } = await generate(found(apis.gallery), { count: 4 });
        expect(outcome).toMatchObject({ kind: 'media', requested: 4, withheld: 1 });
        expect(outcome.kind === 'media' && outcome.media.length).toBe(3);
      });
    }

    it('gets a video', async () => {
      const { outcome } = await generate(apis.video, { modality: 'video' });
      expect(outcome).toMatchObject({ kind: 'media', media: [{ mime: 'video/mp4' }] });
    });

    it('does not take a picture for a video', async () => {
      const { outcome } = await generate(apis.picture, { modality: 'video' });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
    });

    it('takes the words of gr.Error for a refusal, once', async () => {
      const { outcome, evidence } = await generate(apis.refuse);
      expect(outcome).toMatchObject({ kind: 'refused', mode: 'text' });
      expect(evidence.retries).toEqual([]);
    });

    it('takes gr.Warning with a null picture for a refusal', async () => {
      const { outcome, evidence } = await generate(apis.warn);
      expect(outcome).toMatchObject({ kind: 'refused', mode: 'text' });
      expect(evidence.events.map((event) => event.type)).toContain('log');
    });

    it('takes an exception for a failure, never for a refusal', async () => {
      const { outcome } = await generate(apis.crash);
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'unknown' });
    });

    it('gives up on a slow job at its deadline', async () => {
      const { outcome, evidence, latencyMs } = await generate(apis.slow, { timeoutMs: 700 });
      expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
      expect(evidence.fault).toMatchObject({ where: 'deadline' });
      expect(latencyMs).toBeLessThan(2_000);
    });

    it('stops at once when the caller aborts, and when it is closed', async () => {
      const caller = new AbortController();
      const endpoint = create(apis.slow);
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
      const endpoint = create(apis.slow, { maxAttempts: 1, timeoutMs: 20_000 });
      await endpoint.describe(createContext().signal);
      const caller = new AbortController();
      // Some run, `queueSize` wait, and the others find the queue full.
      const burst = Array.from({ length: apis.running + apis.queueSize + 4 }, async (_, index) => {
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

function found(api: ContractApi | null): ContractApi {
  if (api === null) throw new Error('the server says that it serves a gallery, and names none');
  return api;
}
