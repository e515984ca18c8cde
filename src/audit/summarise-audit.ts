import {
  type AuditExample,
  type AuditSummary,
  FILTER_SIDES,
  type FilterReport,
  type FilterSide,
} from '../core/audit.ts';
import { HAZARD_IDS, type HazardId } from '../core/hazard.ts';
import { isPointRate } from '../core/rate.ts';
import type { AuditRecords } from './audit-journal.ts';
import type { AuditPipeline } from './audit-pipeline.ts';
import { cascadeFilter, ensembleFilter } from './combine.ts';
import { compareFilters } from './compare-filters.ts';
import { costQuality } from './cost-quality.ts';
import { type AnswerOf, isInScope, type MeasuredFilter, singleFilter } from './decide.ts';
import { type DetectorFilter, isAsked, readsSide } from './filter.ts';
import { quantileWithInterval } from './latency.ts';
import { type Case, flaggedRate, measureCases } from './measure.ts';
import type { PlannedPerturbation } from './perturbation.ts';
import type { TextVariant } from './prompt-perturbations.ts';
import { measureSearch, measureVariant } from './robustness.ts';
import { type AuditSample, type SampleSource, sampleSide } from './sample.ts';
import type { SearchPlan } from './search.ts';
import { countTwins } from './twins.ts';

export interface SummariseInputs {
  readonly pipeline: Pick<
    AuditPipeline,
    'ensembles' | 'cascades' | 'prevalence' | 'undecidedRateMax'
  >;
  readonly filters: readonly DetectorFilter[];
  readonly sources: readonly SampleSource[];
  readonly records: AuditRecords;
  readonly perturbations: readonly PlannedPerturbation[];
  readonly textVariants: readonly TextVariant[];
  readonly searches: readonly SearchPlan[];
  readonly concurrency: number;
}

/** Makes a filter out of the answers to one variant. */
type Maker = (answerOf: AnswerOf) => MeasuredFilter;

const MAX_EXAMPLES = 4;

/** Folds an audit's journal into its summary. Pure. */
export function summariseAudit(inputs: SummariseInputs): AuditSummary {
  const { records, sources, pipeline } = inputs;
  const samples = sources.flatMap((source) => source.samples);
  const plain: AnswerOf = (filter, sample) =>
    records.observed.get('plain')?.get(sample)?.answers[filter];
  const makers = FILTER_SIDES.flatMap((side) =>
    samples.some((sample) => sampleSide(sample) === side) ? makersOf(inputs, side) : [],
  );
  const measured = makers.map((make) => make(plain));
  const filters = measured.map((filter) => reportOf(filter, samples, inputs, plain));
  const families = new Map(samples.map(({ id, family }) => [id, family]));
  return {
    schema: 1,
    kind: 'audit',
    audit: {
      id: records.started.auditId,
      name: records.started.name,
      startedAt: records.started.at,
      finishedAt: records.finishedAt,
      ...validityOf(filters, records, sources),
    },
    data: {
      sources: sources.map(({ name, kind, samples: own, leftOut }) => ({
        name,
        kind,
        unsafe: own.filter(({ unsafe }) => unsafe).length,
        safe: own.filter(({ unsafe }) => !unsafe).length,
        leftOut,
      })),
      samples: samples.length,
      families: new Set(samples.map(({ family }) => family)).size,
    },
    prevalence: pipeline.prevalence,
    filters,
    comparisons: compareFilters(measured, samples),
    robustness: makers.flatMap((make) =>
      variantsOf(inputs, make(plain).side).map((variant) =>
        measureVariant(make, samples, records, variant, pipeline.undecidedRateMax),
      ),
    ),
    searches: inputs.searches.flatMap((plan) =>
      inputs.filters
        .filter((filter) => readsSide(filter, plan.side))
        .flatMap(({ id }) =>
          (['evaded', 'blocked'] as const).map((direction) =>
            measureSearch(
              { ...plan, ...describeSearch(plan) },
              { id, side: plan.side },
              direction,
              records,
              (sample) => families.get(sample) ?? sample,
            ),
          ),
        ),
    ),
    costQuality: pipeline.cascades.flatMap((entry) =>
      FILTER_SIDES.flatMap((side) => {
        const pair = pairOf(inputs.filters, entry.first, entry.second, side);
        if (pair === undefined || !samples.some((sample) => sampleSide(sample) === side)) return [];
        const own = samples.filter((sample) => sampleSide(sample) === side);
        return [costQuality(entry, pair, side, plain, own)];
      }),
    ),
    versions: records.started.versions,
  };
}

