import type { Random } from '../../../core/seeded-random.ts';
import { DUSK_SKY, NIGHT_SKY, type Palette, SNOW, SPACE_SKY } from './palette.ts';
import type { Area } from './text-block.ts';

/** Where the scene happens. */
export const BACKDROPS = [
  'field',
  'hills',
  'sea',
  'city',
  'room',
  'forest',
  'snow',
  'space',
] as const;
export type Backdrop = (typeof BACKDROPS)[number];
export type Daylight = 'day' | 'dusk' | 'night';

const BACKDROP_WORDS: readonly (readonly [Backdrop, RegExp])[] = [
  ['space', /\b(space|planets?|galax\w+|astronaut\w*|rockets?|cosmic|universe)\b/i],
  ['snow', /\b(snow\w*|winter|ice|icy|arctic|ski\w*|glaciers?)\b/i],
  [
    'sea',
    /\b(sea|ocean|beach\w*|coast\w*|harbou?r|boats?|ships?|lake|river|waves?|underwater|island)\b/i,
  ],
  ['forest', /\b(forests?|woods?|jungle|trees?|camp(ing|fire)?)\b/i],
  [
    'city',
    /\b(city|cities|street\w*|urban|downtown|traffic|skyline|alley|billboards?|rall(y|ies)|protest\w*|subway|market)\b/i,
  ],
  [
    'room',
    /\b(room|kitchen|office|class\w*|school|hospital|bed\w*|indoors?|museum|gallery|library|desk|table|lab\w*|court\w*|shop|restaurant|café|cafe|studio|meeting|posters?|whiteboard)\b/i,
  ],
  ['hills', /\b(mountains?|hills?|valley|cliffs?|desert|canyon|volcano)\b/i],
  ['field', /\b(fields?|meadow|gardens?|park|farm\w*|flowers?|lawn|countryside)\b/i],
];

/** The backdrop that the words ask for, else any of those that suit everything. */
export function chooseBackdrop(words: string, random: Random): Backdrop {
  const asked = BACKDROP_WORDS.filter(([, pattern]) => pattern.test(words)).map(([name]) => name);
  const [first, ...others] = asked;
  if (first !== undefined) return random.pick([first, ...others]);
  return random.pick(['field', 'hills', 'city', 'room']);
}

export function chooseDaylight(words: string, random: Random): Daylight {
  if (/\b(night\w*|midnight|moon\w*|stars?|dark\w*)\b/i.test(words)) return 'night';
  if (/\b(sunset|dusk|dawn|sunrise|evening|golden hour)\b/i.test(words)) return 'dusk';
  return random.chance(0.82) ? 'day' : 'dusk';
}

/** A part of a scene at a moment: 0 for a still picture, 0–1 over a video. */
export type Layer = (phase: number) => string;

const round = (value: number): number => Math.round(value * 10) / 10;

