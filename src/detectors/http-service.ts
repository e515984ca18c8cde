import { z } from 'zod';
import { SafelightError } from '../core/errors.ts';
import type { HazardScore } from '../core/finding.ts';
import { carrierSchema, type HazardCarrier, hazardSchema } from '../core/hazard.ts';
import { sha256Of } from '../core/ids.ts';
import { followJsonPath, type JsonPath, parseJsonPath } from '../core/json-path.ts';
import { explainUnknown, fillHeader, fillJson, leavesOf, secretsIn } from '../core/template.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { clampScore, toBase64 } from './service/claims.ts';
import { readKey } from './service/read-key.ts';
import { type ServiceAdapter, type ServiceReply, serviceOptionsSchema } from './service/service.ts';
import { createServiceDetector } from './service/service-detector.ts';

const pathSchema = z.string().superRefine((text, context) => {
  const parsed = parseJsonPath(text);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

const scoreSchema = z.strictObject({
  hazard: hazardSchema,
  carrier: carrierSchema.default('visual'),
  path: pathSchema.describe('Where the answer holds it; of several values the highest counts.'),
  scale: z.number().positive().default(1).describe('The value that means certain, such as 100.'),
  values: z
    .record(z.string(), z.number().min(0).max(1))
    .optional()
    .describe(
      'Scores of words, such as { safe: 0, unsafe: 1 }; a word that is missing is an error.',
    ),
  absent: z
    .enum(['zero', 'open'])
    .default('open')
    .describe('What it means where nothing is there: a score of 0, or no answer.'),
});

const PICTURE_VARIABLES = ['picture', 'picture_data_url'] as const;
const VARIABLES = [...PICTURE_VARIABLES, 'text'] as const;

const requestSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  body: z
    .json()
    .describe(
      'Sent as JSON; {picture} is base64, {picture_data_url} a data: address, {text} the text.',
    ),
});

export const httpServiceOptionsSchema = serviceOptionsSchema
  .extend({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and "-" only')
      .default('http-service')
      .describe('Name in findings and policies.'),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe('Headers; a secret is written as $ and its environment variable in braces.'),
    picture: requestSchema.optional().describe('How a picture or a frame is asked about.'),
    text: requestSchema.optional().describe('How a text is asked about.'),
    scores: z.array(scoreSchema).min(1).describe('What the answer says, hazard by hazard.'),
    refusals: z
      .array(z.strictObject({ path: pathSchema, equals: z.union([z.string(), z.boolean()]) }))
      .default([])
      .describe('Answers by which the service declines to judge.'),
    maxSidePx: z
      .int()
      .min(16)
      .max(8192)
      .default(1024)
      .describe('Larger pictures are made smaller.'),
    licence: z.string().min(1).default('unknown').describe('Terms of the service.'),
  })
  .superRefine((options, context) => {
    if (options.picture === undefined && options.text === undefined) {
      context.addIssue({ code: 'custom', message: 'expected `picture`, `text` or both' });
    }
    for (const kind of ['picture', 'text'] as const) {
      const request = options[kind];
      if (request === undefined) continue;
      const known = kind === 'text' ? ['text'] : [...PICTURE_VARIABLES];
      const texts = leavesOf(request.body).flatMap(({ value, path }) =>
        typeof value === 'string' ? [{ value, path }] : [],
      );
      for (const { value, path } of texts) {
        const message = explainUnknown(value, known);
        if (message !== undefined) {
          context.addIssue({ code: 'custom', path: [kind, 'body', ...path], message });
        }
      }
      if (!texts.some(({ value }) => known.some((name) => value.includes(`{${name}}`)))) {
        const message = `the body holds none of ${known.map((name) => `{${name}}`).join(', ')}`;
        context.addIssue({ code: 'custom', path: [kind, 'body'], message });
      }
    }
  });
type Options = z.output<typeof httpServiceOptionsSchema>;

/**
 * Any moderation service that takes and answers JSON, declared in YAML.
 *
 * @throws SafelightError `key_missing` for a variable of its headers that is not set.
 */
export function createHttpServiceDetector(
  options: Options,
  { env }: DetectorEnvironment,
): Detector {
  const names = Object.values(options.headers).flatMap(secretsIn);
  const secrets = Object.fromEntries(names.map((name) => [name, readKey(options.id, name, env)]));
  return createServiceDetector(httpService(options, secrets), options);
}

