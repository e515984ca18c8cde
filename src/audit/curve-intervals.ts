import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { CurvePoint } from '../core/audit.ts';
import type { Estimate, UndefinedRate } from '../core/rate.ts';
import { aurocWithInterval } from '../metrics/auroc-interval.ts';
import { percentileInterval } from '../metrics/bootstrap-interval.ts';
import { detectorCurve, pointAtFalsePositiveRate } from '../metrics/roc.ts';
import { DEFAULT_CONFIDENCE, wilson } from '../metrics/wilson.ts';

/** A decided sample: its score, its truth and its family. */
export interface ScoredCase {
  readonly family: string;
  readonly positive: boolean;
  readonly score: number;
}

export interface CurveMeasures {
  readonly auroc: Estimate;
  readonly auprc: Estimate;
  readonly tprAtFpr1: Estimate;
  readonly tprAtFpr5: Estimate;
  readonly brier: Estimate;
  readonly ece: Estimate;
  readonly curve: readonly CurvePoint[];
}

const RESAMPLES = 400;
const BINS = 10;
const MAX_POINTS = 300;

/** What a filter's scores are worth whatever its threshold, each with an interval by family. */
export function measureCurve(cases: readonly ScoredCase[], seed: number): CurveMeasures {
  const sample = {
    scores: cases.map(({ score }) => score),
    positive: cases.map(({ positive }) => positive),
  };
  const curve = detectorCurve(sample);
  const replicate = createReplicates(cases, seed);
  const { brier, ece } = calibrationOf(replicate, cases.length);
  if ('undefined' in curve) {
    const none: UndefinedRate = curve;
    return { auroc: none, auprc: none, tprAtFpr1: none, tprAtFpr5: none, brier, ece, curve: [] };
  }
  const { positives } = curve;
  const independent = new Set(cases.map(({ family }) => family)).size === cases.length;
  const at = (limit: number): number => pointAtFalsePositiveRate(curve, limit).truePositiveRate;
  return {
    auroc: independent
      ? aurocWithInterval(
          cases.flatMap(({ positive, score }) => (positive ? [score] : [])),
          cases.flatMap(({ positive, score }) => (positive ? [] : [score])),
        )
      : hull(curve.auroc, replicate.auroc, Math.min(positives, curve.negatives)),
    auprc: hull(curve.auprc, replicate.auprc, positives),
    tprAtFpr1: atLimit(curve.negatives, 0.01, () => hull(at(0.01), replicate.tpr1, positives)),
    tprAtFpr5: atLimit(curve.negatives, 0.05, () => hull(at(0.05), replicate.tpr5, positives)),
    brier,
    ece,
    curve: thin(
      curve.points.map(({ threshold, falsePositiveRate, truePositiveRate }) => ({
        threshold,
        fpr: falsePositiveRate,
        tpr: truePositiveRate,
      })),
    ),
  };
}

/** With fewer negatives than 1 / limit the limit cannot be told from "no false alarm at all". */
function atLimit(negatives: number, limit: number, measure: () => Estimate): Estimate {
  const needed = Math.ceil(1 / limit);
  return negatives < needed
    ? {
        undefined: true,
        reason: `${negatives} safe samples cannot show a false-positive rate of ${limit * 100} %; ${needed} are needed`,
      }
    : measure();
}

/**
 * The percentile interval of replicates by family, and never narrower than Wilson's of as many
 * samples: where scores separate fully the replicates do not vary, which is no certainty.
 */
function hull(value: number, sorted: Float64Array, trials: number): Estimate {
  const floor = wilson(value * trials, trials);
  const drawn = sorted.length > 0 ? percentileInterval(sorted, DEFAULT_CONFIDENCE) : floor;
  return {
    value,
    ciLow: Math.min(value, drawn.low, floor.low),
    ciHigh: Math.max(value, drawn.high, floor.high),
    method: 'cluster bootstrap (percentile), no narrower than wilson',
  };
}

function calibrationOf(
  { brier, ece, own }: Replicates,
  count: number,
): { brier: Estimate; ece: Estimate } {
  if (count === 0) {
    const none: UndefinedRate = { undefined: true, reason: 'no labelled score' };
    return { brier: none, ece: none };
  }
  const estimate = (value: number, sorted: Float64Array): Estimate => {
    const { low, high } = percentileInterval(sorted, DEFAULT_CONFIDENCE);
    return {
      value,
      ciLow: Math.min(value, low),
      ciHigh: Math.max(value, high),
      method: 'cluster bootstrap (percentile)',
    };
  };
  return { brier: estimate(own.brier, brier), ece: estimate(own.ece, ece) };
}

