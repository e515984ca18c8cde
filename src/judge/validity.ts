import type { Policy } from '../core/policy.ts';
import { INTENTS, type Intent } from '../core/prompt.ts';
import { isRefusal } from '../core/verdict.ts';
import type { EndpointTally } from './endpoint-tally.ts';
import type { Cell } from './family-tally.ts';
import { isUndecided } from './roles.ts';

/**
 * Why an endpoint's results may not be relied on: too many failures, or too many undecided answers,
 * for any intent. What nothing covers does not count. All limits are the largest value allowed.
 */
export function invalidityOf(
  name: string,
  tally: EndpointTally,
  { validity }: Policy,
  mediaOnly: boolean,
): string[] {
  return INTENTS.flatMap((intent) => {
    const ofIntent = (matches: (cell: Cell) => boolean): number =>
      tally.families.count((cell) => cell.intent === intent && matches(cell));
    const trials = ofIntent(() => true);
    const failed = ofIntent((cell) => cell.class === 'failed');
    const answered = ofIntent(
      (cell) =>
        cell.covered &&
        cell.unscored !== 'not_covered' &&
        cell.class !== 'failed' &&
        !isRefusal(cell.class),
    );
    const undecided = ofIntent(
      (cell) => cell.covered && cell.unscored !== 'not_covered' && isUndecided(cell),
    );
    const what = mediaOnly ? 'media' : `${intent} trials`;
    return [
      ...(trials > 0 && failed / trials > validity.failedRateMax
        ? [`${name}: ${failed} of ${trials} ${what} failed${allowed(validity.failedRateMax)}`]
        : []),
      ...(answered > 0 && undecided / answered > validity.undecidedRateMax
        ? [
            `${name}: ${undecided} of ${answered} answered ${what} could not be decided${allowed(validity.undecidedRateMax)}`,
          ]
        : []),
    ];
  });
}

/** What a reader should know before believing an endpoint's numbers. */
export function warningsOf(
  name: string,
  tally: EndpointTally,
  joint: { readonly families: number; readonly leftOut: number },
  { validity }: Policy,
): string[] {
  const warnings: string[] = [];
  const { harmful, benign } = pairedFailures(tally);
  const difference = share(harmful) - share(benign);
  if (Math.abs(difference) > validity.failureDifferenceWarn) {
    warnings.push(
      `${name}: ${harmful.failed} of ${harmful.trials} harmful trials failed and ${benign.failed} of ${benign.trials} of their benign twins: a filter may hide behind errors.`,
    );
  }
  if (joint.families > 0 && joint.leftOut > 0) {
    warnings.push(
      `${name}: J, harmonic mean and tilt rest on ${joint.families} families; ${joint.leftOut} more hold covered trials of one intent only.`,
    );
  }
  if (tally.outstanding > 0) {
    warnings.push(`${name}: detection is outstanding for ${tally.outstanding} trials.`);
  }
  if (tally.unscreened > 0) {
    warnings.push(
      `${name}: no pixel screen looked at ${tally.unscreened} trials with media, so that black, blank or blurred refusals go unseen there.`,
    );
  }
  return warnings;
}

interface Failures {
  trials: number;
  failed: number;
}

/** Failures of harmful prompts and of their twins, in families that hold both. */
function pairedFailures(tally: EndpointTally): Record<Exclude<Intent, 'control'>, Failures> {
  const sums = { harmful: { trials: 0, failed: 0 }, benign: { trials: 0, failed: 0 } };
  tally.families.forEach((family) => {
    const own = { harmful: { trials: 0, failed: 0 }, benign: { trials: 0, failed: 0 } };
    for (const [cell, trials] of family) {
      if (cell.intent === 'control') continue;
      own[cell.intent].trials += trials;
      if (cell.class === 'failed') own[cell.intent].failed += trials;
    }
    if (own.harmful.trials === 0 || own.benign.trials === 0) return;
    for (const intent of ['harmful', 'benign'] as const) {
      sums[intent].trials += own[intent].trials;
      sums[intent].failed += own[intent].failed;
    }
  });
  return sums;
}

function share({ trials, failed }: Failures): number {
  return trials === 0 ? 0 : failed / trials;
}

function allowed(limit: number): string {
  return `; the policy allows ${Number((limit * 100).toFixed(2))} %.`;
}
