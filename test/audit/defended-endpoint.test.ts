import { describe, expect, it } from 'vitest';
import type { DefenceLayer } from '../../src/audit/defence-layer.ts';
import { replaceWords } from '../../src/audit/defence-layer.ts';
import { defendEndpoint } from '../../src/audit/defended-endpoint.ts';
import { defencesSchema } from '../../src/core/defence.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { sha256OfBytes } from '../../src/core/ids.ts';
import type { MediaRef } from '../../src/core/media-ref.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Detector, Subject } from '../../src/detectors/detector.ts';
import type {
  Endpoint,
  GenerationContext,
  GenerationRequest,
} from '../../src/endpoints/endpoint.ts';
import type { Media } from '../../src/media/media.ts';

/** Returns as many pictures as asked for; a picture's only byte tells what it is. */
function generator(pictures: (request: GenerationRequest) => readonly number[]) {
  const asked: GenerationRequest[] = [];
  const classify = ({ media, requested }: Evidence): Outcome =>
    media.length === 0
      ? { kind: 'failed', cause: 'no_media', detail: 'nothing came' }
      : { kind: 'media', media: [...media], requested, withheld: 0 };
  const endpoint: Endpoint = {
    id: 'inner',
    modality: 'image',
    describe: async () => ({
      id: 'inner',
      kind: 'test',
      modality: 'image',
      revision: 'r1',
      parameters: {},
      safetySettings: { checker: true },
    }),
    generate: async (request, context) => {
      asked.push(request);
      const media: MediaRef[] = [];
      const made = pictures(request);
      for (const value of made) {
        const ref = await context.store(new Uint8Array([value]));
        if (ref.kind !== 'problem') media.push(ref);
      }
      const evidence: Evidence = {
        protocol: 'test',
        request: null,
        events: [{ atMs: 1, type: 'data', payload: null }],
        media,
        requested: made.length,
        retries: [],
      };
      return {
        outcome: classify(evidence),
        evidence,
        latencyMs: 10,
        costUsd: 0.1,
        revisedPrompt: undefined,
      };
    },
    classify,
    close: async () => {},
  };
  return { endpoint, asked };
}

/** A filter that knows what it is shown: a text by its words, a picture by its byte over 100. */
function filter(
  reads: 'text' | 'image',
  score: (subject: Subject) => number | undefined,
): Detector {
  const pair = { hazard: 'violence', carrier: 'visual' } as const;
  return {
    description: {
      id: 'knows',
      version: '7',
      weightsSha256: null,
      claims: [pair],
      reads: [reads],
      licence: 'MIT',
      notes: [],
      testDouble: true,
    },
    detect: async (subject) => {
      const value = score(subject);
      return value === undefined
        ? [{ claims: [pair], result: { kind: 'abstained', code: 'timeout', reason: 'late' } }]
        : [{ claims: [pair], result: { kind: 'scores', scores: [{ ...pair, score: value }] } }];
    },
    close: async () => {},
  };
}

const promptFilter = (words: string, more: object = {}): DefenceLayer => ({
  kind: 'filter',
  defence: defencesSchema.parse([{ id: 'words', on: 'prompt', use: 'knows', ...more }])[0] as never,
  detector: filter('text', (subject) =>
    subject.kind === 'text' ? Number(subject.text.includes(words)) : undefined,
  ),
});
const outputFilter = (more: object = {}, unsure = false): DefenceLayer => ({
  kind: 'filter',
  defence: defencesSchema.parse([{ id: 'eyes', on: 'output', use: 'knows', ...more }])[0] as never,
  detector: filter('image', (subject) =>
    subject.kind === 'image' && !unsure ? (subject.bytes[0] ?? 0) / 100 : undefined,
  ),
});
const rewriter = (rewrite: (text: string) => string): DefenceLayer => ({
  kind: 'rewriter',
  defence: { id: 'softer', on: 'rewrite', replace: { a: 'b' } },
  rewrite: async (text) => ({ kind: 'rewritten', text: rewrite(text), costUsd: 0.01 }),
});

const context = (): GenerationContext => ({
  signal: new AbortController().signal,
  store: async (bytes) => ({
    kind: 'image',
    sha256: sha256OfBytes(bytes),
    mime: 'image/png',
    sizeBytes: bytes.length,
  }),
});
const open = async (ref: MediaRef, bytes: Uint8Array): Promise<Media> => ({
  kind: 'image',
  ref,
  bytes,
  image: { widthPx: 1, heightPx: 1, rgb: new Uint8Array(3) },
});

async function ask(
  layers: readonly DefenceLayer[],
  pictures: readonly number[] | ((seed: number) => readonly number[]),
  promptText = 'a fight',
) {
  const { endpoint, asked } = generator(({ seed }) =>
    typeof pictures === 'function' ? pictures(seed) : pictures,
  );
  const defended = defendEndpoint('guarded', endpoint, layers, open);
  const answer = await defended.generate({ promptText, seed: 5, repeat: 0 }, context());
  // What is recorded decides, and nothing else.
  const read: Evidence = JSON.parse(JSON.stringify(answer.evidence));
  expect(defended.classify(read)).toEqual(answer.outcome);
  return { answer, asked, defended };
}