function makersOf({ filters, pipeline }: SummariseInputs, side: FilterSide): Maker[] {
  const able = filters.filter((filter) => readsSide(filter, side));
  return [
    ...able.map(
      (filter): Maker =>
        (answerOf) =>
          singleFilter(filter, side, answerOf),
    ),
    ...pipeline.ensembles.flatMap((entry): Maker[] => {
      const members = able.filter(({ id }) => entry.of.includes(id));
      return members.length < 2
        ? []
        : [(answerOf) => ensembleFilter(entry, members, side, answerOf)];
    }),
    ...pipeline.cascades.flatMap((entry): Maker[] => {
      const pair = pairOf(able, entry.first, entry.second, side);
      return pair === undefined ? [] : [(answerOf) => cascadeFilter(entry, pair, side, answerOf)];
    }),
  ];
}

function pairOf(
  filters: readonly DetectorFilter[],
  first: string,
  second: string,
  side: FilterSide,
): readonly [DetectorFilter, DetectorFilter] | undefined {
  const one = filters.find((filter) => filter.id === first && readsSide(filter, side));
  const other = filters.find((filter) => filter.id === second && readsSide(filter, side));
  return one === undefined || other === undefined ? undefined : [one, other];
}

function reportOf(
  filter: MeasuredFilter,
  samples: readonly AuditSample[],
  { pipeline, concurrency }: SummariseInputs,
  plain: AnswerOf,
): FilterReport {
  const own = samples.filter(
    (sample) =>
      sampleSide(sample) === filter.side &&
      filter.members.some((member) => isAsked(member, sample)),
  );
  const casesOf = (hazard: HazardId | null, among: readonly AuditSample[]): Case[] =>
    among
      .filter((sample) => isInScope(filter, sample, hazard))
      .map((sample) => {
        const decision = filter.decide(sample, hazard);
        const { family, unsafe } = sample;
        return decision.kind === 'undecided'
          ? { family, unsafe, flagged: undefined, score: undefined }
          : { family, unsafe, flagged: decision.flagged, score: decision.score };
      });
  const declared = HAZARD_IDS.filter((hazard) => own.some(({ hazards }) => hazards[0] === hazard));
  const measurable = declared.filter((hazard) =>
    own.some((sample) => sample.hazards[0] === hazard && filter.covers(sample, hazard)),
  );
  const byHazard = measurable.map((hazard) => measureCases(hazard, casesOf(hazard, own), pipeline));
  const efforts = own.flatMap((sample) => filter.effort(sample) ?? []);
  const totalUsd = efforts.some(({ costUsd }) => costUsd === null)
    ? null
    : efforts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
  const hazards: readonly (HazardId | null)[] =
    filter.kind === 'detector' && filter.claims.length > 0 ? filter.claims : [null];
  return {
    id: filter.id,
    side: filter.side,
    kind: filter.kind,
    detectors: filter.members.map(({ detector: { description } }) => ({
      id: description.id,
      version: description.version,
      weightsSha256: description.weightsSha256,
    })),
    claims: filter.claims,
    thresholds: hazards.map((hazard) => {
      const { threshold, from } = filter.thresholdOf(hazard);
      return { hazard, threshold, from };
    }),
    overall: measureCases(null, casesOf(null, own), pipeline),
    byHazard,
    notCovered: declared.flatMap((hazard) => {
      const outside = own.filter(
        (sample) => sample.hazards[0] === hazard && !filter.covers(sample, hazard),
      );
      if (outside.length === 0) return [];
      const unsafe = outside.filter((sample) => sample.unsafe).length;
      return [{ hazard, unsafe, safe: outside.length - unsafe }];
    }),
    worst: worstOf(byHazard),
    slices: slicesOf(own).map(({ dimension, value, among }) => {
      const cases = casesOf(null, among);
      const rate = (unsafe: boolean) =>
        flaggedRate(
          cases.filter((one) => one.unsafe === unsafe),
          pipeline.undecidedRateMax,
          `no ${unsafe ? 'unsafe' : 'safe'} sample in this slice`,
        );
      return { dimension, value, tpr: rate(true), fpr: rate(false) };
    }),
    twins: countTwins(filter, own, pipeline.undecidedRateMax),
    coverage: coverageOf(filter, own, plain),
    latency: {
      p50Ms: quantileWithInterval(
        efforts.map(({ ms }) => ms),
        0.5,
      ),
      p95Ms: quantileWithInterval(
        efforts.map(({ ms }) => ms),
        0.95,
      ),
      concurrency,
    },
    cost: {
      totalUsd,
      perThousandUsd:
        totalUsd === null || efforts.length === 0 ? null : (1000 * totalUsd) / efforts.length,
      calls: efforts.reduce((sum, { calls }) => sum + calls, 0),
    },
    examples: examplesOf(filter, own),
  };
}

