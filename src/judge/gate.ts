import { formatPosition, SafelightError } from '../core/errors.ts';
import { type HazardCarrier, hazardCarrierKey } from '../core/hazard.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Estimate, Rate, UndefinedRate } from '../core/rate.ts';
import type { EndpointSummary, Summary } from '../core/summary.ts';
import type { ComparableRate, DifferenceLimit } from './gate-difference.ts';
import { GATE_ESTIMATES, type GateEstimate, type GateRate, type GateRule } from './gate-rules.ts';

/** One rule, held against one endpoint and, where it says so, one hazard. */
export interface GateCheck {
  readonly rule: string;
  readonly line: number | undefined;
  readonly endpoint: string;
  readonly revision: string | null;
  /** Such as `hate/text`. */
  readonly hazard: string | undefined;
  readonly passed: boolean;
  /** A sentence for a person. */
  readonly reason: string;
  /** Unrounded; null where there is no such number. */
  readonly actual: number | null;
  readonly threshold: number;
  readonly trials: number | null;
  readonly warnings: readonly string[];
}

/** What a rule on a difference asks of the two runs. */
export interface DifferenceQuestion {
  readonly endpoint: EndpointSummary;
  readonly baselineEndpoint: string;
  readonly metric: ComparableRate;
  readonly pair: HazardCarrier | undefined;
  readonly end: 'low' | 'high';
}

export interface GateOptions {
  /** Name of the file of rules, for messages. */
  readonly file: string;
  /** Without it every rule on a difference fails. */
  readonly difference?: (question: DifferenceQuestion) => DifferenceLimit | UndefinedRate;
}

/**
 * Holds rules against a summary. What is undefined, only bounded or made of too few trials does not
 * pass. Whether the run is valid at all is for the caller to look at first. Pure.
 *
 * @throws SafelightError `gate_endpoint` for an endpoint that the run does not know.
 */
export function evaluateGate(
  rules: readonly GateRule[],
  summary: Pick<Summary, 'endpoints'>,
  options: GateOptions,
): readonly GateCheck[] {
  return rules.flatMap((rule) => {
    const endpoints = summary.endpoints.filter(
      ({ id }) => rule.endpoint === undefined || id === rule.endpoint,
    );
    if (endpoints.length === 0) throw unknownEndpoint(rule, summary, options.file);
    return endpoints.flatMap((endpoint) =>
      pairsOf(rule, endpoint).map((pair) => checkOne(rule, endpoint, pair, options)),
    );
  });
}

/** One undefined pair where the rule is about all; `none` where its hazard is not in the run. */
function pairsOf(
  rule: GateRule,
  endpoint: EndpointSummary,
): (HazardCarrier | undefined | 'none')[] {
  if (rule.hazard === undefined) return [undefined];
  const [hazard, carrier] = rule.hazard.split('/');
  const pairs = endpoint.byHazard.filter(
    (pair) =>
      (hazard === 'each' || pair.hazard === hazard) &&
      (carrier === undefined || pair.carrier === carrier),
  );
  return pairs.length === 0 ? ['none'] : pairs.map(({ hazard, carrier }) => ({ hazard, carrier }));
}

interface Found {
  readonly actual: number;
  readonly trials: number;
  /** What it was made from, in words. */
  readonly basis: string;
  readonly warnings: readonly string[];
}

function checkOne(
  rule: GateRule,
  endpoint: EndpointSummary,
  pair: HazardCarrier | undefined | 'none',
  options: GateOptions,
): GateCheck {
  const key = pair === undefined || pair === 'none' ? undefined : hazardCarrierKey(pair);
  const about = {
    rule: rule.text,
    line: rule.line,
    endpoint: endpoint.id,
    revision: endpoint.revision,
    hazard: key ?? rule.hazard,
    threshold: rule.threshold,
  };
  const found: Found | string =
    pair === 'none'
      ? `the run holds no trial of ${rule.hazard === 'each' ? 'any hazard' : rule.hazard}`
      : find(rule, endpoint, pair, options);
  if (typeof found === 'string') {
    return {
      ...about,
      passed: false,
      reason: sentence(found),
      actual: null,
      trials: null,
      warnings: [],
    };
  }
  const { actual, trials, basis, warnings } = found;
  const result = { ...about, actual, trials, warnings };
  if (trials < rule.minTrials) {
    const reason = `${rule.metric} rests on ${trials} ${trials === 1 ? 'trial' : 'trials'}; the rule asks for at least ${rule.minTrials}`;
    return { ...result, passed: false, reason: sentence(reason) };
  }
  const passed = holds(actual, rule);
  const wanted = `${rule.comparator} ${rule.threshold}`;
  const reason = `${rule.metric}.${rule.limit} is ${shown(actual)} (${basis})${passed ? '' : `, which is not ${wanted}`}`;
  return { ...result, passed, reason: sentence(reason) };
}

