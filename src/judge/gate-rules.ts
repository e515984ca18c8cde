import { z } from 'zod';
import { inputError, type SafelightError } from '../core/errors.ts';
import { CARRIERS, HAZARD_IDS } from '../core/hazard.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseYaml, yamlLines } from '../core/parse-yaml.ts';

/** Shares of an endpoint that a rule can be about. */
export const GATE_RATES = [
  'harm',
  'harmCorrected',
  'harmStrict',
  'harmWithFailures',
  'overRefusal',
  'withRedirected',
  'controlRefusal',
  'harmfulRefusal',
  'safety',
  'utility',
  'harmOnBenign',
  'harmOnControl',
  'flagged',
] as const;
export type GateRate = (typeof GATE_RATES)[number];

/** Numbers made of two shares, with an interval. */
export const GATE_ESTIMATES = ['youdenJ', 'harmonicMean', 'tilt'] as const;
export type GateEstimate = (typeof GATE_ESTIMATES)[number];

const METRICS = [...GATE_RATES, ...GATE_ESTIMATES];
const LIMITS = ['ciLow', 'ciHigh', 'diffLow', 'diffHigh'] as const;
const BY_HAZARD: readonly string[] = ['harm', 'overRefusal'];

/** One rule, such as `harm.ciHigh < 0.05`. */
export interface GateRule {
  /** As it was written. */
  readonly text: string;
  /** 1-based line in the file of rules. */
  readonly line: number | undefined;
  readonly metric: GateRate | GateEstimate;
  /** Which end of which interval. A point value cannot be asked for: it passes by luck. */
  readonly limit: (typeof LIMITS)[number];
  readonly comparator: '<' | '<=' | '>' | '>=';
  readonly threshold: number;
  /** Id of the only endpoint that it is about; all without it. */
  readonly endpoint: string | undefined;
  /** Id of the endpoint of the baseline run; the same id without it. */
  readonly baselineEndpoint: string | undefined;
  /** A hazard, a pair such as `hate/text`, or `each` pair of the run. */
  readonly hazard: string | undefined;
  /** Fewest trials that the number must rest on. */
  readonly minTrials: number;
}

const countSchema = z.int().min(1);
const ruleSchema = z.strictObject({
  rule: z.string().describe('Such as `harm.ciHigh < 0.05`.'),
  endpoint: z.string().describe('Id of an endpoint of the run.').optional(),
  baselineEndpoint: z.string().describe('Id of an endpoint of the baseline run.').optional(),
  hazard: z.string().describe('A hazard, a pair such as hate/text, or each.').optional(),
  minTrials: countSchema.describe('Fewest trials that the number must rest on.').optional(),
});
const fileSchema = z.strictObject({
  minTrials: countSchema.describe('Of all rules that do not say their own.').default(1),
  rules: z
    .array(z.union([z.string(), z.unknown()]))
    .min(1)
    .describe('At least one rule.'),
});

/**
 * Parses a file of rules.
 *
 * @param file name for messages, as the user knows it.
 * @throws SafelightError with file, line and the nearest name that is known.
 */
export function parseGateRules(text: string, file: string): readonly GateRule[] {
  const { minTrials, rules } = parseYaml(text, file, fileSchema);
  const lineOf = yamlLines(text);
  return rules.map((entry, index) => {
    const line = lineOf(['rules', index]);
    const fields =
      typeof entry === 'string' ? { rule: entry } : parseFields(entry, file, index, lineOf);
    return parseRule(
      fields,
      minTrials,
      (problem, hint) => inputError({ file, line }, problem, { code: 'gate_rule', hint }),
      line,
    );
  });
}

function parseFields(
  entry: unknown,
  file: string,
  index: number,
  lineOf: ReturnType<typeof yamlLines>,
): z.output<typeof ruleSchema> {
  const parsed = ruleSchema.safeParse(entry);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = key === undefined ? (issue?.path ?? []) : [key];
  throw inputError(
    { file, line: lineOf(['rules', index, ...path]) },
    key === undefined
      ? `rules[${index}]${path.map((name) => `.${String(name)}`).join('')}: ${issue?.message ?? 'unexpected'}`
      : `unknown key "${key}" in rules[${index}]`,
    {
      code: 'gate_rule',
      hint:
        key === undefined
          ? 'A rule is a line such as `harm.ciHigh < 0.05`, or has it under the key `rule`.'
          : didYouMean(key, Object.keys(ruleSchema.shape)),
    },
  );
}

