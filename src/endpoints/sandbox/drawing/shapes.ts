import type { Random } from '../../../core/seeded-random.ts';

/**
 * One thing in a scene, as SVG around the origin: `x` centred on 0, standing on `y` = 0, one unit
 * high. The scene places and scales it.
 */
export type Shape = (random: Random, colour: string) => string;

const SKIN = ['#f2d3b1', '#d9a679', '#a9714b', '#6f4a33'] as const;
const rect = (x: number, y: number, w: number, h: number, fill: string, round = 0): string =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${round}" fill="${fill}"/>`;
const disc = (x: number, y: number, r: number, fill: string): string =>
  `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`;
const oval = (x: number, y: number, rx: number, ry: number, fill: string): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"/>`;
const path = (d: string, fill: string): string => `<path d="${d}" fill="${fill}"/>`;

export const person: Shape = (random, colour) => {
  const skin = random.pick(SKIN);
  const hair = random.pick(['#2b2118', '#5a3d28', '#8c8c8c', '#b5813f']);
  return [
    rect(-0.1, -0.42, 0.085, 0.42, '#39405a', 0.03),
    rect(0.015, -0.42, 0.085, 0.42, '#39405a', 0.03),
    rect(-0.2, -0.74, 0.07, 0.34, skin, 0.035),
    rect(0.13, -0.74, 0.07, 0.34, skin, 0.035),
    rect(-0.15, -0.78, 0.3, 0.42, colour, 0.09),
    disc(0, -0.88, 0.105, skin),
    path('M-0.11-0.88A0.11 0.11 0 0 1 0.11-0.88Q0-0.96-0.11-0.88Z', hair),
  ].join('');
};

export const animal: Shape = (random) => {
  const coat = random.pick(['#9c6b3f', '#5d5346', '#d8b27a', '#7c7f86', '#f0e6d6']);
  const legs = [-0.42, -0.24, 0.2, 0.38].map((x) => rect(x, -0.36, 0.1, 0.36, coat, 0.04));
  return [
    ...legs,
    oval(0, -0.48, 0.52, 0.22, coat),
    path('M-0.48-0.55Q-0.75-0.75-0.66-0.9L-0.6-0.86Q-0.62-0.7-0.42-0.5Z', coat),
    disc(0.56, -0.72, 0.19, coat),
    path('M0.42-0.82L0.44-1L0.56-0.88ZM0.6-0.89L0.7-1L0.73-0.8Z', coat),
    disc(0.62, -0.75, 0.028, '#1d1a17'),
    disc(0.74, -0.69, 0.03, '#1d1a17'),
  ].join('');
};

export const bird: Shape = (_random, colour) =>
  path('M-0.9-0.5Q-0.45-1-0-0.55Q0.45-1 0.9-0.5Q0.45-0.78 0-0.36Q-0.45-0.78-0.9-0.5Z', colour);

export const fish: Shape = (_random, colour) =>
  oval(0, -0.5, 0.6, 0.3, colour) +
  path('M-0.5-0.5L-0.95-0.85L-0.85-0.5L-0.95-0.15Z', colour) +
  disc(0.35, -0.57, 0.05, '#fff') +
  disc(0.36, -0.57, 0.025, '#222');

export const tree: Shape = (random) => {
  const leaf = random.pick(['#3f7d4e', '#5a9a5f', '#86a34c', '#c47f3a']);
  return (
    rect(-0.05, -0.45, 0.1, 0.45, '#6b4a32', 0.02) +
    disc(-0.18, -0.55, 0.2, leaf) +
    disc(0.18, -0.56, 0.21, leaf) +
    disc(0, -0.76, 0.24, leaf)
  );
};

export const conifer: Shape = (random) => {
  const leaf = random.pick(['#2f5d50', '#3c6e57', '#27524a']);
  return (
    rect(-0.04, -0.16, 0.08, 0.16, '#5b4030') +
    path('M-0.3-0.14L0-0.58L0.3-0.14ZM-0.24-0.4L0-0.8L0.24-0.4ZM-0.17-0.65L0-1L0.17-0.65Z', leaf)
  );
};

export const house: Shape = (random, colour) => {
  const wall = random.pick(['#f3e9dc', '#e7d3bd', '#d9e2e7', '#f5dfd3']);
  return (
    rect(-0.5, -0.6, 1, 0.6, wall) +
    path('M-0.62-0.58L0-1L0.62-0.58Z', colour) +
    rect(-0.1, -0.36, 0.2, 0.36, '#6e4b37') +
    rect(-0.4, -0.46, 0.18, 0.18, '#9cc3d5') +
    rect(0.22, -0.46, 0.18, 0.18, '#9cc3d5')
  );
};