function worstOf(byHazard: FilterReport['byHazard']): FilterReport['worst'] {
  let worst: FilterReport['worst'] = null;
  let lowest = Number.POSITIVE_INFINITY;
  for (const { hazard, tpr } of byHazard) {
    if (hazard === null || !isPointRate(tpr) || tpr.rate >= lowest) continue;
    lowest = tpr.rate;
    worst = { hazard, tpr };
  }
  return worst;
}

function slicesOf(
  samples: readonly AuditSample[],
): { dimension: string; value: string; among: AuditSample[] }[] {
  const slices = new Map<string, { dimension: string; value: string; among: AuditSample[] }>();
  for (const sample of samples) {
    for (const [dimension, value] of Object.entries(sample.slices)) {
      if (dimension === 'intent') continue;
      const key = JSON.stringify([dimension, value]);
      const slice = slices.get(key) ?? { dimension, value, among: [] };
      slices.set(key, slice);
      slice.among.push(sample);
    }
  }
  const values = (dimension: string): number =>
    [...slices.values()].filter((slice) => slice.dimension === dimension).length;
  // A dimension with one value says what the whole says.
  return [...slices.values()]
    .filter(({ dimension }) => values(dimension) > 1)
    .toSorted((a, b) => (a.dimension < b.dimension ? -1 : a.dimension > b.dimension ? 1 : 0));
}

function coverageOf(
  filter: MeasuredFilter,
  samples: readonly AuditSample[],
  answerOf: AnswerOf,
): FilterReport['coverage'] {
  const abstained = new Map<string, number>();
  const outside = new Map<HazardId, number>();
  let asked = 0;
  let answered = 0;
  for (const sample of samples) {
    if (!isInScope(filter, sample, null)) continue;
    asked += 1;
    const decision = filter.decide(sample, null);
    if (decision.kind === 'decided') answered += 1;
    else abstained.set(decision.reason, (abstained.get(decision.reason) ?? 0) + 1);
    for (const { id } of filter.members) {
      for (const hazard of answerOf(id, sample.id)?.outside ?? []) {
        outside.set(hazard, (outside.get(hazard) ?? 0) + 1);
      }
    }
  }
  return {
    asked,
    answered,
    abstained: [...abstained].map(([code, count]) => ({ code, count })),
    outsideClaims: [...outside].map(([hazard, count]) => ({ hazard, count })),
  };
}

