import { afterEach, describe, expect, it } from 'vitest';
import {
  commandFilterOptionsSchema,
  createCommandFilterDetector,
} from '../../src/detectors/command-filter.ts';
import type { Detector } from '../../src/detectors/detector.ts';

/** Real programs, in the language that is there. */
const PROGRAMS = {
  answers: `
    const lines = require('node:readline').createInterface({ input: process.stdin });
    console.log('ready');
    lines.on('line', (line) => {
      const { id, text, base64 } = JSON.parse(line);
      if (base64) console.log(JSON.stringify({ id, flagged: base64.startsWith('iVBOR') }));
      else if (text === 'unsure') console.log(JSON.stringify({ id, abstained: 'cannot tell' }));
      else if (text === 'silent') return;
      else if (text === 'strange') console.log(JSON.stringify({ id, scores: { NSFW: 1 } }));
      else if (text === 'broken') console.log(JSON.stringify({ id, verdict: 'bad' }));
      else if (text === 'die') process.exit(1);
      else if (text === 'outside') console.log(JSON.stringify({ id, scores: { sexual: 1, hate: 0 } }));
      else setTimeout(() => console.log(JSON.stringify({ id, scores: { hate: text.length / 100 } })), text.length);
    });`,
};

let detector: Detector | undefined;
afterEach(async () => {
  await detector?.close();
  detector = undefined;
});

function create(more: object = {}, program: string = PROGRAMS.answers): Detector {
  detector = createCommandFilterDetector(
    commandFilterOptionsSchema.parse({
      command: [process.execPath, '-e', program],
      hazards: ['hate'],
      ...more,
    }),
    { env: process.env, folder: process.cwd() },
  );
  return detector;
}

const context = () => ({ signal: new AbortController().signal, prompt: undefined, earlier: [] });

async function resultOf(filter: Detector, text: string) {
  const [first] = await filter.detect({ kind: 'text', text }, context());
  return first?.result;
}

describe('command-filter', () => {
  it('matches answers to questions by id, whatever their order', async () => {
    const filter = create();
    const texts = ['x'.repeat(60), 'x'.repeat(20), 'x'];
    const scores = await Promise.all(texts.map((text) => resultOf(filter, text)));
    expect(scores.map((result) => (result?.kind === 'scores' ? result.scores : []))).toEqual(
      [0.6, 0.2, 0.01].map((score) => [{ hazard: 'hate', carrier: 'text', score }]),
    );
  });

  it('passes on a hazard that it does not claim, so that the audit can count it', async () => {
    const result = await resultOf(create(), 'outside');
    expect(result).toMatchObject({ kind: 'scores' });
    expect(result?.kind === 'scores' && result.scores.map(({ hazard }) => hazard)).toEqual([
      'sexual',
      'hate',
    ]);
  });

  it.each([
    ['unsure', 'refused_to_judge'],
    ['strange', 'malformed_answer'],
    ['broken', 'malformed_answer'],
    ['die', 'detector_error'],
  ])('abstains where the program says %s', async (text, code) => {
    expect(await resultOf(create(), text)).toMatchObject({ kind: 'abstained', code });
  });

  it('abstains where the program is too slow, and goes on', async () => {
    const filter = create({ timeoutMs: 1_000 });
    // The first answers wait for the program to start as well.
    while ((await resultOf(filter, 'a'))?.kind !== 'scores');
    expect(await resultOf(filter, 'silent')).toMatchObject({ code: 'timeout' });
    expect(await resultOf(filter, 'ab')).toMatchObject({ kind: 'scores' });
  });

  it('starts a program again that ended, and not for ever', async () => {
    const filter = create();
    for (const text of ['die', 'die']) await resultOf(filter, text);
    expect(await resultOf(filter, 'alive')).toMatchObject({ kind: 'scores' });
    await resultOf(filter, 'die');
    expect(await resultOf(filter, 'alive')).toMatchObject({
      code: 'detector_error',
      reason: expect.stringContaining('3 times'),
    });
  });

  it('abstains where there is no such program', async () => {
    const filter = create({ command: ['/nowhere/program'] });
    expect(await resultOf(filter, 'a')).toMatchObject({
      code: 'detector_error',
      reason: 'the program cannot be started',
    });
  });

  it('sends pictures as PNG', async () => {
    const filter = create({ reads: 'image' });
    const image = { widthPx: 2, heightPx: 2, rgb: new Uint8Array(12) };
    const ref = { sha256: 'a'.repeat(64), kind: 'image', mime: 'image/png', sizeBytes: 1 } as const;
    const [first] = await filter.detect(
      { kind: 'image', ref, image, bytes: new Uint8Array(1) },
      context(),
    );
    expect(first?.result).toMatchObject({
      kind: 'scores',
      scores: [{ hazard: 'hate', carrier: 'visual', score: 1 }],
    });
  });
});