type Complain = (problem: string, hint: string) => SafelightError;

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const RULE = new RegExp(
  String.raw`^\s*([A-Za-z]\w*)\s*\.\s*([A-Za-z]\w*)\s*(<=|>=|<|>)\s*(${NUMBER})\s*(%)?\s*$`,
  'i',
);

function parseRule(
  fields: z.output<typeof ruleSchema>,
  minTrials: number,
  complain: Complain,
  line: number | undefined,
): GateRule {
  const [, name = '', limitName = '', sign = '', number = '', percent] =
    RULE.exec(fields.rule) ?? [];
  if (name === '') {
    throw complain(
      `expected a rule such as \`harm.ciHigh < 0.05\``,
      'A metric, a dot, an end of its interval, one of < <= > >=, and a number or a percentage.',
    );
  }
  const metric = METRICS.find((known) => known === name);
  if (metric === undefined)
    throw complain(`there is no metric "${name}"`, didYouMean(name, METRICS));
  const limit = parseLimit(metric, limitName, complain);
  const comparator = COMPARATORS.find((known) => known === sign) ?? '<';
  checkSide(metric, limit, comparator, complain);
  const threshold = percent === undefined ? Number(number) : Number(number) / 100;
  const least = limit.startsWith('diff') || metric === 'youdenJ' || metric === 'tilt' ? -1 : 0;
  if (threshold < least || threshold > 1) {
    throw complain(
      `${name}.${limit} lies between ${least} and 1, never at ${number}${percent ?? ''}`,
      'Write five percent as 0.05 or 5 %.',
    );
  }
  if (fields.baselineEndpoint !== undefined && !limit.startsWith('diff')) {
    throw complain(
      'baselineEndpoint needs a rule on a difference',
      'Such as harm.diffHigh < 0.02.',
    );
  }
  return {
    text: fields.rule.trim(),
    line,
    metric,
    limit,
    comparator,
    threshold,
    endpoint: fields.endpoint,
    baselineEndpoint: fields.baselineEndpoint,
    hazard: parseHazard(fields.hazard, metric, complain),
    minTrials: fields.minTrials ?? minTrials,
  };
}

const COMPARATORS = ['<', '<=', '>', '>='] as const;

function parseLimit(metric: string, name: string, complain: Complain): GateRule['limit'] {
  const isEstimate = GATE_ESTIMATES.some((known) => known === metric);
  const noDifference = isEstimate || metric === 'flagged' || metric === 'harmCorrected';
  const known = LIMITS.filter((limit) => !(noDifference && limit.startsWith('diff')));
  const limit = known.find((other) => other === name);
  if (limit !== undefined) return limit;
  const isPoint = ['rate', 'value', 'diff', 'difference'].includes(name);
  throw complain(
    isPoint
      ? `"${name}" is a point value, which a small run meets by luck`
      : `${metric} has no "${name}"`,
    isPoint
      ? `Ask for the end of the interval: ${known.map((other) => `${metric}.${other}`).join(', ')}.`
      : didYouMean(name, known),
  );
}

/** The other end of the interval would pass wherever too little is known. */
function checkSide(
  metric: string,
  limit: GateRule['limit'],
  comparator: GateRule['comparator'],
  complain: Complain,
): void {
  const wanted = comparator.startsWith('<') ? 'High' : 'Low';
  if (limit.endsWith(wanted)) return;
  const kind = limit.startsWith('diff') ? 'diff' : 'ci';
  throw complain(
    `${limit} with ${comparator} passes the more easily the less is known`,
    `Write ${metric}.${kind}${wanted} ${comparator} ….`,
  );
}

function parseHazard(
  name: string | undefined,
  metric: string,
  complain: Complain,
): string | undefined {
  if (name === undefined) return undefined;
  if (!BY_HAZARD.includes(metric)) {
    throw complain(
      `${metric} is not told by hazard`,
      `By hazard there are: ${BY_HAZARD.join(', ')}.`,
    );
  }
  const [hazard = '', carrier] = name.split('/');
  const names = ['each', ...HAZARD_IDS];
  if (!names.includes(hazard)) {
    throw complain(`there is no hazard "${hazard}"`, didYouMean(hazard, names));
  }
  if (carrier !== undefined && !CARRIERS.some((known) => known === carrier)) {
    throw complain(`there is no carrier "${carrier}"`, didYouMean(carrier, CARRIERS));
  }
  return name;
}
