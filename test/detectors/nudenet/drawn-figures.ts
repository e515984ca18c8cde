import type { RgbImage } from '../../../src/media/media.ts';
import { goldenPictures, mulberry32, paint } from '../golden/pictures.ts';

type Colour = readonly [number, number, number];

const SIZES = [
  [900, 500],
  [480, 640],
  [500, 500],
  [1280, 300],
] as const;

const SEEDS = [1, 2];

/** Pictures with which the Python package and ours are compared: shapes, and heads drawn by code. */
export function nudenetPictures(): Map<string, RgbImage> {
  const pictures = new Map(goldenPictures().map(({ id, image }) => [id, image] as const));
  for (const seed of SEEDS) {
    for (const [widthPx, heightPx] of SIZES) {
      pictures.set(`head-${seed}-${widthPx}x${heightPx}`, drawHead(seed, widthPx, heightPx));
    }
  }
  return pictures;
}

interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly a: number;
  readonly b: number;
  readonly colour: Colour;
  /** How hard its rim is. */
  readonly rim: number;
}

/**
 * Numbers in the shape of the model's output, from which boxes are cut where many lie upon one
 * another; `write-golden.py` makes the same.
 */
export function crowdedOutput(seed: number, places: number): Float32Array {
  let state = seed;
  const next = (): number => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const rows = new Float32Array(22 * places);
  for (let place = 0; place < places; place += 1) {
    const column = [
      40 * Math.floor(next() * 8) + 12 * next(),
      40 * Math.floor(next() * 8) + 12 * next(),
      20 + 60 * next(),
      20 + 60 * next(),
      ...Array.from({ length: 18 }, () => next() ** 16),
    ];
    column.forEach((value, row) => {
      rows[row * places + place] = value;
    });
  }
  return rows;
}

/** A head with shoulders before a plain wall: ellipses over one another. */
function drawHead(seed: number, widthPx: number, heightPx: number): RgbImage {
  const random = mulberry32(seed);
  const wall: Colour = [60 + 160 * random(), 60 + 160 * random(), 60 + 160 * random()];
  const light = 0.7 + 0.4 * random();
  const skin: Colour = [224 * light, 172 * light, 140 * light];
  const dark = 0.5 + 2 * random();
  const hair: Colour = [60 * dark, 40 * dark, 30 * dark];
  const shirt: Colour = [255 * random(), 255 * random(), 255 * random()];
  const [x, y] = [widthPx * 0.5, heightPx * 0.45];
  const [a, b] = [widthPx * 0.2, heightPx * 0.28];
  const shade = (colour: Colour, by: number): Colour => [
    colour[0] * by,
    colour[1] * by,
    colour[2] * by,
  ];
  const part = (dx: number, dy: number, da: number, db: number, colour: Colour, rim = 12) => ({
    x: x + dx * a,
    y: y + dy * b,
    a: da * a,
    b: db * b,
    colour,
    rim,
  });
  const ellipses: Ellipse[] = [
    part(0, -0.15, 1.3, 1.25, hair),
    ...(seed % 2 === 0 ? [] : [part(0, 0.5, 1.25, 1.3, hair)]),
    part(0, 2.1, 1.9, 1.1, shirt),
    part(0, 1, 0.45, 0.5, shade(skin, 0.85)),
    part(0, 0, 1, 1, skin),
    part(0.2, 0.1, 0.8, 0.85, shade(skin, 1.05), 2),
    ...[-1, 1].flatMap((side) => [
      part(side * 0.42, -0.1, 0.24, 0.09, [245, 245, 245]),
      part(side * 0.42, -0.1, 0.1, 0.085, [60, 40, 30]),
      part(side * 0.42, -0.1, 0.045, 0.04, [5, 5, 5]),
      part(side * 0.42, -0.28, 0.3, 0.04, shade(hair, 0.7)),
      part(side * 0.1, 0.28, 0.08, 0.04, shade(skin, 0.6)),
    ]),
    part(0, 0.52, 0.36, 0.09, [190, 80, 85]),
    part(0, 0.52, 0.34, 0.015, [90, 30, 35]),
    part(0, -0.85, 0.95, 0.4, hair, 4),
  ];
  return paint(widthPx, heightPx, (px, py) => {
    let [red, green, blue] = shade(wall, 0.8 + (0.4 * py) / heightPx);
    for (const each of ellipses) {
      const distance = ((px - each.x) / each.a) ** 2 + ((py - each.y) / each.b) ** 2;
      if (distance >= 1) continue;
      const cover = Math.min(1, each.rim * (1 - distance));
      red += (each.colour[0] - red) * cover;
      green += (each.colour[1] - green) * cover;
      blue += (each.colour[2] - blue) * cover;
    }
    return [red, green, blue];
  });
}
