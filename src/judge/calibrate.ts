import {
  type CalibratedThreshold,
  type Calibration,
  type CalibrationContent,
  sealCalibration,
} from '../core/calibration.ts';
import { SafelightError } from '../core/errors.ts';
import { HAZARD_IDS } from '../core/hazard.ts';
import type { DetectorDescription, TrialRecord } from '../core/journal-event.ts';
import type { Label } from '../core/label.ts';
import type { Policy } from '../core/policy.ts';
import type { Verdict } from '../core/verdict.ts';
import { detectorCurve } from '../metrics/roc.ts';
import { weightedShare } from '../metrics/weighted-share.ts';
import { crossValidate, placeOf, type ScoredLabel } from './choose-threshold.ts';
import { consensusOf } from './consensus.ts';
import { effectiveErrors } from './correct-harm.ts';
import { addToHarmSample, createHarmSample, type HarmSample } from './harm-sample.ts';
import { declaredPairs } from './judge-trial.ts';
import { claimsPair, findingsOf } from './medium-findings.ts';
import { policyHash } from './policy.ts';

/** Share of families that thresholds are chosen on; the others tell how they do. */
const CHOOSING_SHARE = 0.6;
/** Fewer labels of either kind, on either side of the split, carry no threshold. */
const FEWEST_OF_A_KIND = 10;
const NO_BETTER_THAN_CHANCE = 'no better than chance at what people called harmful';

export interface CalibrationFold {
  add(record: TrialRecord, verdict: Verdict): void;
  /** @throws SafelightError `too_few_labels` where no detector has enough of them. */
  finish(): Calibration;
}

/** Gathers labelled media with their scores, and chooses thresholds. Memory grows with the labels. */
export function createCalibration(options: {
  readonly runId: string;
  readonly labelsSha256: string;
  readonly labelsOn: (trialId: string, mediaSha256: string) => readonly Label[];
  readonly detectors: readonly DetectorDescription[];
  readonly policy: Policy;
  readonly seed: number;
}): CalibrationFold {
  const byDetector = new Map<string, ScoredLabel[]>();
  const samples = new Map<string, HarmSample>();
  let labelled = 0;

  return {
    add(record, verdict) {
      const { trial, prompt, outcome } = record.generated;
      const sample = samples.get(trial.endpoint) ?? createHarmSample();
      samples.set(trial.endpoint, sample);
      addToHarmSample(sample, record, verdict);
      const pairs = declaredPairs(prompt);
      if (outcome.kind !== 'media' || pairs === null) return;
      for (const { sha256 } of outcome.media) {
        const labels = options.labelsOn(trial.id, sha256).filter(({ blind }) => blind);
        const label = consensusOf(labels)?.label;
        if (label === undefined || label === 'unsure') continue;
        labelled += 1;
        for (const { detector, claims, result } of findingsOf(
          record.detected?.findings ?? [],
          sha256,
        )) {
          if (result.kind !== 'scores') continue;
          const pair = pairs.find((one) => claimsPair(claims, one));
          if (pair === undefined) continue;
          const own = result.scores.filter((score) => claimsPair(pairs, score));
          const list = byDetector.get(detector) ?? [];
          byDetector.set(detector, list);
          list.push({
            family: prompt.family,
            endpoint: trial.endpoint,
            hazard: pair.hazard,
            // A detector that claims the pair and lists no score saw no sign of it.
            score: Math.max(0, ...own.map(({ score }) => score)),
            positive: label === 'harmful',
            weight: Math.max(...labels.map(({ samplingWeight }) => samplingWeight ?? 1)),
          });
        }
      }
    },
    finish() {
      const pooled: string[] = [];
      const thresholds = [...byDetector]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([detector, labels]) => thresholdsOf(detector, labels, options.seed, pooled));
      if (thresholds.length === 0) {
        throw new SafelightError(
          `${labelled} media with blind labels carry no threshold of any detector`,
          {
            code: 'too_few_labels',
            kind: 'input',
            hint: pooled.some((reason) => reason.includes(NO_BETTER_THAN_CHANCE))
              ? 'Look at labels and scores side by side: a threshold would only guess.'
              : `Choosing and reporting each need ${FEWEST_OF_A_KIND} harmful and ${FEWEST_OF_A_KIND} harmless media: draw more with \`safelight calibrate plan\`.`,
          },
        );
      }
      const content: CalibrationContent = {
        schema: 1,
        madeFrom: {
          runId: options.runId,
          labelsSha256: options.labelsSha256,
          labels: labelled,
          policySha256: policyHash(options.policy),
          seed: options.seed,
        },
        detectors: options.detectors
          .filter(({ id }) => byDetector.has(id))
          .map(({ id, version, weightsSha256 }) => ({ id, version, weightsSha256 })),
        thresholds,
        pooled,
        errors: [...samples].flatMap(([endpoint, sample]) => {
          const counts = effectiveErrors(sample);
          return counts === undefined ? [] : [{ endpoint, counts }];
        }),
      };
      return sealCalibration(content);
    },
  };
}

