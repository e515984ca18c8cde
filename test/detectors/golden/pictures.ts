import type { RgbImage } from '../../../src/media/media.ts';

/** A picture made by code: the same pixels on every machine, so no trigonometry and no libraries. */
export interface GoldenPicture {
  readonly id: string;
  readonly image: RgbImage;
}

type Colour = readonly [number, number, number];
type Painter = (x: number, y: number) => Colour;

const SIZES = [
  [224, 224],
  [64, 64],
  [301, 173],
  [224, 224],
  [512, 512],
  [97, 640],
] as const;

/** Four families of six: flat shapes, soft blobs in skin and sky colours, grids and gradients, noise. */
export function goldenPictures(): GoldenPicture[] {
  const families: [string, (random: () => number, width: number, height: number) => Painter][] = [
    ['shapes', shapes],
    ['blobs', blobs],
    ['grid', grid],
    ['noise', noise],
  ];
  return families.flatMap(([family, createPainter], familyIndex) =>
    SIZES.map(([widthPx, heightPx], sizeIndex) => {
      const random = mulberry32(1000 * (familyIndex + 1) + sizeIndex);
      return {
        id: `${family}-${sizeIndex}-${widthPx}x${heightPx}`,
        image: paint(widthPx, heightPx, createPainter(random, widthPx, heightPx)),
      };
    }),
  );
}

export function paint(widthPx: number, heightPx: number, painter: Painter): RgbImage {
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) {
      rgb.set(
        painter(x, y).map((value) => Math.max(0, Math.min(255, Math.round(value)))),
        (y * widthPx + x) * 3,
      );
    }
  }
  return { widthPx, heightPx, rgb };
}

/** A small generator of numbers in 0–1 by Tommy Ettinger. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomColour(random: () => number): Colour {
  return [random() * 255, random() * 255, random() * 255];
}

/** Flat ellipses with dark outlines, as in a drawing. */
function shapes(random: () => number, width: number, height: number): Painter {
  const background = randomColour(random);
  const ellipses = Array.from({ length: 9 }, () => ({
    x: random() * width,
    y: random() * height,
    a: (0.05 + random() * 0.25) * width,
    b: (0.05 + random() * 0.25) * height,
    colour: randomColour(random),
  }));
  return (x, y) => {
    let colour = background;
    for (const ellipse of ellipses) {
      const distance = ((x - ellipse.x) / ellipse.a) ** 2 + ((y - ellipse.y) / ellipse.b) ** 2;
      if (distance < 1) colour = distance > 0.88 ? [20, 16, 24] : ellipse.colour;
    }
    return colour;
  };
}

/** Soft light and dark bodies over a gradient. */
function blobs(random: () => number, width: number, height: number): Painter {
  const skies: Colour[] = [randomColour(random), randomColour(random)];
  const bodies = Array.from({ length: 6 }, () => ({
    x: (0.2 + random() * 0.6) * width,
    y: (0.1 + random() * 0.8) * height,
    a: (0.08 + random() * 0.22) * width,
    b: (0.1 + random() * 0.3) * height,
    light: 0.5 + random() * 0.5,
  }));
  return (x, y) => {
    const down = y / height;
    let [red, green, blue] = [0, 1, 2].map(
      (channel): number =>
        (skies[0]?.[channel] ?? 0) * (1 - down) + (skies[1]?.[channel] ?? 0) * down,
    ) as [number, number, number];
    for (const body of bodies) {
      const distance = ((x - body.x) / body.a) ** 2 + ((y - body.y) / body.b) ** 2;
      if (distance > 1) continue;
      const cover = Math.min(1, 4 * (1 - distance));
      const light = body.light * (1 - 0.5 * distance);
      red += (240 * light - red) * cover;
      green += (190 * light - green) * cover;
      blue += (165 * light - blue) * cover;
    }
    return [red, green, blue];
  };
}

/** Lines over a gradient. */
function grid(random: () => number, width: number, height: number): Painter {
  const [from, to] = [randomColour(random), randomColour(random)];
  const step = 4 + Math.floor(random() * 28);
  const line = 1 + Math.floor(random() * 3);
  return (x, y) => {
    if (x % step < line || y % step < line) return [230, 230, 225];
    const along = (x / width + y / height) / 2;
    return [0, 1, 2].map(
      (channel) => (from[channel] ?? 0) * (1 - along) + (to[channel] ?? 0) * along,
    ) as [number, number, number];
  };
}

/** Every pixel on its own, stronger to the right. */
function noise(random: () => number, width: number, _height: number): Painter {
  const base = randomColour(random);
  return (x) => {
    const strength = (200 * x) / width;
    return [
      base[0] + (random() - 0.5) * strength,
      base[1] + (random() - 0.5) * strength,
      base[2] + (random() - 0.5) * strength,
    ];
  };
}
