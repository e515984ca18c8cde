import type { UndefinedRate } from '../core/rate.ts';
import { normalQuantile, twoSidedZ } from './quantile.ts';
import { requireOpenShare, requireShares, undefinedBecause } from './requirements.ts';
import { binomialCdf, binomialPmf } from './special.ts';

export interface PowerOptions {
  /** Two-sided level, default .05. */
  readonly alpha?: number;
  /** Wanted chance of finding the difference, default .8. */
  readonly power?: number;
}

interface Paired extends PowerOptions {
  /** Share of prompts on which the two systems differ, 0–1. */
  readonly discordance: number;
}

const LARGEST_SAMPLE = 10_000_000;

/**
 * Prompts that McNemar's test needs, by the normal approximation. Discordance .1 and difference .03
 * ask for 870. The exact test needs somewhat more: {@link exactMcNemarSampleSize}.
 *
 * @param difference between the two rates, 0–1, at most the discordance.
 * @throws RangeError for an impossible difference.
 * @see Connor (1987), Biometrics 43, 207–211.
 */
export function mcNemarSampleSize(difference: number, options: Paired): number {
  requireDifference(difference, options.discordance);
  return Math.ceil(asymptoticSize(difference, options));
}

/** Chance that McNemar's exact test finds the difference with so many prompts, 0–1. */
export function exactMcNemarPower(
  prompts: number,
  difference: number,
  { discordance, alpha = 0.05 }: Paired,
): number {
  requireDifference(difference, discordance);
  const towards = (discordance + difference) / (2 * discordance);
  // Beyond nine standard deviations the number of discordant prompts has no weight.
  const spread = 9 * Math.sqrt(prompts * discordance * (1 - discordance)) + 9;
  const first = Math.max(0, Math.floor(prompts * discordance - spread));
  const last = Math.min(prompts, Math.ceil(prompts * discordance + spread));
  let power = 0;
  let critical = -1;
  for (let discordant = first; discordant <= last; discordant += 1) {
    const weight = binomialPmf(discordant, prompts, discordance);
    // The largest count that the test still rejects at; it grows with the number of pairs.
    while (2 * binomialCdf(critical + 1, discordant, 0.5) <= alpha) critical += 1;
    if (critical < 0 || weight === 0) continue;
    power +=
      weight *
      (binomialCdf(critical, discordant, towards) + binomialCdf(critical, discordant, 1 - towards));
  }
  return Math.min(1, power);
}

/**
 * Fewest prompts from which on McNemar's exact test has the wanted power, but for dips that the
 * steps of its critical value make.
 */
export function exactMcNemarSampleSize(difference: number, options: Paired): number {
  requireDifference(difference, options.discordance);
  const { power = 0.8 } = options;
  let prompts = Math.max(1, Math.floor(asymptoticSize(difference, options)));
  while (exactMcNemarPower(prompts, difference, options) < power) prompts += 1;
  return prompts;
}

/**
 * Smallest difference that McNemar's test finds with so many prompts and this discordance.
 * Undefined where even a difference as large as the discordance would be missed.
 */
export function smallestMcNemarDifference(
  prompts: number,
  options: Paired & { readonly test?: 'asymptotic' | 'exact' },
): number | UndefinedRate {
  const { discordance, power = 0.8, test = 'asymptotic' } = options;
  requireShares([discordance], 'the discordance');
  const found = (difference: number): boolean =>
    test === 'exact'
      ? exactMcNemarPower(prompts, difference, options) >= power
      : asymptoticSize(difference, options) <= prompts;
  if (!(discordance > 0) || !(prompts >= 1) || !found(discordance)) {
    return undefinedBecause('no difference that this discordance allows can be shown');
  }
  let low = 0;
  let high = discordance;
  for (let step = 0; step < 60 && high - low > 1e-12; step += 1) {
    const middle = (low + high) / 2;
    if (middle > 0 && found(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Where the spread of a paired difference comes from, all as variances of shares. */
export interface PairedSpread extends PowerOptions {
  /** ω²: of the true differences between prompts. */
  readonly betweenPrompts: number;
  /** σ²: of one answer of each system around its prompt's mean. */
  readonly withinFirst: number;
  readonly withinSecond: number;
  /** K: answers a prompt of each system. */
  readonly answersFirst: number;
  readonly answersSecond: number;
}

/**
 * Prompts that a paired comparison with several answers a prompt needs:
 * n = (z_{α/2} + z_β)² (ω² + σ_A²/K_A + σ_B²/K_B) / δ².
 *
 * @see Miller (2024), Adding Error Bars to Evals, arXiv 2411.00640, section 5.
 */
export function pairedSampleSize(difference: number, spread: PairedSpread): number {
  if (!(difference > 0)) throw new RangeError('the difference must be positive');
  return Math.ceil((criticalSum(spread) ** 2 * varianceOf(spread)) / difference ** 2);
}

/** Smallest difference that so many prompts show; the inverse of {@link pairedSampleSize}. */
export function smallestPairedDifference(prompts: number, spread: PairedSpread): number {
  if (!(prompts >= 1)) throw new RangeError('needs at least one prompt');
  return criticalSum(spread) * Math.sqrt(varianceOf(spread) / prompts);
}

function asymptoticSize(difference: number, options: Paired): number {
  const { discordance, alpha = 0.05, power = 0.8 } = options;
  const size =
    (twoSidedZ(1 - alpha) * Math.sqrt(discordance) +
      normalQuantile(power) * Math.sqrt(Math.max(0, discordance - difference ** 2))) **
      2 /
    difference ** 2;
  return Math.min(size, LARGEST_SAMPLE);
}

function criticalSum({ alpha = 0.05, power = 0.8 }: PowerOptions): number {
  requireOpenShare(alpha, 'the level');
  requireOpenShare(power, 'the power');
  return twoSidedZ(1 - alpha) + normalQuantile(power);
}

function varianceOf(spread: PairedSpread): number {
  const { betweenPrompts, withinFirst, withinSecond, answersFirst, answersSecond } = spread;
  if (![betweenPrompts, withinFirst, withinSecond].every((variance) => variance >= 0)) {
    throw new RangeError('variances must not be negative');
  }
  if (!(answersFirst >= 1 && answersSecond >= 1)) {
    throw new RangeError('needs at least one answer a prompt');
  }
  return betweenPrompts + withinFirst / answersFirst + withinSecond / answersSecond;
}

function requireDifference(difference: number, discordance: number): void {
  if (!(discordance > 0 && discordance <= 1)) {
    throw new RangeError('the discordance must be in (0, 1]');
  }
  if (!(difference > 0 && difference <= discordance)) {
    throw new RangeError('the difference must be positive, and at most the discordance');
  }
}