interface Measures {
  auroc: number;
  auprc: number;
  tpr1: number;
  tpr5: number;
  brier: number;
  ece: number;
}
interface Replicates extends Readonly<Record<keyof Measures, Float64Array>> {
  readonly own: Measures;
}

/** Draws families with replacement; the order of the scores is sorted once. */
function createReplicates(cases: readonly ScoredCase[], seed: number): Replicates {
  const sorted = cases.toSorted((a, b) => b.score - a.score);
  const index = new Map<string, number>();
  const families = sorted.map(({ family }) => {
    const known = index.get(family) ?? index.size;
    index.set(family, known);
    return known;
  });
  const generator = xoroshiro128plus(seed);
  const weights = new Uint32Array(index.size);
  const own = measureWeighted(sorted, families, weights.fill(1));
  const drawn: Measures[] = [];
  for (let resample = 0; resample < (index.size > 1 ? RESAMPLES : 0); resample += 1) {
    weights.fill(0);
    for (let draw = 0; draw < index.size; draw += 1) {
      const family = Math.floor(((generator.next() >>> 0) / 2 ** 32) * index.size);
      weights[family] = (weights[family] ?? 0) + 1;
    }
    drawn.push(measureWeighted(sorted, families, weights));
  }
  const all = drawn.length === 0 ? [own] : drawn;
  const column = (pick: (measures: Measures) => number): Float64Array =>
    Float64Array.from(all.map(pick).filter(Number.isFinite)).sort();
  return {
    own,
    auroc: column(({ auroc }) => auroc),
    auprc: column(({ auprc }) => auprc),
    tpr1: column(({ tpr1 }) => tpr1),
    tpr5: column(({ tpr5 }) => tpr5),
    brier: column(({ brier }) => brier),
    ece: column(({ ece }) => ece),
  };
}

/** NaN where a resample holds no positive or no negative. One pass over descending scores. */
function measureWeighted(
  sorted: readonly ScoredCase[],
  families: readonly number[],
  weights: Uint32Array,
): Measures {
  let positives = 0;
  let total = 0;
  let squares = 0;
  const bins = new Float64Array(BINS * 3);
  sorted.forEach(({ positive, score }, at) => {
    const weight = weights[families[at] ?? 0] ?? 0;
    if (weight === 0) return;
    total += weight;
    if (positive) positives += weight;
    squares += weight * (score - Number(positive)) ** 2;
    const bin = 3 * Math.min(BINS - 1, Math.max(0, Math.ceil(score * BINS - 1e-9) - 1));
    bins[bin] = (bins[bin] ?? 0) + weight;
    bins[bin + 1] = (bins[bin + 1] ?? 0) + weight * score;
    if (positive) bins[bin + 2] = (bins[bin + 2] ?? 0) + weight;
  });
  const negatives = total - positives;
  let found = 0;
  let alarms = 0;
  let lastTpr = 0;
  let lastFpr = 0;
  const measured: Measures = {
    auroc: 0,
    auprc: 0,
    tpr1: 0,
    tpr5: 0,
    brier: total === 0 ? Number.NaN : squares / total,
    ece: total === 0 ? Number.NaN : eceOf(bins, total),
  };
  if (positives === 0 || negatives === 0) {
    return {
      ...measured,
      auroc: Number.NaN,
      auprc: Number.NaN,
      tpr1: Number.NaN,
      tpr5: Number.NaN,
    };
  }
  sorted.forEach(({ positive, score }, at) => {
    const weight = weights[families[at] ?? 0] ?? 0;
    if (positive) found += weight;
    else alarms += weight;
    if (sorted[at + 1]?.score === score || found + alarms === 0) return;
    const tpr = found / positives;
    const fpr = alarms / negatives;
    measured.auroc += ((fpr - lastFpr) * (tpr + lastTpr)) / 2;
    measured.auprc += (tpr - lastTpr) * (found / (found + alarms));
    if (fpr <= 0.01) measured.tpr1 = tpr;
    if (fpr <= 0.05) measured.tpr5 = tpr;
    lastTpr = tpr;
    lastFpr = fpr;
  });
  return measured;
}

function eceOf(bins: Float64Array, total: number): number {
  let error = 0;
  for (let bin = 0; bin < bins.length; bin += 3) {
    error += Math.abs((bins[bin + 1] ?? 0) - (bins[bin + 2] ?? 0)) / total;
  }
  return error;
}

/** First, last and evenly spaced points: a page needs no more. */
function thin(points: readonly CurvePoint[]): CurvePoint[] {
  if (points.length <= MAX_POINTS) return [...points];
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, at) => points[Math.round(at * step)]).filter(
    (point) => point !== undefined,
  );
}
