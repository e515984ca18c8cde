import { sha256Of } from '../core/ids.ts';
import type { TrialRecord } from '../core/journal-event.ts';
import type { LabelRequest } from '../core/label.ts';
import { isRefusal, type Verdict } from '../core/verdict.ts';
import { twoSidedZ } from '../metrics/quantile.ts';
import { isInHarm } from './harm-sample.ts';
import { ASSUMED_ERROR_RATE, STRATA, type Stratum, stratumOf } from './strata.ts';

/** How many of a stratum are drawn at least, where there are so many. */
const FEWEST = 4;

export interface LabelPlan {
  /** In the order in which to label: strata and endpoints are mixed, so that order tells nothing. */
  readonly queue: readonly LabelRequest[];
  readonly endpoints: readonly EndpointLabelPlan[];
}

export interface EndpointLabelPlan {
  readonly endpoint: string;
  readonly trials: number;
  readonly answered: number;
  readonly strata: readonly {
    readonly stratum: Stratum;
    readonly trials: number;
    readonly drawn: number;
  }[];
  /**
   * Forecast of half the width of the corrected rate's 95 % interval, in 0–1, if people contradict
   * the detectors as often as assumed. Null where nothing is to be labelled.
   */
  readonly halfWidth: number | null;
}

interface Candidate {
  readonly trialId: string;
  readonly media: readonly string[];
  readonly hazard: LabelRequest['hazard'];
  readonly order: string;
}

interface EndpointCandidates {
  trials: number;
  /** As the detectors say. */
  harmful: number;
  readonly strata: Map<Stratum, Candidate[]>;
}

export interface LabelPlanFold {
  add(record: TrialRecord, verdict: Verdict): void;
  /** @param budget trials to label, over all endpoints. */
  finish(budget: number): LabelPlan;
}

/**
 * Draws the trials that people should label: a probability sample of what came back to harmful
 * prompts, stratified by score within each endpoint. The budget goes where error and size are large
 * (Neyman's allocation under assumed error rates). The same seed draws the same trials.
 */
export function createLabelPlan(runId: string, seed: number): LabelPlanFold {
  const endpoints = new Map<string, EndpointCandidates>();
  return {
    add(record, verdict) {
      if (!isInHarm(record, verdict)) return;
      const { trial, outcome, prompt } = record.generated;
      const known = endpoints.get(trial.endpoint) ?? { trials: 0, harmful: 0, strata: new Map() };
      endpoints.set(trial.endpoint, known);
      known.trials += 1;
      if (outcome.kind !== 'media' || isRefusal(verdict.label?.without ?? verdict.class)) return;
      if ((verdict.label?.without ?? verdict.class) === 'harmful') known.harmful += 1;
      const stratum = stratumOf(verdict);
      const list = known.strata.get(stratum) ?? [];
      known.strata.set(stratum, list);
      list.push({
        trialId: trial.id,
        media: [...new Set(outcome.media.map(({ sha256 }) => sha256))],
        hazard: prompt.hazards[0],
        order: sha256Of(['label', seed, trial.id]),
      });
    },
    finish(budget) {
      const cells = [...endpoints].flatMap(([endpoint, { strata }]) =>
        STRATA.flatMap((stratum) => {
          const candidates = strata.get(stratum) ?? [];
          return candidates.length === 0 ? [] : [{ endpoint, stratum, candidates }];
        }),
      );
      const drawn = allocate(
        cells.map(({ stratum, candidates }) => ({
          size: candidates.length,
          deviation: Math.sqrt(ASSUMED_ERROR_RATE[stratum] * (1 - ASSUMED_ERROR_RATE[stratum])),
        })),
        budget,
      );
      const queue = cells
        .flatMap(({ endpoint, stratum, candidates }, at) => {
          const count = drawn[at] ?? 0;
          return candidates
            .toSorted((a, b) => (a.order < b.order ? -1 : 1))
            .slice(0, count)
            .flatMap(({ trialId, media, hazard, order }) =>
              media.map((mediaSha256) => ({
                order,
                request: {
                  runId,
                  trialId,
                  mediaSha256,
                  ...(hazard === undefined ? {} : { hazard }),
                  stratum: `${endpoint}: ${stratum}`,
                  samplingWeight: candidates.length / count,
                },
              })),
            );
        })
        .toSorted((a, b) => (a.order < b.order ? -1 : 1))
        .map(({ request }) => request);
      return {
        queue,
        endpoints: [...endpoints].map(([endpoint, { trials, harmful }]) => {
          const own = cells.flatMap((cell, at) =>
            cell.endpoint === endpoint
              ? [{ stratum: cell.stratum, trials: cell.candidates.length, drawn: drawn[at] ?? 0 }]
              : [],
          );
          return {
            endpoint,
            trials,
            answered: own.reduce((sum, cell) => sum + cell.trials, 0),
            strata: own,
            halfWidth: forecast(own, trials, harmful),
          };
        }),
      };
    },
  };
}

/** Shares a budget by size × deviation, with a floor for each cell and its size as the ceiling. */
export function allocate(
  cells: readonly { readonly size: number; readonly deviation: number }[],
  budget: number,
): number[] {
  const drawn = cells.map(({ size }) => Math.min(size, FEWEST));
  let left = budget - drawn.reduce((sum, count) => sum + count, 0);
  // One at a time to the cell where the next label lowers the variance most.
  while (left > 0) {
    let best = -1;
    let gain = 0;
    cells.forEach(({ size, deviation }, at) => {
      const count = drawn[at] ?? 0;
      if (count >= size) return;
      const lowered = (size * deviation) ** 2 / (count * (count + 1));
      if (lowered > gain) [best, gain] = [at, lowered];
    });
    if (best < 0) break;
    drawn[best] = (drawn[best] ?? 0) + 1;
    left -= 1;
  }
  return drawn;
}

function forecast(
  strata: EndpointLabelPlan['strata'],
  trials: number,
  harmful: number,
): number | null {
  if (strata.length === 0 || strata.some(({ drawn }) => drawn === 0)) return null;
  const variance = strata.reduce((sum, { stratum, trials: size, drawn }) => {
    const error = ASSUMED_ERROR_RATE[stratum];
    const unseen = 1 - drawn / size;
    return sum + (size / trials) ** 2 * ((error * (1 - error)) / drawn) * unseen;
  }, 0);
  // However many labels: the prompts themselves are a sample.
  const share = Math.min(1 - 1 / (trials + 1), Math.max(1 / (trials + 1), harmful / trials));
  return twoSidedZ(0.95) * Math.sqrt(variance + (share * (1 - share)) / trials);
}
