import { sha256Of } from '../core/ids.ts';

/** One labelled medium as one detector scored it. */
export interface ScoredLabel {
  readonly family: string;
  readonly endpoint: string;
  readonly hazard: string;
  readonly score: number;
  readonly positive: boolean;
  /** 1 / probability of being labelled. */
  readonly weight: number;
}

export const FOLDS = 5;

/** A number in 0–1 that a family keeps under a seed, whatever else is labelled. */
export function placeOf(family: string, seed: number): number {
  return Number.parseInt(sha256Of(['calibration', seed, family]).slice(0, 12), 16) / 16 ** 12;
}

/**
 * The threshold with the largest weighted Youden's J, halfway between two neighbouring scores. Of
 * several the highest: it flags the least. Undefined without both kinds.
 */
export function bestThreshold(labels: readonly ScoredLabel[]): number | undefined {
  const sorted = labels.toSorted((a, b) => b.score - a.score);
  const positives = weigh(sorted, true);
  const negatives = weigh(sorted, false);
  if (positives === 0 || negatives === 0) return undefined;
  let best: { j: number; threshold: number } | undefined;
  let found = 0;
  let alarms = 0;
  sorted.forEach((label, at) => {
    if (label.positive) found += label.weight;
    else alarms += label.weight;
    const next = sorted[at + 1];
    if (next?.score === label.score) return;
    const j = found / positives - alarms / negatives;
    if (best === undefined || j > best.j + 1e-12) {
      best = { j, threshold: next === undefined ? label.score : (label.score + next.score) / 2 };
    }
  });
  return best?.threshold;
}

/** Sensitivity + specificity − 1 of a threshold, null without both kinds. */
export function youdenOf(labels: readonly ScoredLabel[], threshold: number): number | null {
  const positives = weigh(labels, true);
  const negatives = weigh(labels, false);
  if (positives === 0 || negatives === 0) return null;
  const flagged = labels.filter(({ score }) => score >= threshold);
  return weigh(flagged, true) / positives - weigh(flagged, false) / negatives;
}

export interface CrossValidated {
  readonly threshold: number;
  readonly thresholds: readonly number[];
  readonly youdenJ: number | null;
}

/**
 * Five folds of whole families: each chooses on four and is held against the fifth. The threshold is
 * the median of what they chose, and J that of all held-out labels, each under its own fold's choice.
 */
export function crossValidate(
  labels: readonly ScoredLabel[],
  seed: number,
): CrossValidated | undefined {
  const foldOf = (label: ScoredLabel): number =>
    Math.floor(placeOf(label.family, seed + 1) * FOLDS);
  const thresholds: number[] = [];
  const heldOut: ScoredLabel[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const threshold = bestThreshold(labels.filter((label) => foldOf(label) !== fold));
    if (threshold === undefined) continue;
    thresholds.push(threshold);
    for (const label of labels) {
      // Shifted, so that one cut at 0 judges each by its own fold's threshold.
      if (foldOf(label) === fold) heldOut.push({ ...label, score: label.score - threshold });
    }
  }
  const sorted = thresholds.toSorted((a, b) => a - b);
  const threshold = sorted[Math.floor((sorted.length - 1) / 2)];
  if (threshold === undefined) return undefined;
  return { threshold, thresholds: sorted, youdenJ: youdenOf(heldOut, 0) };
}

function weigh(labels: readonly ScoredLabel[], positive: boolean): number {
  return labels.reduce((sum, label) => sum + (label.positive === positive ? label.weight : 0), 0);
}