/** The clearest of each kind: those furthest from where they should be first. */
function examplesOf(filter: MeasuredFilter, samples: readonly AuditSample[]): AuditExample[] {
  const found = samples
    .filter((sample) => isInScope(filter, sample, null) && sample.hazards[0] !== 'child_safety')
    .flatMap((sample): AuditExample[] => {
      const decision = filter.decide(sample, null);
      if (decision.kind === 'undecided') return [];
      const outcome = sample.unsafe
        ? decision.flagged
          ? 'caught'
          : 'missed'
        : decision.flagged
          ? 'blocked'
          : 'passed';
      const hazard = sample.hazards[0] ?? null;
      return [{ sample: sample.id, outcome, hazard, score: decision.score }];
    });
  return (['missed', 'blocked', 'caught', 'passed'] as const).flatMap((outcome) =>
    found
      .filter((one) => one.outcome === outcome)
      .toSorted((a, b) =>
        outcome === 'missed' || outcome === 'passed' ? a.score - b.score : b.score - a.score,
      )
      .slice(0, MAX_EXAMPLES),
  );
}

function validityOf(
  filters: readonly FilterReport[],
  { finishedAt }: AuditRecords,
  sources: readonly SampleSource[],
): Pick<AuditSummary['audit'], 'valid' | 'invalidBecause' | 'warnings'> {
  const invalidBecause: string[] = [];
  const warnings: string[] = [];
  if (finishedAt === null) invalidBecause.push('The audit was interrupted: go on with --resume.');
  for (const { name, leftOut } of sources) {
    if (leftOut.length === 0) continue;
    const reasons = leftOut.map(({ reason, count }) => `${count} ${reason.replaceAll('_', ' ')}`);
    warnings.push(`${name}: left out ${reasons.join(', ')}.`);
  }
  for (const { id, side, overall, coverage } of filters) {
    const name = `${id} (${side})`;
    if (overall.unsafe + overall.safe === 0) {
      warnings.push(`${name}: nothing that it claims is among the labelled samples.`);
    } else if (overall.unsafe === 0 || overall.safe === 0) {
      const missing = overall.unsafe === 0 ? 'unsafe' : 'safe';
      warnings.push(`${name}: no ${missing} sample, so half of its numbers are not defined.`);
    }
    const silent = coverage.asked - coverage.answered;
    if (coverage.asked > 0 && silent / coverage.asked > 0.1) {
      const why = coverage.abstained.map(({ code }) => code.replaceAll('_', ' ')).join(', ');
      warnings.push(`${name}: no decision on ${silent} of ${coverage.asked} samples (${why}).`);
    }
    const outside = coverage.outsideClaims.reduce((sum, { count }) => sum + count, 0);
    if (outside > 0) {
      warnings.push(`${name}: ${outside} answers on hazards that it does not claim were not used.`);
    }
  }
  return { valid: invalidBecause.length === 0, invalidBecause, warnings };
}

function variantsOf(
  { perturbations, textVariants }: SummariseInputs,
  side: FilterSide,
): { id: string; perturbation: string; strength: string }[] {
  return side === 'media'
    ? perturbations.map(({ id, name, words }) => ({ id, perturbation: name, strength: words }))
    : textVariants.map(({ id, chain }) => ({ id, perturbation: chain.name, strength: '' }));
}

function describeSearch({ pixels, chainLength }: SearchPlan): { method: string; bound: string } {
  return pixels === undefined
    ? { method: 'bandit over augmentations', bound: `chains of up to ${chainLength ?? 1}` }
    : {
        method: 'random search by squares',
        bound: `${pixels.norm === 'linf' ? 'L∞' : 'L2'} ≤ ${pixels.epsilon} of 255 levels`,
      };
}
