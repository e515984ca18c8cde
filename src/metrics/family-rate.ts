import type { PointRate } from '../core/rate.ts';
import { clopperPearson } from './clopper-pearson.ts';
import { carriesBootstrap, clusteredWilson, designEffect, type FamilySums } from './family-sums.ts';
import { DEFAULT_CONFIDENCE, type Interval } from './wilson.ts';

/**
 * A share over families as a {@link PointRate}, everything decided, with Wilson's interval on n_eff
 * at the confidence asked for. It warns where the counts would carry a bootstrap by family, which
 * covers better: `chooseInterval` takes that one.
 *
 * @throws RangeError without trials.
 */
export function familyRate(
  sums: FamilySums,
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): PointRate {
  const rate = sums.successes / sums.trials;
  const { low, high, design } = clusteredWilson(sums, { confidence });
  return {
    numerator: sums.successes,
    denominator: sums.trials,
    rate,
    // n_eff is a quotient: rounding must not put the share outside its own limits.
    ciLow: Math.min(low, rate),
    ciHigh: Math.max(high, rate),
    boundLow: rate,
    boundHigh: rate,
    method: design.basis === 'independent' ? 'wilson' : 'wilson (n_eff)',
    ...(design.basis === 'estimated' && carriesBootstrap(sums) ? { warnings: [NARROW] } : {}),
  };
}

const NARROW =
  'Wilson on n_eff can cover about 93 % here: a bootstrap by family, which chooseInterval takes, does better.';

/**
 * Clopper–Pearson's interval with n_eff = n / design effect: conservative also for families, but
 * where the design effect is estimated from few of them.
 *
 * @throws RangeError without trials.
 */
export function clusteredClopperPearson(
  sums: FamilySums,
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): Interval {
  const { factor } = designEffect(sums);
  const effective = sums.trials / factor;
  // Dividing first and multiplying then may exceed the whole by a rounding error.
  const successes = Math.min(effective, sums.successes / factor);
  return clopperPearson(sums.successes === sums.trials ? effective : successes, effective, {
    confidence,
  });
}