/** One for the detector as a whole, and of its own for what has labels enough. */
function thresholdsOf(
  detector: string,
  labels: readonly ScoredLabel[],
  seed: number,
  pooled: string[],
): CalibratedThreshold[] {
  const hazards = HAZARD_IDS.filter((id) => labels.some(({ hazard }) => hazard === id));
  const endpoints = [...new Set(labels.map(({ endpoint }) => endpoint))].toSorted();
  const wanted: Pick<CalibratedThreshold, 'hazard' | 'endpoint'>[] = [
    { hazard: null, endpoint: null },
    ...(hazards.length > 1 ? hazards.map((hazard) => ({ hazard, endpoint: null })) : []),
    ...(endpoints.length > 1 ? endpoints.map((endpoint) => ({ hazard: null, endpoint })) : []),
    ...(hazards.length > 1 && endpoints.length > 1
      ? hazards.flatMap((hazard) => endpoints.map((endpoint) => ({ hazard, endpoint })))
      : []),
  ];
  return wanted.flatMap((scope) => {
    const own = labels.filter(
      ({ hazard, endpoint }) =>
        (scope.hazard === null || hazard === scope.hazard) &&
        (scope.endpoint === null || endpoint === scope.endpoint),
    );
    const threshold = chooseThreshold(detector, scope, own, seed);
    if (typeof threshold !== 'string') return [threshold];
    const what = [detector, scope.hazard, scope.endpoint].filter((part) => part !== null);
    pooled.push(`${what.join(', ')}: ${threshold}`);
    return [];
  });
}

/** @returns why there is none. */
function chooseThreshold(
  detector: string,
  scope: Pick<CalibratedThreshold, 'hazard' | 'endpoint'>,
  labels: readonly ScoredLabel[],
  seed: number,
): CalibratedThreshold | string {
  const choosing = labels.filter(({ family }) => placeOf(family, seed) < CHOOSING_SHARE);
  const reporting = labels.filter(({ family }) => placeOf(family, seed) >= CHOOSING_SHARE);
  for (const side of [choosing, reporting]) {
    const positives = side.filter(({ positive }) => positive).length;
    if (Math.min(positives, side.length - positives) < FEWEST_OF_A_KIND) {
      return `too few labels of a kind (${countOf(labels, true)} harmful, ${countOf(labels, false)} not): a wider threshold is used`;
    }
  }
  const chosen = crossValidate(choosing, seed);
  if (chosen === undefined) return 'the folds hold too few labels of a kind';
  if (chosen.youdenJ !== null && chosen.youdenJ <= 0) {
    return `${NO_BETTER_THAN_CHANCE} (J ${chosen.youdenJ.toFixed(2)} in folds): no threshold of its own`;
  }
  const curve = detectorCurve({
    scores: reporting.map(({ score }) => score),
    positive: reporting.map(({ positive }) => positive),
    weights: reporting.map(({ weight }) => weight),
  });
  const share = (positive: boolean): ReturnType<typeof weightedShare> =>
    weightedShare(
      reporting
        .filter((label) => label.positive === positive)
        .map(({ family, weight, score }) => ({
          family,
          weight,
          success: score >= chosen.threshold === positive,
        })),
    );
  return {
    detector,
    ...scope,
    harmful: chosen.threshold,
    chosenOn: countsOf(choosing),
    crossValidation: {
      folds: chosen.thresholds.length,
      thresholds: [...chosen.thresholds],
      youdenJ: chosen.youdenJ,
    },
    reportedOn: {
      ...countsOf(reporting),
      sensitivity: estimateOf(share(true)),
      specificity: estimateOf(share(false)),
      auroc: 'undefined' in curve ? null : curve.auroc,
    },
  };
}

function estimateOf(
  share: ReturnType<typeof weightedShare>,
): CalibratedThreshold['reportedOn']['sensitivity'] {
  if ('undefined' in share) return share;
  const { value, ciLow, ciHigh, method } = share;
  return { value, ciLow, ciHigh, method };
}

function countsOf(labels: readonly ScoredLabel[]): CalibratedThreshold['chosenOn'] {
  return {
    labels: labels.length,
    positives: countOf(labels, true),
    families: new Set(labels.map(({ family }) => family)).size,
  };
}

function countOf(labels: readonly ScoredLabel[], positive: boolean): number {
  return labels.filter((label) => label.positive === positive).length;
}
