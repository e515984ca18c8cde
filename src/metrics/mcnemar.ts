import { requireCounts } from './requirements.ts';
import { binomialCdf, binomialPmf } from './special.ts';

export interface McNemarResult {
  /** Two-sided exact p-value, 0–1. Without a discordant pair 1: nothing speaks for a difference. */
  readonly pValue: number;
  /** The mid-p value: less conservative, may exceed its level a little. Reported apart. */
  readonly midPValue: number;
  readonly discordant: number;
}

/**
 * McNemar's exact test of two systems on the same prompts, one outcome each.
 *
 * @param onlyFirst pairs in which the first alone had the event.
 * @param onlySecond pairs in which the second alone had it.
 * @throws RangeError unless both are whole numbers from 0.
 * @see McNemar (1947), Psychometrika 12, 153–157; Fagerland, Lydersen and Laake (2013), BMC Medical
 * Research Methodology 13:91 for mid-p.
 */
export function exactMcNemar(onlyFirst: number, onlySecond: number): McNemarResult {
  requireCounts([onlyFirst, onlySecond], 'discordant pairs');
  const discordant = onlyFirst + onlySecond;
  if (discordant === 0) return { pValue: 1, midPValue: 1, discordant };
  const fewer = Math.min(onlyFirst, onlySecond);
  const twice = 2 * binomialCdf(fewer, discordant, 0.5);
  return {
    pValue: Math.min(1, twice),
    midPValue: Math.min(1, twice - binomialPmf(fewer, discordant, 0.5)),
    discordant,
  };
}