/** The number that a rule is about, or why there is none. */
function find(
  rule: GateRule,
  endpoint: EndpointSummary,
  pair: HazardCarrier | undefined,
  { difference }: GateOptions,
): Found | string {
  const { metric, limit } = rule;
  if (isEstimate(metric)) {
    const estimate: Estimate = endpoint[metric];
    if ('undefined' in estimate) return `${metric} is undefined: ${estimate.reason}`;
    const trials = Math.min(denominatorOf(endpoint.harm), denominatorOf(endpoint.utility));
    const actual = limit === 'ciHigh' ? estimate.ciHigh : estimate.ciLow;
    return { actual, trials, basis: estimate.method, warnings: [] };
  }
  const rate = rateFor(metric, endpoint, pair);
  if ('undefined' in rate) return `${metric} is undefined: ${rate.reason}`;
  if ('bounded' in rate) {
    return `${metric} is only bounded, between ${shown(rate.boundLow)} and ${shown(rate.boundHigh)}: ${rate.reason}`;
  }
  if (limit === 'ciLow' || limit === 'ciHigh') {
    const basis =
      metric === 'harmCorrected'
        ? `${shown(rate.rate)} of ${rate.denominator} trials; ${rate.method}`
        : `${rate.numerator} of ${rate.denominator}; ${rate.method}`;
    const { warnings = [] } = rate;
    return { actual: rate[limit], trials: rate.denominator, basis, warnings };
  }
  if (difference === undefined || metric === 'flagged' || metric === 'harmCorrected')
    return 'there is no baseline run';
  const found = difference({
    endpoint,
    baselineEndpoint: rule.baselineEndpoint ?? endpoint.id,
    metric,
    pair,
    end: limit === 'diffHigh' ? 'high' : 'low',
  });
  if ('undefined' in found) return `the difference in ${metric} is undefined: ${found.reason}`;
  return {
    actual: found.limit,
    trials: found.trials,
    basis: `${found.matchedPrompts} prompts in both runs, ${found.unmatchedPrompts} not; ${found.method}`,
    warnings: found.warnings,
  };
}

function rateFor(
  metric: GateRate,
  endpoint: EndpointSummary,
  pair: HazardCarrier | undefined,
): Rate {
  if (pair !== undefined) {
    const row = endpoint.byHazard.find(
      ({ hazard, carrier }) => hazard === pair.hazard && carrier === pair.carrier,
    );
    if (row !== undefined && metric === 'harm') return row.harm;
    if (row !== undefined && metric === 'overRefusal') return row.overRefusal;
    return { undefined: true, reason: `it is not told for ${hazardCarrierKey(pair)}` };
  }
  if (metric === 'flagged') return endpoint.media.flagged;
  return endpoint[metric] ?? { undefined: true, reason: 'no labelled sample corrects it' };
}

function isEstimate(metric: GateRule['metric']): metric is GateEstimate {
  return GATE_ESTIMATES.some((known) => known === metric);
}

function denominatorOf(rate: Rate): number {
  return 'undefined' in rate ? 0 : rate.denominator;
}

function holds(actual: number, { comparator, threshold }: GateRule): boolean {
  switch (comparator) {
    case '<':
      return actual < threshold;
    case '<=':
      return actual <= threshold;
    case '>':
      return actual > threshold;
    case '>=':
      return actual >= threshold;
  }
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function unknownEndpoint(
  rule: GateRule,
  summary: Pick<Summary, 'endpoints'>,
  file: string,
): SafelightError {
  const name = rule.endpoint ?? '';
  const at = formatPosition({ file, line: rule.line });
  const known = summary.endpoints.map(({ id }) => id);
  return new SafelightError(
    name === '' ? `${at}: the run holds no endpoint` : `${at}: the run holds no endpoint "${name}"`,
    { code: 'gate_endpoint', kind: 'input', hint: didYouMean(name, known) },
  );
}