export const tower: Shape = (random) => {
  const wall = random.pick(['#6c7a89', '#8795a1', '#55606e', '#a08f83']);
  const lit = random.pick(['#f9e6a0', '#cfe6f2']);
  const windows: string[] = [];
  for (let row = 0; row < 7; row += 1) {
    for (let column = 0; column < 3; column += 1) {
      if (random.chance(0.75)) {
        windows.push(rect(-0.15 + column * 0.11, -0.94 + row * 0.13, 0.07, 0.07, lit));
      }
    }
  }
  return rect(-0.2, -1, 0.4, 1, wall) + windows.join('');
};

export const car: Shape = (_random, colour) =>
  path('M-0.9-0.25Q-0.9-0.5-0.6-0.52L-0.35-0.9H0.3L0.58-0.52Q0.9-0.5 0.9-0.25Z', colour) +
  path('M-0.42-0.54L-0.26-0.8H-0.04V-0.54ZM0.04-0.54V-0.8H0.25L0.42-0.54Z', '#d7ecf5') +
  [-0.5, 0.5].map((x) => disc(x, -0.2, 0.2, '#2d2d33') + disc(x, -0.2, 0.09, '#c9c9cf')).join('');

export const boat: Shape = (_random, colour) =>
  path('M-0.6-0.24H0.6L0.4 0H-0.42Z', colour) +
  rect(-0.02, -1, 0.04, 0.78, '#5b4030') +
  path('M0.04-0.96L0.5-0.32H0.04ZM-0.05-0.88L-0.4-0.32H-0.05Z', '#fbf5e9');

export const flower: Shape = (random, colour) => {
  const petals = Array.from({ length: 6 }, (_, index) => {
    const angle = (index * Math.PI) / 3;
    return disc(
      Math.round(Math.cos(angle) * 130) / 1000,
      Math.round(Math.sin(angle) * 130 - 800) / 1000,
      0.1,
      colour,
    );
  });
  const centre = disc(0, -0.8, 0.09, random.pick(['#f6d55c', '#7a4b2a']));
  return `${rect(-0.02, -0.75, 0.04, 0.75, '#4c7a4a')}${petals.join('')}${centre}`;
};

export const table: Shape = (_random, colour) =>
  rect(-0.8, -0.55, 1.6, 0.09, '#8a6244', 0.02) +
  rect(-0.7, -0.47, 0.08, 0.47, '#754f35') +
  rect(0.62, -0.47, 0.08, 0.47, '#754f35') +
  rect(-0.25, -0.78, 0.5, 0.23, '#fdf3e3', 0.04) +
  rect(-0.25, -0.78, 0.5, 0.08, colour, 0.04) +
  rect(-0.012, -0.95, 0.024, 0.17, '#f2c14e');

export const paper: Shape = (_random, colour) => {
  const lines = Array.from({ length: 6 }, (_, row) =>
    rect(-0.26, -0.74 + row * 0.1, row % 3 === 2 ? 0.3 : 0.52, 0.03, '#b9bec7'),
  );
  return `${rect(-0.36, -1, 0.72, 1, '#fdfdfb', 0.02)}${rect(-0.26, -0.9, 0.3, 0.07, colour)}${lines.join('')}`;
};

export const screen: Shape = (_random, colour) =>
  rect(-0.7, -1, 1.4, 0.82, '#2f343d', 0.05) +
  rect(-0.64, -0.94, 1.28, 0.7, '#e9f0f4', 0.02) +
  rect(-0.56, -0.86, 0.5, 0.22, colour, 0.02) +
  rect(-0.56, -0.56, 1.1, 0.05, '#b7c3cc') +
  rect(-0.56, -0.44, 0.8, 0.05, '#b7c3cc') +
  rect(-0.12, -0.2, 0.24, 0.14, '#565d68') +
  rect(-0.35, -0.07, 0.7, 0.07, '#565d68', 0.03);

/** For what no other shape fits: a wrapped box, plainly nothing in particular. */
export const parcel: Shape = (_random, colour) =>
  rect(-0.5, -0.8, 1, 0.8, colour, 0.04) +
  rect(-0.09, -0.8, 0.18, 0.8, '#fff4d6') +
  rect(-0.5, -0.5, 1, 0.14, '#fff4d6') +
  path('M0-0.8Q-0.35-1.05-0.3-0.82ZM0-0.8Q0.35-1.05 0.3-0.82Z', '#fff4d6');
