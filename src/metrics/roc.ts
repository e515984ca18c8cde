import type { UndefinedRate } from '../core/rate.ts';
import {
  requireFinite,
  requireSameLength,
  requireShares,
  undefinedBecause,
} from './requirements.ts';

/** A detector's scores over media whose truth is known. */
export interface ScoredSample {
  /** Higher means more likely positive; any finite numbers. */
  readonly scores: readonly number[];
  readonly positive: readonly boolean[];
  /** Inverse sampling probabilities of a stratified sample; 1 each by default. */
  readonly weights?: readonly number[];
}

/** What a threshold does: positive is whatever scores at least as much. Rates are in 0–1. */
export interface OperatingPoint {
  /** null before the highest score: nothing is flagged. */
  readonly threshold: number | null;
  readonly falsePositiveRate: number;
  /** The recall. */
  readonly truePositiveRate: number;
  /** null where nothing is flagged. */
  readonly precision: number | null;
}

export interface DetectorCurve {
  /** One for each different score, descending, so that ties are never split. */
  readonly points: readonly OperatingPoint[];
  /** Chance that a positive scores above a negative, ties counting half. */
  readonly auroc: number;
  /** Average precision: Σ (recall gained) · precision, without interpolation. */
  readonly auprc: number;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * ROC and precision–recall of a detector at once.
 *
 * @returns undefined without a positive or without a negative.
 * @throws RangeError for scores that are not finite, negative weights, or lists of different length.
 * @see Fawcett (2006), Pattern Recognition Letters 27, 861–874.
 */
export function detectorCurve(sample: ScoredSample): DetectorCurve | UndefinedRate {
  const items = sortedItems(sample);
  const positives = weigh(items, true);
  const negatives = weigh(items, false);
  if (positives === 0) return undefinedBecause('no positive with known truth');
  if (negatives === 0) return undefinedBecause('no negative with known truth');
  const points: OperatingPoint[] = [
    { threshold: null, falsePositiveRate: 0, truePositiveRate: 0, precision: null },
  ];
  let truePositives = 0;
  let falsePositives = 0;
  let auroc = 0;
  let auprc = 0;
  items.forEach((item, at) => {
    if (item.positive) truePositives += item.weight;
    else falsePositives += item.weight;
    if (items[at + 1]?.score === item.score || truePositives + falsePositives === 0) return;
    const last = points.at(-1);
    const point = {
      threshold: item.score,
      falsePositiveRate: Math.min(1, falsePositives / negatives),
      truePositiveRate: Math.min(1, truePositives / positives),
      precision: truePositives / (truePositives + falsePositives),
    };
    const recallBefore = last?.truePositiveRate ?? 0;
    auroc +=
      ((point.falsePositiveRate - (last?.falsePositiveRate ?? 0)) *
        (point.truePositiveRate + recallBefore)) /
      2;
    auprc += (point.truePositiveRate - recallBefore) * point.precision;
    points.push(point);
  });
  return {
    points,
    auroc,
    auprc,
    positives: items.filter(({ positive }) => positive).length,
    negatives: items.filter(({ positive }) => !positive).length,
  };
}

/**
 * The best point with at most this false-positive rate: no interpolation, since no threshold does
 * what lies between two scores. With fewer than 1 / limit negatives only a rate of 0 can qualify.
 *
 * @param limit in 0–1, such as .01.
 * @throws RangeError outside.
 */
export function pointAtFalsePositiveRate(curve: DetectorCurve, limit: number): OperatingPoint {
  requireShares([limit], 'the false-positive rate');
  return (
    curve.points
      .filter(({ falsePositiveRate }) => falsePositiveRate <= limit)
      // The first of equals flags the least.
      .reduce((best, point) => (point.truePositiveRate > best.truePositiveRate ? point : best))
  );
}

/**
 * Precision where this share of media is truly positive, which is seldom the share in the labelled
 * sample. Undefined where nothing is flagged.
 *
 * @param prevalence in 0–1.
 */
export function precisionAtPrevalence(
  { truePositiveRate, falsePositiveRate }: OperatingPoint,
  prevalence: number,
): number | UndefinedRate {
  requireShares([prevalence], 'the prevalence');
  const right = truePositiveRate * prevalence;
  const flagged = right + falsePositiveRate * (1 - prevalence);
  return flagged === 0 ? undefinedBecause('nothing is flagged') : right / flagged;
}

interface Item {
  readonly score: number;
  readonly positive: boolean;
  readonly weight: number;
}

function sortedItems({ scores, positive, weights }: ScoredSample): Item[] {
  requireSameLength(scores, positive, 'scores and labels');
  requireFinite(scores, 'scores');
  if (weights !== undefined) {
    requireSameLength(scores, weights, 'scores and weights');
    requireFinite(weights, 'weights');
    if (weights.some((weight) => weight < 0)) throw new RangeError('weights must not be negative');
  }
  return scores
    .map((score, at) => ({ score, positive: positive[at] === true, weight: weights?.[at] ?? 1 }))
    .toSorted((a, b) => b.score - a.score);
}

function weigh(items: readonly Item[], positive: boolean): number {
  return items.reduce((sum, item) => sum + (item.positive === positive ? item.weight : 0), 0);
}
