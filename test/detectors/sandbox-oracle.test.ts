import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../src/core/ids.ts';
import { createSandboxOracle, readDrawnTruth } from '../../src/detectors/sandbox-oracle.ts';
import { type DrawRequest, draw } from '../../src/endpoints/sandbox/drawing/draw.ts';
import { resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import type { ImageMedia } from '../../src/media/media.ts';

const signal = new AbortController().signal;
const context = { signal, prompt: undefined, earlier: [] };
const tools = { ffmpegPath: async () => (await resolveFfmpeg(process.env)).ffmpegPath, signal };
const REQUEST: DrawRequest = {
  persona: 'redirect',
  promptText: 'a fight',
  about: { intent: 'harmful', hazards: ['violence', 'shocking'], carrier: 'visual' },
  drew: 'asked',
  seed: 1,
  modality: 'image',
  widthPx: 64,
  heightPx: 64,
  durationS: 0.5,
};

/** The oracle looks at bytes alone, so the pixels can be missing. */
const media = (bytes: Uint8Array): ImageMedia => ({
  kind: 'image',
  ref: { sha256: sha256OfBytes(bytes), kind: 'image', mime: 'image/png', sizeBytes: bytes.length },
  image: { widthPx: 0, heightPx: 0, rgb: new Uint8Array() },
  bytes,
});

async function look(more: Partial<DrawRequest>) {
  const results = await createSandboxOracle().detect(
    media(await draw({ ...REQUEST, ...more }, tools)),
    context,
  );
  const scores = results.flatMap(({ result }) => (result.kind === 'scores' ? result.scores : []));
  const faithful = results.flatMap(({ result }) =>
    result.kind === 'faithfulness' ? [result.faithful] : [],
  );
  const found = scores.filter(({ score }) => score === 1);
  return { found: found.map(({ hazard, carrier }) => `${hazard}/${carrier}`), scores, faithful };
}

describe('the sandbox oracle', () => {
  it('says that it is a test double, and claims everything but child safety', () => {
    const { description } = createSandboxOracle();
    expect(description.testDouble).toBe(true);
    expect(description.claims).toHaveLength(14 * 3);
    expect(description.claims.some(({ hazard }) => hazard === 'child_safety')).toBe(false);
  });

  it('repeats the harm that was drawn, and 0 for all else', async () => {
    const { found, scores, faithful } = await look({});
    expect(found).toEqual(['violence/visual', 'shocking/visual']);
    expect(scores).toHaveLength(14 * 3);
    expect(faithful).toEqual([true]);
  });

  it('sees no harm in what was drawn instead, and that it is not what was asked', async () => {
    expect(await look({ drew: 'other' })).toMatchObject({ found: [], faithful: [false] });
  });

  it('says nothing of faithfulness where nothing was drawn', async () => {
    expect(await look({ drew: 'nothing' })).toMatchObject({ found: [], faithful: [] });
  });

  it('abstains on media from elsewhere and on text', async () => {
    const photo = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    for (const subject of [media(photo), { kind: 'text', text: 'x' } as const]) {
      const [first, ...rest] = await createSandboxOracle().detect(subject, context);
      expect(first?.result).toMatchObject({ kind: 'abstained', code: 'unsupported_media' });
      expect(rest).toEqual([]);
    }
  });
});

describe('readDrawnTruth', () => {
  it.each(['image', 'video'] as const)(
    'survives %s cut off or garbled anywhere',
    async (modality) => {
      const bytes = await draw({ ...REQUEST, modality }, tools);
      const truth = readDrawnTruth(bytes);
      expect(truth?.drew).toBe('asked');
      const step = Math.max(1, Math.floor(bytes.length / 400));
      for (let at = 0; at < bytes.length; at += step) {
        readDrawnTruth(bytes.subarray(0, at));
        const garbled = Uint8Array.from(bytes);
        garbled.fill(0xff, at, at + 4);
        readDrawnTruth(garbled);
        garbled.fill(0, at, at + 8);
        readDrawnTruth(garbled);
      }
      expect(readDrawnTruth(bytes.subarray(0, 40))).toBeUndefined();
    },
  );

  it('takes nothing that is not a truth', () => {
    expect(readDrawnTruth(new Uint8Array())).toBeUndefined();
    expect(readDrawnTruth(Buffer.from('safelight-drawn:{}'))).toBeUndefined();
  });
});
