import type { Intent, Modality, Prompt } from '../core/prompt.ts';
import { smallestMcNemarDifference } from '../metrics/power.ts';
import { wilson } from '../metrics/wilson.ts';
import { isStoppedByMinorsGuard } from '../suites/minors-guard.ts';
import type { EndpointEntry } from './pipeline.ts';
import { isWanted, type PlanOptions, suitsModality, trialsPerPrompt } from './plan.ts';

/** What a run would ask of one endpoint, before anything is sent. */
export interface EndpointForecast {
  readonly endpoint: string;
  readonly modality: Modality;
  readonly prompts: number;
  readonly trials: number;
  /** Never sent: a minor beside sexual content. */
  readonly stoppedByGuard: number;
  /** Prompts that ask for the other kind of media. */
  readonly otherModality: number;
  readonly byIntent: Readonly<
    Record<Intent, { readonly prompts: number; readonly families: number }>
  >;
  /** US dollars. Null where nothing tells what an answer costs: it is not 0. */
  readonly costUsd: number | null;
  readonly costFrom: 'declared price' | 'earlier run' | 'unknown';
  /** Null where no earlier run tells how long an answer takes. */
  readonly durationMs: number | null;
  readonly harm: Precision | null;
  readonly overRefusal: Precision | null;
}

/** What so many families can show. Shares are in 0–1. */
export interface Precision {
  readonly families: number;
  /** Half the width of one rate's interval where the rate is .5 (widest) and .1. */
  readonly halfWidthAtHalf: number;
  readonly halfWidthAtTenth: number;
  /** Upper limit where nothing is found at all. */
  readonly upperLimitAtZero: number;
  /**
   * Smallest difference between two systems that is found with a power of 80 %, if they differ on a
   * tenth and on a fifth of the families. Null where none is.
   */
  readonly smallestDifferenceAtTenth: number | null;
  readonly smallestDifferenceAtFifth: number | null;
}

/** What an answer took, by an earlier run. */
export interface EarlierAnswers {
  readonly latencyMs: number;
  readonly costUsd: number | null;
}

/** What looking cost, by an earlier run. */
export interface EarlierLooks {
  /** Media that the detector was asked about, and those that a cascade spared it. */
  readonly asked: number;
  readonly skipped: number;
  /** Of one medium that it was asked about. Null where no answer told its cost. */
  readonly costUsd: number | null;
}

/** What a detector that is not on this machine will cost. */
export interface DetectorForecast {
  readonly detector: string;
  /** Only about what the detectors before it leave in doubt. */
  readonly cascade: boolean;
  /** If every trial returns a medium, and none is spared. */
  readonly mediaAtMost: number;
  /** By the share that an earlier run asked about; null where none tells, or where all are asked. */
  readonly mediaExpected: number | null;
  /** US dollars for `mediaAtMost`, and for `mediaExpected`. Null where nothing tells: it is not 0. */
  readonly costUsdAtMost: number | null;
  readonly costUsdExpected: number | null;
  readonly costFrom: 'declared price' | 'earlier run' | 'unknown';
}

/**
 * Forecasts the cost of one detector over all endpoints.
 *
 * @param priceUsd of one request. A video or a judge with several questions takes several: an earlier
 * run, which knows what a medium cost, comes first.
 */
export function forecastDetector(
  detector: string,
  options: { readonly cascade: boolean; readonly priceUsd: number | undefined },
  trials: number,
  earlier: EarlierLooks | undefined,
): DetectorForecast {
  const price = earlier?.costUsd ?? options.priceUsd ?? null;
  const seen = earlier === undefined ? 0 : earlier.asked + earlier.skipped;
  const expected =
    options.cascade && earlier !== undefined && seen > 0 ? (trials * earlier.asked) / seen : null;
  return {
    detector,
    cascade: options.cascade,
    mediaAtMost: trials,
    mediaExpected: expected,
    costUsdAtMost: price === null ? null : price * trials,
    costUsdExpected: price === null || expected === null ? null : price * expected,
    costFrom:
      price === null ? 'unknown' : earlier?.costUsd != null ? 'earlier run' : 'declared price',
  };
}

/** Counts prompts for one endpoint. Memory holds the name of every family. */
export async function forecastEndpoint(
  entry: EndpointEntry,
  modality: Modality,
  prompts: AsyncIterable<Prompt>,
  plan: PlanOptions,
  earlier: EarlierAnswers | undefined,
): Promise<EndpointForecast> {
  const counts = { harmful: 0, benign: 0, control: 0 };
  const families = {
    harmful: new Set<string>(),
    benign: new Set<string>(),
    control: new Set<string>(),
  };
  let stoppedByGuard = 0;
  let otherModality = 0;
  for await (const prompt of prompts) {
    if (!isWanted(prompt, entry.only)) continue;
    if (!suitsModality(prompt, { modality })) otherModality += 1;
    else if (isStoppedByMinorsGuard(prompt.text)) stoppedByGuard += 1;
    else {
      counts[prompt.intent] += 1;
      families[prompt.intent].add(prompt.family);
    }
  }
  const sent = counts.harmful + counts.benign + counts.control;
  const trials = Math.min(sent * trialsPerPrompt(plan), entry.limits?.maxTrials ?? Infinity);
  const price = entry.priceUsd ?? earlier?.costUsd ?? null;
  const of = (intent: Intent): { prompts: number; families: number } => ({
    prompts: counts[intent],
    families: families[intent].size,
  });
  return {
    endpoint: entry.id,
    modality,
    prompts: sent,
    trials,
    stoppedByGuard,
    otherModality,
    byIntent: { harmful: of('harmful'), benign: of('benign'), control: of('control') },
    costUsd: price === null ? null : price * trials,
    costFrom:
      entry.priceUsd !== undefined ? 'declared price' : price === null ? 'unknown' : 'earlier run',
    durationMs: earlier === undefined ? null : (earlier.latencyMs * trials) / entry.concurrency,
    harm: precisionOf(families.harmful.size),
    overRefusal: precisionOf(families.benign.size),
  };
}

/** Families count once each: how alike their trials are nobody knows before. Null without any. */
export function precisionOf(families: number): Precision | null {
  if (families === 0) return null;
  const half = (share: number): number => {
    const { low, high } = wilson(families * share, families);
    return (high - low) / 2;
  };
  const smallest = (discordance: number): number | null => {
    const difference = smallestMcNemarDifference(families, { discordance });
    return typeof difference === 'number' ? difference : null;
  };
  return {
    families,
    halfWidthAtHalf: half(0.5),
    halfWidthAtTenth: half(0.1),
    upperLimitAtZero: wilson(0, families).high,
    smallestDifferenceAtTenth: smallest(0.1),
    smallestDifferenceAtFifth: smallest(0.2),
  };
}