export function httpService(
  options: Options,
  secrets: Readonly<Record<string, string>>,
): ServiceAdapter {
  const scores = options.scores.map((score) => ({ ...score, parsed: pathOf(score.path) }));
  const refusals = options.refusals.map((rule) => ({ ...rule, parsed: pathOf(rule.path) }));
  const claimsOf = (carrier: 'text' | 'picture'): HazardCarrier[] =>
    options.scores
      .filter((score) => (score.carrier === 'text') === (carrier === 'text'))
      .map((score) => ({ hazard: score.hazard, carrier: score.carrier }));
  const { picture, text, headers } = options;
  return {
    id: options.id,
    // Whatever is declared decides what its scores mean.
    version: sha256Of({ picture, text, scores: options.scores }).slice(0, 12),
    licence: options.licence,
    notes: ['A service declared in the pipeline.'],
    baseUrl: new URL((picture ?? text)?.url ?? '').origin,
    pictureClaims: picture === undefined ? [] : claimsOf('picture'),
    textClaims: text === undefined ? [] : claimsOf('text'),
    maxSidePx: options.maxSidePx,
    headers: () =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name.toLowerCase(),
          fillHeader(value, {}, secrets),
        ]),
      ),
    buildRequest: (subject) => {
      const request = subject.kind === 'text' ? text : picture;
      if (request === undefined) throw new RangeError(`nothing is declared for a ${subject.kind}`);
      return {
        path: request.url,
        contentType: 'application/json',
        body: JSON.stringify(fillJson(request.body, variablesOf(subject))),
      };
    },
    parseReply: (subject, status, value) => {
      if (status < 200 || status >= 300) return { kind: 'failed', code: 'by its status' };
      if (typeof value !== 'object' || value === null) return { kind: 'failed', code: 'no JSON' };
      const declined = refusals.some(({ parsed, equals }) =>
        followJsonPath(parsed, value).values.includes(equals),
      );
      if (declined) return { kind: 'refused', reason: 'the service declined to judge it' };
      return readScores(
        scores.filter(({ carrier }) => (carrier === 'text') === (subject === 'text')),
        value,
      );
    },
  };
}

function variablesOf(
  subject: Parameters<ServiceAdapter['buildRequest']>[0],
): Readonly<Partial<Record<(typeof VARIABLES)[number], string>>> & Record<string, string> {
  if (subject.kind === 'text') return { text: subject.text };
  const picture = toBase64(subject.picture.bytes);
  return { picture, picture_data_url: `data:${subject.picture.contentType};base64,${picture}` };
}

interface DeclaredScore extends z.output<typeof scoreSchema> {
  readonly parsed: JsonPath;
}

function readScores(declared: readonly DeclaredScore[], value: unknown): ServiceReply {
  const scores: HazardScore[] = [];
  const open: (HazardCarrier & { reason: string })[] = [];
  for (const { hazard, carrier, parsed, scale, values, absent } of declared) {
    const found = followJsonPath(parsed, value).values.map((item) =>
      typeof item === 'number'
        ? item / scale
        : typeof item === 'boolean'
          ? Number(item)
          : values?.[String(item)],
    );
    const numbers = found.filter((item) => item !== undefined && Number.isFinite(item));
    if (numbers.length < found.length) {
      open.push({ hazard, carrier, reason: `${parsed.text} holds a value that is not declared` });
    } else if (numbers.length > 0) {
      scores.push({ hazard, carrier, score: clampScore(Math.max(...(numbers as number[]))) });
    } else if (absent === 'zero') scores.push({ hazard, carrier, score: 0 });
    else open.push({ hazard, carrier, reason: `${parsed.text} matches nothing in the answer` });
  }
  const labels = Object.fromEntries(
    scores.map(({ hazard, carrier, score }) => [`${hazard}/${carrier}`, score]),
  );
  return { kind: 'scores', scores, labels, open };
}

function pathOf(text: string): JsonPath {
  const parsed = parseJsonPath(text);
  if (typeof parsed !== 'string') return parsed;
  throw new SafelightError(parsed, { code: 'path_invalid', kind: 'configuration' });
}
