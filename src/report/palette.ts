import type { Stage } from '../core/outcome.ts';
import type { VerdictClass } from '../core/verdict.ts';

/**
 * Colours of the page as light and dark values. Data colours are near those of Okabe and Ito, moved apart
 * until people with any form of colour blindness can tell each from each: a test holds them to that.
 * Refusals share one hue in four lightnesses, since they are one family.
 */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  page: ['#f5f3ef', '#131110'],
  paper: ['#ffffff', '#1c1917'],
  plot: ['#fbfaf8', '#171513'],
  ink: ['#1d1a18', '#f1ebe5'],
  muted: ['#665f58', '#aaa199'],
  line: ['#e4dfd8', '#38322d'],
  accent: ['#a8321a', '#ff8a6b'],
  good: ['#00744f', '#3cc796'],
  warn: ['#fff4de', '#33260f'],
  'warn-line': ['#e0a63a', '#a87518'],
  bad: ['#fde9e3', '#3a1710'],
  'bad-line': ['#c4421f', '#e0603c'],
  e1: ['#134f87', '#5c90fe'],
  e2: ['#9e5009', '#d45811'],
  e3: ['#1f855f', '#69fdd1'],
  e4: ['#da609d', '#a27494'],
  e5: ['#a79536', '#f9b750'],
  e6: ['#3297fd', '#c0cff5'],
  e7: ['#3a3933', '#999d84'],
  'v-refused_input': ['#1f2760', '#2f588a'],
  'v-refused_output': ['#394de2', '#8377f0'],
  'v-refused_other': ['#2baaee', '#78dafd'],
  'v-refused_soft': ['#c5eef2', '#dcf2f0'],
  'v-redirected': ['#946f8b', '#c796b2'],
  'v-harmless': ['#5e8d58', '#85ba75'],
  'v-borderline': ['#ecb324', '#dbd60e'],
  'v-harmful': ['#853f04', '#be661e'],
  'v-unscored': ['#cccaa8', '#8b8477'],
  'v-failed': ['#5b544d', '#493b21'],
};

/** Custom properties for both schemes, in the order of the table. */
export function paletteProperties(scheme: 'light' | 'dark'): string {
  return Object.entries(COLOURS)
    .map(([name, [light, dark]]) => `--${name}:${scheme === 'light' ? light : dark};`)
    .join('');
}

/** Colours in place of the custom properties, for a picture that stands outside the page. */
export function resolveColours(markup: string): string {
  return markup.replace(/var\(--([a-z0-9_-]+)\)/g, (property, name: string) =>
    name === 'on-colour' ? '#ffffff' : (COLOURS[name]?.[0] ?? property),
  );
}

export function verdictColour(verdict: VerdictClass): string {
  return `var(--v-${verdict})`;
}

const LIGHT_VERDICTS: ReadonlySet<VerdictClass> = new Set([
  'refused_other',
  'refused_soft',
  'borderline',
  'unscored',
]);

/** A colour in which digits on a verdict's colour can be read, in both schemes. */
export function verdictInk(verdict: VerdictClass): string {
  if (LIGHT_VERDICTS.has(verdict)) return '#1d1a18';
  return verdict === 'failed' || verdict === 'refused_input' ? '#ffffff' : 'var(--on-colour)';
}

export const STAGE_COLOURS: Readonly<Record<Stage, string>> = {
  prompt_filter: 'var(--v-refused_input)',
  model: 'var(--v-redirected)',
  output_filter: 'var(--v-refused_other)',
  unknown: 'var(--v-unscored)',
};