function gradient(id: string, [top, bottom]: readonly [string, string]): string {
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/><stop offset="1" stop-color="${bottom}"/></linearGradient>`;
}

function band(area: Area, fill: string): string {
  return `<rect x="${round(area.x)}" y="${round(area.y)}" width="${round(area.width)}" height="${round(area.height)}" fill="${fill}"/>`;
}

/** A skyline of hills or waves across the whole width, closed below. */
function ridge(size: Area, y: number, height: number, steps: number, random: Random): string {
  let d = `M0 ${round(y)}`;
  const step = size.width / steps;
  for (let index = 0; index < steps; index += 1) {
    const peak = y - height * random.between(0.3, 1.6);
    d += `Q${round((index + 0.5) * step)} ${round(peak)} ${round((index + 1) * step)} ${round(y)}`;
  }
  return `${d}V${size.height}H0Z`;
}

function skyDome(size: Area, daylight: Daylight, horizon: number, random: Random): Layer {
  const x = random.between(0.1, 0.9) * size.width;
  const y = random.between(0.12, 0.6) * horizon;
  const radius = random.between(0.04, 0.1) * size.width;
  const orb = daylight === 'night' ? '#f3f0dc' : daylight === 'dusk' ? '#ffe2a8' : '#fff3b8';
  const stars =
    daylight === 'night'
      ? Array.from({ length: 40 }, () => {
          const [sx, sy] = [random.between(0, size.width), random.between(0, horizon)];
          return `<circle cx="${round(sx)}" cy="${round(sy)}" r="${round(random.between(0.5, 1.8))}" fill="#fff" opacity="0.8"/>`;
        }).join('')
      : '';
  const clouds = Array.from({ length: daylight === 'night' ? 1 : random.integer(1, 4) }, () => ({
    x: random.between(0, size.width),
    y: random.between(0.1, 0.8) * horizon,
    r: random.between(0.03, 0.07) * size.width,
  }));
  return (phase) =>
    `${stars}<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${orb}"/>${clouds
      .map(({ x: cx, y: cy, r }) => {
        const at = round(((cx + phase * size.width * 0.12) % (size.width + 4 * r)) - 2 * r);
        return `<g fill="#fff" opacity="0.75"><ellipse cx="${at}" cy="${round(cy)}" rx="${round(r * 1.8)}" ry="${round(r * 0.7)}"/><circle cx="${round(at + r * 0.5)}" cy="${round(cy - r * 0.4)}" r="${round(r * 0.7)}"/></g>`;
      })
      .join('')}`;
}

/** Gradients, sky and ground of a scene, and the height at which things stand. */
export interface DrawnBackdrop {
  readonly layers: readonly Layer[];
  /** `y` of the line between sky and ground. */
  readonly horizon: number;
}

export function drawBackdrop(
  kind: Backdrop,
  daylight: Daylight,
  size: Area,
  palette: Palette,
  random: Random,
): DrawnBackdrop {
  const horizon = size.height * random.between(0.48, 0.72);
  const below = { ...size, y: horizon, height: size.height - horizon };
  const sky =
    kind === 'space'
      ? SPACE_SKY
      : kind === 'room'
        ? palette.wall
        : daylight === 'night'
          ? NIGHT_SKY
          : daylight === 'dusk'
            ? DUSK_SKY
            : palette.sky;
  const floor =
    kind === 'sea'
      ? palette.sea
      : kind === 'snow'
        ? SNOW
        : kind === 'space'
          ? SPACE_SKY
          : palette.ground;
  const ground = kind === 'room' ? (['#b58f6a', '#8d6b4d'] as const) : floor;
  const base = `<defs>${gradient('sky', sky)}${gradient('ground', ground)}</defs>${band(size, 'url(#sky)')}`;
  const floorBand = band(below, 'url(#ground)');
  const far = (height: number, steps: number): string =>
    `<path d="${ridge(size, horizon + 2, height, steps, random)}" fill="${palette.far}" opacity="0.7"/>`;

  switch (kind) {
    case 'room': {
      const [x, width] = [
        random.between(0.08, 0.5) * size.width,
        random.between(0.25, 0.4) * size.width,
      ];
      const window = band({ x, y: horizon * 0.18, width, height: horizon * 0.5 }, '#fffdf6');
      const pane = band(
        { x: x + 6, y: horizon * 0.18 + 6, width: width - 12, height: horizon * 0.5 - 12 },
        daylight === 'night' ? '#26345f' : '#a9d3e6',
      );
      return { horizon, layers: [() => base + window + pane + floorBand] };
    }
    case 'space':
      return { horizon, layers: [() => base, skyDome(size, 'night', size.height, random)] };
    case 'city':
    case 'forest': {
      const dark = kind === 'city' ? '#5a6678' : '#41624f';
      const blocks = Array.from({ length: 11 }, (_, index) => {
        const height = random.between(0.15, 0.6) * horizon;
        const width = size.width / 11;
        return kind === 'city'
          ? band({ x: index * width, y: horizon - height, width: width * 0.95, height }, dark)
          : `<path d="M${round((index - 0.3) * width)} ${round(horizon)}L${round((index + 0.5) * width)} ${round(horizon - height)}L${round((index + 1.3) * width)} ${round(horizon)}Z" fill="${dark}"/>`;
      }).join('');
      const dome = skyDome(size, daylight, horizon, random);
      return {
        horizon,
        layers: [() => base, dome, () => `<g opacity="0.75">${blocks}</g>${floorBand}`],
      };
    }
    default: {
      const dome = skyDome(size, daylight, horizon, random);
      const hills =
        kind === 'sea' ? '' : far(horizon * (kind === 'field' ? 0.15 : 0.5), random.integer(2, 5));
      const ripples = kind === 'sea' ? waves(below, random) : () => '';
      return { horizon, layers: [() => base, dome, () => hills + floorBand, ripples] };
    }
  }
}

function waves(area: Area, random: Random): Layer {
  const lines = Array.from({ length: 9 }, () => ({
    x: random.between(-0.1, 0.9) * area.width,
    y: area.y + random.between(0.08, 1) * area.height,
    width: random.between(0.08, 0.3) * area.width,
  }));
  return (phase) =>
    lines
      .map(
        ({ x, y, width }) =>
          `<rect x="${round(x + phase * 30)}" y="${round(y)}" width="${round(width)}" height="3" rx="1.5" fill="#fff" opacity="0.35"/>`,
      )
      .join('');
}
