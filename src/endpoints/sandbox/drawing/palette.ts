import type { Random } from '../../../core/seeded-random.ts';

/** Colours that go together, as CSS hex. */
export interface Palette {
  readonly sky: readonly [string, string];
  readonly far: string;
  readonly ground: readonly [string, string];
  readonly sea: readonly [string, string];
  readonly wall: readonly [string, string];
  readonly accents: readonly [string, ...string[]];
}

const PALETTES: readonly [Palette, ...Palette[]] = [
  {
    sky: ['#8ecae6', '#e8f6fb'],
    far: '#7aa6a1',
    ground: ['#8ab17d', '#557c55'],
    sea: ['#4a9fc4', '#1f6389'],
    wall: ['#f4e8d8', '#e2cfb4'],
    accents: ['#e76f51', '#2a9d8f', '#e9c46a', '#264653', '#b56576'],
  },
  {
    sky: ['#f6bd60', '#f7ede2'],
    far: '#b08968',
    ground: ['#c9a66b', '#8f6f43'],
    sea: ['#84a59d', '#52796f'],
    wall: ['#eadfd0', '#cdb9a0'],
    accents: ['#f28482', '#84a59d', '#6d597a', '#355070', '#e56b6f'],
  },
  {
    sky: ['#a2b9e8', '#f1e9fb'],
    far: '#8187b5',
    ground: ['#90be6d', '#4d7c5b'],
    sea: ['#577590', '#2f4a63'],
    wall: ['#e4e6f3', '#bfc4de'],
    accents: ['#f94144', '#f8961e', '#43aa8b', '#277da1', '#7b5ea7'],
  },
  {
    sky: ['#bde0d8', '#fbf7e6'],
    far: '#78998f',
    ground: ['#b5c99a', '#718355'],
    sea: ['#56b4b0', '#246a73'],
    wall: ['#f7ede2', '#dcc5ae'],
    accents: ['#d1495b', '#00798c', '#edae49', '#3d405b', '#66a182'],
  },
];

export const NIGHT_SKY = ['#0f1b3d', '#3b4a7a'] as const;
export const DUSK_SKY = ['#5b3a6b', '#f4a261'] as const;
export const SPACE_SKY = ['#070914', '#2a1a4a'] as const;
export const SNOW = ['#f8fbff', '#cddbe8'] as const;

export function pickPalette(random: Random): Palette {
  return random.pick(PALETTES);
}
