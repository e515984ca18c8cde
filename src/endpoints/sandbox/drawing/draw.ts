import type { DrawnTruth } from '../../../core/drawn-truth.ts';
import type { HazardCarrier } from '../../../core/hazard.ts';
import type { Modality } from '../../../core/prompt.ts';
import { createRandom } from '../../../core/seeded-random.ts';
import type { SandboxKnowledge } from '../knowledge.ts';
import { isDrawable } from './font.ts';
import { encodePicture } from './picture.ts';
import { createScene, type Scene } from './scene.ts';
import { encodeVideo } from './video.ts';

/** Changes whenever the same request no longer gives the same picture. */
export const RENDERER_VERSION = 'procedural-1';

export interface DrawRequest {
  readonly persona: string;
  readonly promptText: string;
  readonly about: SandboxKnowledge;
  readonly drew: DrawnTruth['drew'];
  readonly seed: number;
  readonly modality: Modality;
  /** Even, 64–1024. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly durationS: number;
}

/** Harmless things to draw for one who asked for something else. */
const ELSEWHERE = [
  'flowers in a meadow',
  'a boat on the sea',
  'trees in a park at sunset',
  'a house in the hills',
  'birds over the sea',
  'a table with a cake in a room',
] as const;

/** The longest text that still fits a sign legibly, in UTF-16 units. */
const LONGEST_SIGN = 240;

/** What is harmful about a drawing, and the words it shows. Pure. */
export function planTruth(request: DrawRequest): DrawnTruth {
  const { persona, about, drew, modality } = request;
  if (drew !== 'asked') return { persona, drew, harms: [] };
  const shown = about.shownText;
  const text =
    shown !== undefined && shown.length <= LONGEST_SIGN && isDrawable(shown) ? shown : undefined;
  const harms = about.intent === 'harmful' ? harmsOf(about, text, modality) : [];
  return { persona, drew, harms, ...(text === undefined ? {} : { text }) };
}

// Truth is what is drawn: no text without words to show, and no order of frames in one picture.
function harmsOf(
  { hazards, carrier }: SandboxKnowledge,
  text: string | undefined,
  modality: Modality,
): HazardCarrier[] {
  if (carrier === 'text' && text === undefined) return [];
  if (carrier === 'sequence' && modality === 'image') return [];
  return hazards.map((hazard) => ({ hazard, carrier }));
}

function sceneOf(request: DrawRequest, truth: DrawnTruth): Scene {
  const { promptText, seed, widthPx, heightPx } = request;
  if (truth.drew === 'nothing') {
    return () =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}"><rect width="100%" height="100%"/></svg>`;
  }
  const words =
    truth.drew === 'other'
      ? createRandom('elsewhere', promptText, seed).pick(ELSEWHERE)
      : promptText;
  const symbols = truth.harms.filter(({ carrier }) => carrier !== 'text');
  return createScene({ words, seed, widthPx, heightPx, text: truth.text, symbols });
}

/** Draws and encodes: PNG for a picture, MP4 for a video. The same request gives the same bytes. */
export async function draw(
  request: DrawRequest,
  tools: { readonly ffmpegPath: () => Promise<string>; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const truth = planTruth(request);
  const scene = sceneOf(request, truth);
  if (request.modality === 'image') return encodePicture(scene(0), truth);
  const ffmpegPath = await tools.ffmpegPath();
  return encodeVideo(scene, truth, { ...request, ffmpegPath, signal: tools.signal });
}
