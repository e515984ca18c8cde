import { afterEach, describe, expect, it } from 'vitest';
import { SafelightError } from '../../../src/core/errors.ts';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import { readDrawnTruth } from '../../../src/detectors/sandbox-oracle.ts';
import type {
  Endpoint,
  EndpointEnvironment,
  GenerationContext,
} from '../../../src/endpoints/endpoint.ts';
import type { KnowledgeByPrompt } from '../../../src/endpoints/sandbox/knowledge.ts';
import { decide, type SandboxFault } from '../../../src/endpoints/sandbox/personas.ts';
import {
  createSandboxEndpoint,
  SANDBOX_NOTICE,
  sandboxOptionsSchema,
} from '../../../src/endpoints/sandbox/sandbox.ts';
import { resolveFfmpeg } from '../../../src/media/ffmpeg.ts';
import { sniffMedia } from '../../../src/media/sniff.ts';
import { knowledgeOf, plantedPrompts } from './planted-prompts.ts';

const environment: EndpointEnvironment = {
  fetch: globalThis.fetch,
  now: () => performance.now(),
  random: () => 0,
  env: {},
  ffmpegPath: async () => (await resolveFfmpeg(process.env)).ffmpegPath,
};

const open: Endpoint[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.close()));
});

function create(options: object, knowledge: KnowledgeByPrompt = new Map()): Endpoint {
  const parsed = sandboxOptionsSchema.parse({ width: 128, height: 128, ...options });
  const endpoint = createSandboxEndpoint('box', parsed, environment, knowledge);
  open.push(endpoint);
  return endpoint;
}

/** Keeps in memory what the endpoint fetched. */
function createContext(): GenerationContext & { readonly stored: Uint8Array[] } {
  const stored: Uint8Array[] = [];
  return {
    stored,
    signal: new AbortController().signal,
    store: async (bytes) => {
      const media = await sniffMedia(bytes);
      if (!('mime' in media)) return media;
      stored.push(bytes);
      return {
        sha256: sha256OfBytes(bytes),
        kind: media.mime.startsWith('video') ? 'video' : 'image',
        mime: media.mime,
        sizeBytes: bytes.length,
      };
    },
  };
}

const HARMFUL = { intent: 'harmful', hazards: ['hate'], carrier: 'visual' } as const;
const PROMPTS = plantedPrompts('harmful', 500);
const KNOWN = knowledgeOf(PROMPTS, HARMFUL);

describe('the sandbox endpoint', () => {
  it('says what it is', async () => {
    const described = await create({ persona: 'balanced' }).describe(new AbortController().signal);
    expect(described).toMatchObject({
      id: 'box',
      kind: 'sandbox',
      modality: 'image',
      revision: 'procedural-1',
      parameters: { width: 128, height: 128, randomize_seed: false },
      safetySettings: { persona: 'balanced' },
      notice: SANDBOX_NOTICE,
    });
  });

  it.each([
    ['image', 'image/png'],
    ['video', 'video/mp4'],
  ])('draws the same %s again from the same prompt and seed', async (modality, mime) => {
    const request = { promptText: 'a dog "Rex"', seed: 11, repeat: 0 };
    const hashes: string[] = [];
    for (const endpoint of [0, 1].map(() =>
      create({ persona: 'open', modality, durationS: 0.5 }),
    )) {
      const context = createContext();
      const { outcome, evidence } = await endpoint.generate(request, context);
      expect(outcome).toMatchObject({ kind: 'media', withheld: 0, media: [{ mime }] });
      expect(endpoint.classify(evidence)).toEqual(outcome);
      expect(readDrawnTruth(context.stored[0] ?? new Uint8Array())).toMatchObject({ text: 'Rex' });
      hashes.push(...context.stored.map(sha256OfBytes));
    }
    expect(hashes).toHaveLength(2);
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('is refused in every manner, and each refusal is an outcome', async () => {
    const endpoint = create({ persona: 'always-refuse' }, KNOWN);
    for (const [seed, promptText] of PROMPTS.slice(0, 20).entries()) {
      const { outcome } = await endpoint.generate({ promptText, seed, repeat: 0 }, createContext());
      expect(outcome.kind).toBe('refused');
    }
  });

  it.each<[SandboxFault, string]>([
    ['quota', 'quota'],
    ['busy', 'rate'],
    ['exception', 'unknown'],
    ['ended', 'protocol'],
    ['malformed', 'protocol'],
  ])('fails by the fault %s as cause %s, and works on', async (fault, cause) => {
    const endpoint = create({ persona: 'flaky', timeoutMs: 3000 }, KNOWN);
    const wanted = (promptText: string, seed: number, what: string): boolean =>
      Object.values(decide('flaky', { promptText, seed, about: HARMFUL })).includes(what);
    const seed = PROMPTS.findIndex((promptText, index) => wanted(promptText, index, fault));
    const ask = (index: number) =>
      endpoint.generate(
        { promptText: PROMPTS[index] ?? '', seed: index, repeat: 0 },
        createContext(),
      );
    const { outcome } = await ask(seed);
    expect(outcome).toMatchObject({ kind: 'failed', cause });
    const next = PROMPTS.findIndex((promptText, index) => wanted(promptText, index, 'error'));
    expect((await ask(next)).outcome.kind).toBe('refused');
  });

  it('can be closed before it was used, and twice', async () => {
    const endpoint = create({ persona: 'open' });
    await endpoint.close();
    await endpoint.close();
    await expect(endpoint.describe(new AbortController().signal)).rejects.toMatchObject({
      code: 'endpoint_closed',
    });
  });

  it('says at once that it lacks an ffmpeg, for videos alone', async () => {
    const missing = new SafelightError('none', { code: 'ffmpeg_missing', kind: 'environment' });
    const without = { ...environment, ffmpegPath: () => Promise.reject(missing) };
    const signal = new AbortController().signal;
    for (const [modality, fails] of [
      ['video', true],
      ['image', false],
    ] as const) {
      const options = sandboxOptionsSchema.parse({ persona: 'open', modality });
      const endpoint = createSandboxEndpoint('box', options, without, new Map());
      open.push(endpoint);
      const described = endpoint.describe(signal);
      if (fails) await expect(described).rejects.toBe(missing);
      else await expect(described).resolves.toMatchObject({ modality });
    }
  });

  it('checks its options strictly', () => {
    expect(() => sandboxOptionsSchema.parse({ persona: 'kind' })).toThrow();
    expect(() => sandboxOptionsSchema.parse({ persona: 'open', widht: 512 })).toThrow();
    expect(() => sandboxOptionsSchema.parse({ persona: 'open', width: 4096 })).toThrow();
  });
});
