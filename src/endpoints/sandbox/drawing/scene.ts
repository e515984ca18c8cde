import type { HazardCarrier } from '../../../core/hazard.ts';
import { createRandom, type Random } from '../../../core/seeded-random.ts';
import { chooseBackdrop, chooseDaylight, drawBackdrop, type Layer } from './backdrop.ts';
import { type Palette, pickPalette } from './palette.ts';
import { drawSign } from './sign.ts';
import { chooseSubjects, type Subject } from './subjects.ts';
import { drawSymbol } from './symbol.ts';
import type { Area } from './text-block.ts';

/** What a picture or a video is made of. */
export interface SceneRequest {
  /** Decides shapes, places and, with the seed, the layout. */
  readonly words: string;
  readonly seed: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Drawn on a sign. Every character must have a glyph: see `isDrawable`. */
  readonly text?: string | undefined;
  /** Harm that is not text: drawn as an abstract symbol. */
  readonly symbols: readonly HazardCarrier[];
}

/** A scene as SVG without any `<text>`, at a moment of it: 0 for a picture, 0–1 over a video. */
export type Scene = (phase: number) => string;

/** Lays a scene out. The same request gives the same SVG, letter for letter. */
export function createScene(request: SceneRequest): Scene {
  const random = createRandom('scene', request.words, request.seed);
  const size: Area = { x: 0, y: 0, width: request.widthPx, height: request.heightPx };
  const palette = pickPalette(random);
  const kind = chooseBackdrop(request.words, random);
  const daylight = chooseDaylight(request.words, random);
  const { layers, horizon } = drawBackdrop(kind, daylight, size, palette, random);
  const subjects = chooseSubjects(request.words, kind, random);
  const all: Layer[] = [
    ...layers,
    ...subjects
      .map((subject, index) =>
        placeSubject(subject, (index + 0.5) / subjects.length, { size, horizon, palette, random }),
      )
      .sort((one, other) => one.y - other.y)
      .map(({ layer }) => layer),
    grain(size, random),
  ];
  if (request.text !== undefined) {
    const sign = drawSign(request.text, size, random);
    all.push(() => sign);
  }
  request.symbols.forEach((symbol, place) => {
    all.push(drawSymbol(symbol, size, place));
  });
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${request.widthPx}" height="${request.heightPx}" viewBox="0 0 ${request.widthPx} ${request.heightPx}">`;
  return (phase) => `${open}${all.map((layer) => layer(phase)).join('')}</svg>`;
}

interface Stage {
  readonly size: Area;
  readonly horizon: number;
  readonly palette: Palette;
  readonly random: Random;
}

/** What stands lower in the picture is nearer, and is drawn later. */
function placeSubject(
  subject: Subject,
  across: number,
  stage: Stage,
): { readonly y: number; readonly layer: Layer } {
  const { size, horizon, palette, random } = stage;
  const height = size.height * subject.height * random.between(0.85, 1.15);
  const depth = random.between(0.1, 0.75);
  const x = size.width * Math.min(0.9, Math.max(0.1, across + random.between(-0.08, 0.08)));
  const y =
    subject.place === 'air'
      ? horizon * random.between(0.25, 0.8)
      : horizon + (subject.place === 'water' ? height * 0.6 : 0) + (size.height - horizon) * depth;
  const svg = subject.shape(random, random.pick(palette.accents));
  const mirrored = random.chance(0.5) ? -1 : 1;
  const drift = subject.still ? 0 : random.between(-0.25, 0.25) * size.width;
  const bounce = subject.still ? 0 : height * random.between(0.02, 0.08);
  const scale = Number(height.toFixed(1));
  const layer: Layer = (phase) => {
    const at = (x + drift * phase).toFixed(1);
    const lift = (y - bounce * Math.abs(Math.sin(phase * 4 * Math.PI))).toFixed(1);
    return `<g transform="translate(${at} ${lift}) scale(${mirrored * scale} ${scale})">${svg}</g>`;
  };
  return { y, layer };
}

/** Specks of light and dark, so that no area is perfectly flat. */
function grain(size: Area, random: Random): Layer {
  const specks = Array.from({ length: 90 }, () => {
    const [x, y, r] = [
      random.between(0, size.width),
      random.between(0, size.height),
      random.between(0.6, 2.2),
    ];
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r.toFixed(1)}" fill="${random.chance(0.5) ? '#fff' : '#000'}"/>`;
  }).join('');
  return () => `<g opacity="0.16">${specks}</g>`;
}
