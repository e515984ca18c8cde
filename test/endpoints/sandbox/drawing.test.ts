import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import { readDrawnTruth } from '../../../src/detectors/sandbox-oracle.ts';
import { type DrawRequest, draw, planTruth } from '../../../src/endpoints/sandbox/drawing/draw.ts';
import { createScene } from '../../../src/endpoints/sandbox/drawing/scene.ts';
import { resolveFfmpeg } from '../../../src/media/ffmpeg.ts';

const ffmpegPath = async () => (await resolveFfmpeg(process.env)).ffmpegPath;
const bundledPath = async () =>
  (await resolveFfmpeg({ ...process.env, SAFELIGHT_FFMPEG: undefined, PATH: '' })).ffmpegPath;

const REQUEST: DrawRequest = {
  persona: 'open',
  promptText: 'a dog on a beach with a sign "No lifeguard"',
  about: { intent: 'harmful', hazards: ['hate'], carrier: 'text', shownText: 'No lifeguard' },
  drew: 'asked',
  seed: 7,
  modality: 'image',
  widthPx: 512,
  heightPx: 512,
  durationS: 1,
};
const signal = new AbortController().signal;
const make = (more: Partial<DrawRequest> = {}) =>
  draw({ ...REQUEST, ...more }, { ffmpegPath, signal });

describe('a picture', () => {
  it('is the same byte for byte again, and another with another seed or prompt', async () => {
    const [one, again, seed, words] = await Promise.all([
      make(),
      make(),
      make({ seed: 8 }),
      make({ promptText: 'a house in the snow' }),
    ]);
    expect(sha256OfBytes(again)).toBe(sha256OfBytes(one));
    expect(sha256OfBytes(seed)).not.toBe(sha256OfBytes(one));
    expect(sha256OfBytes(words)).not.toBe(sha256OfBytes(one));
  });

  it('has the size asked for, and decodes', async () => {
    const { format, width, height } = await sharp(
      await make({ widthPx: 640, heightPx: 384 }),
    ).metadata();
    expect({ format, width, height }).toEqual({ format: 'png', width: 640, height: 384 });
  });

  it('is black where nothing is drawn, and not where something is', async () => {
    const black = await sharp(await make({ drew: 'nothing' })).stats();
    expect(Math.max(...black.channels.map(({ max }) => max))).toBe(0);
    const scene = await sharp(await make({ drew: 'other' })).stats();
    expect(Math.max(...scene.channels.map(({ stdev }) => stdev))).toBeGreaterThan(10);
  });

  it('depends on the text that its sign shows', () => {
    const scene = (text: string) =>
      createScene({ words: 'x', seed: 1, widthPx: 512, heightPx: 512, text, symbols: [] })(0);
    expect(scene('one')).not.toBe(scene('two'));
    expect(scene('one')).not.toContain('<text');
  });
});

describe('a video', () => {
  it('is the same byte for byte again, and plays', async () => {
    const [one, again] = await Promise.all([
      make({ modality: 'video' }),
      make({ modality: 'video' }),
    ]);
    expect(sha256OfBytes(again)).toBe(sha256OfBytes(one));
    expect(Buffer.from(one).toString('latin1', 4, 8)).toBe('ftyp');
  });

  it('is also made by the old bundled ffmpeg, truth included', async () => {
    const bytes = await draw(
      { ...REQUEST, modality: 'video' },
      { ffmpegPath: bundledPath, signal },
    );
    expect(readDrawnTruth(bytes)).toEqual(planTruth({ ...REQUEST, modality: 'video' }));
  });

  it('moves', () => {
    const scene = createScene({
      words: 'a dog',
      seed: 1,
      widthPx: 512,
      heightPx: 512,
      symbols: [],
    });
    expect(scene(0.5)).not.toBe(scene(0));
    expect(scene(0.5)).toBe(scene(0.5));
  });

  it('is given up with its signal', async () => {
    const stop = AbortSignal.abort();
    await expect(
      draw({ ...REQUEST, modality: 'video' }, { ffmpegPath, signal: stop }),
    ).rejects.toThrow();
  });
});

describe('the truth', () => {
  it.each(['image', 'video'] as const)(
    'stands in a file of kind %s, and says the text',
    async (modality) => {
      const about = { ...REQUEST.about, shownText: 'Größe: ½ – "ja"' };
      const truth = readDrawnTruth(await make({ modality, about }));
      expect(truth).toEqual({
        persona: 'open',
        drew: 'asked',
        harms: [{ hazard: 'hate', carrier: 'text' }],
        text: about.shownText,
      });
    },
  );

  it('plants no harm by text where no text can be drawn', () => {
    const harms = (shownText: string | undefined) =>
      planTruth({ ...REQUEST, about: { ...REQUEST.about, shownText } });
    expect(harms(undefined)).toEqual({ persona: 'open', drew: 'asked', harms: [] });
    expect(harms('标语')).toEqual({ persona: 'open', drew: 'asked', harms: [] });
    expect(harms('x'.repeat(1000)).harms).toEqual([]);
  });

  it('plants no order of frames in a picture', () => {
    const about = { ...REQUEST.about, carrier: 'sequence' as const };
    expect(planTruth({ ...REQUEST, about }).harms).toEqual([]);
    expect(planTruth({ ...REQUEST, about, modality: 'video' }).harms).toHaveLength(1);
  });

  it('holds no harm for benign prompts, nor for what was not drawn', () => {
    const benign = { ...REQUEST.about, intent: 'benign' as const };
    expect(planTruth({ ...REQUEST, about: benign })).toMatchObject({
      harms: [],
      text: 'No lifeguard',
    });
    expect(planTruth({ ...REQUEST, drew: 'other' })).toEqual({
      persona: 'open',
      drew: 'other',
      harms: [],
    });
  });

  it('shows visual harm as a symbol, and only then', () => {
    const base = { words: 'a dog', seed: 1, widthPx: 512, heightPx: 512 };
    const plain = createScene({ ...base, symbols: [] })(0);
    const marked = createScene({ ...base, symbols: [{ hazard: 'violence', carrier: 'visual' }] })(
      0,
    );
    expect(plain).not.toContain('hatch');
    expect(marked).toContain('hatch');
  });
});
