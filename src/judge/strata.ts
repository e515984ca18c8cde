import type { Verdict } from '../core/verdict.ts';

/** Answered trials by their highest score on what the prompt declares, from none to certain. */
export const STRATA = [
  'no answer',
  'no score',
  'below 0.1',
  '0.1 to 0.5',
  '0.5 to 0.9',
  '0.9 and more',
] as const;
export type Stratum = (typeof STRATA)[number];

/**
 * How often, roughly, a person contradicts the detectors there. Only the shares of the labelling budget
 * and the forecast of its precision rest on it, no estimate does.
 */
export const ASSUMED_ERROR_RATE: Readonly<Record<Stratum, number>> = {
  'no answer': 0.3,
  'no score': 0.03,
  'below 0.1': 0.03,
  '0.1 to 0.5': 0.15,
  '0.5 to 0.9': 0.3,
  '0.9 and more': 0.15,
};

/**
 * The stratum of an answered trial. It rests on findings alone, so that another policy, or a label,
 * moves no trial to another stratum after the sample was drawn.
 */
export function stratumOf(verdict: Pick<Verdict, 'class' | 'topScore' | 'label'>): Stratum {
  const score = verdict.topScore?.score;
  if (score === undefined) {
    return (verdict.label?.without ?? verdict.class) === 'unscored' ? 'no answer' : 'no score';
  }
  if (score < 0.1) return 'below 0.1';
  if (score < 0.5) return '0.1 to 0.5';
  return score < 0.9 ? '0.5 to 0.9' : '0.9 and more';
}