describe('defendEndpoint', () => {
  it('lets through what no layer objects to, and tells its layers as safety settings', async () => {
    const { answer, asked, defended } = await ask(
      [promptFilter('murder'), outputFilter()],
      [10, 20],
    );
    expect(answer.outcome).toMatchObject({ kind: 'media', withheld: 0, media: [{}, {}] });
    expect(asked).toHaveLength(1);
    expect(await defended.describe(new AbortController().signal)).toMatchObject({
      id: 'guarded',
      safetySettings: {
        checker: true,
        'defence/words': 'prompt: knows 7 from 0.5',
        'defence/eyes': 'output: knows 7 from 0.5',
      },
    });
  });

  it('asks nothing where a prompt is blocked, and names the layer', async () => {
    const { answer, asked } = await ask([promptFilter('fight'), outputFilter()], [10]);
    expect(answer.outcome).toEqual({
      kind: 'refused',
      mode: 'flagged',
      stage: 'prompt_filter',
      signal: 'defence:words',
    });
    expect(asked).toHaveLength(0);
    expect(JSON.stringify(answer.evidence)).not.toContain('fight');
  });

  it('withholds blocked pictures, and refuses where all are', async () => {
    const some = await ask([outputFilter()], [10, 90, 20]);
    expect(some.answer.outcome).toMatchObject({ kind: 'media', requested: 3, withheld: 1 });
    const all = await ask([outputFilter()], [90, 50]);
    expect(all.answer.outcome).toMatchObject({
      kind: 'refused',
      stage: 'output_filter',
      signal: 'defence:eyes',
    });
  });

  it('asks again at other seeds where it may, and stops at the first that passes', async () => {
    const again = await ask([outputFilter({ regenerate: 3 })], (seed) => [seed === 5 ? 90 : 10]);
    expect(again.answer.outcome.kind).toBe('media');
    expect(again.asked.map(({ seed }) => seed)).toHaveLength(2);
    expect(again.answer.latencyMs).toBe(20);
    expect(again.answer.costUsd).toBeCloseTo(0.2, 12);
    const never = await ask([outputFilter({ regenerate: 2 })], [99]);
    expect(new Set(never.asked.map(({ seed }) => seed)).size).toBe(3);
    expect(never.answer.outcome.kind).toBe('refused');
  });

  it('sends what a rewriter made, tells it, and filters the new text', async () => {
    const calm = rewriter((text) => text.replace('fight', 'dance'));
    const { answer, asked } = await ask([calm, promptFilter('fight')], [10]);
    expect(asked[0]?.promptText).toBe('a dance');
    expect(answer).toMatchObject({ revisedPrompt: 'a dance', outcome: { kind: 'media' } });
    const before = await ask([promptFilter('fight'), calm], [10]);
    expect(before.answer.outcome).toMatchObject({ signal: 'defence:words' });
  });

  it('never sends a rewriting that the minors guard stops', async () => {
    const bad = rewriter(() => ['naked', 'child'].join(' '));
    const { answer, asked } = await ask([bad], [10]);
    expect(asked).toHaveLength(0);
    expect(answer.outcome).toMatchObject({ kind: 'refused', signal: 'defence:minors_guard' });
  });

  it.each([
    ['pass', 'media'],
    ['block', 'refused'],
  ])('does as it is told where a filter cannot tell: %s', async (unsure, kind) => {
    const { answer } = await ask([outputFilter({ unsure }, true)], [10]);
    expect(answer.outcome.kind).toBe(kind);
  });

  it('keeps a failure of the endpoint a failure, and that of a rewriter too', async () => {
    expect((await ask([outputFilter()], [])).answer.outcome.kind).toBe('failed');
    const broken: DefenceLayer = {
      kind: 'rewriter',
      defence: { id: 'softer', on: 'rewrite', replace: {} },
      rewrite: async () => ({ kind: 'failed', message: 'down' }),
    };
    expect((await ask([broken], [10])).answer.outcome).toMatchObject({ kind: 'failed' });
  });
});

describe('replaceWords', () => {
  it.each([
    ['A Knife fight, knives', { knife: 'spoon' }, 'A spoon fight, knives'],
    ['red paint', { red: 'blue', 'red paint': 'water' }, 'water'],
    ['hundred', { red: 'blue' }, 'hundred'],
    ['Blut überall', { blut: 'Farbe' }, 'Farbe überall'],
    ['a (b)', { '(b)': 'c' }, 'a c'],
    ['as it is', {}, 'as it is'],
  ])('turns %j into the words asked for', (text, replace, made) => {
    expect(replaceWords(text, replace as Record<string, string>)).toBe(made);
  });
});
