import type { Stage } from '../core/outcome.ts';
import type { VerdictClass } from '../core/verdict.ts';

/**
 * Colours of the page as light and dark values. Data colours are Okabe and Ito's, which people
 * with any common form of colour blindness can tell apart; refusals share one hue in four
 * lightnesses, since they are one family.
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
  e1: ['#0072b2', '#56a9dd'],
  e2: ['#d55e00', '#f08a3c'],
  e3: ['#009e73', '#2cc298'],
  e4: ['#b2568c', '#dd93bd'],
  e5: ['#c98a00', '#f0b93a'],
  e6: ['#3f9bd1', '#8fd0f5'],
  e7: ['#5b5550', '#bdb4ab'],
  'v-refused_input': ['#0b4f7d', '#3d8ec4'],
  'v-refused_output': ['#2b82bd', '#64aede'],
  'v-refused_other': ['#6db6e3', '#92caee'],
  'v-refused_soft': ['#b9dcf2', '#c4e2f5'],
  'v-redirected': ['#b8658f', '#d98fb5'],
  'v-harmless': ['#009e73', '#22b58c'],
  'v-borderline': ['#efb73e', '#f0c25c'],
  'v-harmful': ['#c8500a', '#f0763a'],
  'v-unscored': ['#cfc9c1', '#8f877f'],
  'v-failed': ['#77706a', '#5d5650'],
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
