import { z } from 'zod';
import { parseJsonPath } from '../core/json-path.ts';
import { failureCauseSchema, refusalModeSchema, stageSchema } from '../core/outcome.ts';
import {
  explainUnknown,
  fillUrl,
  leavesOf,
  placeholdersIn,
  secretsIn,
  type TemplateLeaf,
} from '../core/template.ts';
import { parametersSchema } from '../core/trial.ts';
import { leadsSomewhere, problemsWithExamples, type TriedPath } from './http-declared-example.ts';
import { httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { resolveUrl } from './http-transport.ts';

const JSON_PATH_MEANING =
  "A JSON path made of $, .key, ['key'], [0] and [*], such as $.data[*].url.";
const jsonPathSchema = z
  .string()
  .superRefine((text, context) => {
    const parsed = parseJsonPath(text);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  })
  .describe(JSON_PATH_MEANING);
// Checked in `problemsOf`: a union would hide what is wrong with a path.
const jsonPathsSchema = z.union([
  z
    .string()
    .describe(JSON_PATH_MEANING)
    .transform((path) => [path]),
  z.array(z.string().describe(JSON_PATH_MEANING)).min(1),
]);

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);
const scalarsSchema = z.union([
  scalarSchema.transform((value) => [value]),
  z.array(scalarSchema).min(1),
]);

const ruleShape = {
  path: jsonPathSchema.optional().describe('Where in the answer the sign stands.'),
  equals: scalarsSchema.optional().describe('The value, or one of a list of values.'),
  matches: z
    .string()
    .superRefine((pattern, context) => {
      const problem = patternProblem(pattern);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .optional()
    .describe('A regular expression over the value, without regard to case.'),
  every: z
    .boolean()
    .default(true)
    .describe('Whether all values of the path must be so: a flag on some media is no refusal.'),
  httpStatus: z.int().min(200).max(599).optional().describe('Only in answers of this status.'),
  signal: z.string().min(1).max(80).optional().describe('Name of the sign in reports.'),
} as const;
const RULE_TEXT = 'a rule needs `path` with `equals` or `matches`, or `httpStatus` alone';

function isWholeRule(rule: {
  readonly path?: string | undefined;
  readonly equals?: unknown;
  readonly matches?: string | undefined;
  readonly httpStatus?: number | undefined;
}): boolean {
  const conditions = Number(rule.equals !== undefined) + Number(rule.matches !== undefined);
  return rule.path === undefined
    ? conditions === 0 && rule.httpStatus !== undefined
    : conditions === 1;
}

const refusalRuleSchema = z
  .strictObject({
    ...ruleShape,
    mode: refusalModeSchema.default('hard').describe('An explicit code, a safety flag, or words.'),
    stage: stageSchema.default('unknown').describe('Which layer declined, where the sign tells.'),
  })
  .refine(isWholeRule, RULE_TEXT);
const failureRuleSchema = z
  .strictObject({ ...ruleShape, cause: failureCauseSchema })
  .refine(isWholeRule, RULE_TEXT);

const addressSchema = z.string().regex(/^\S+$/, 'a path relative to `baseUrl`, without spaces');

const jobSchema = z
  .strictObject({
    id: jsonPathSchema.optional().describe('Where the first answer names the job: {jobId}.'),
    url: addressSchema.optional().describe('Asks for the state, such as jobs/{jobId}.'),
    urlPath: jsonPathSchema.optional().describe('Where the first answer holds that address.'),
    status: jsonPathSchema.describe('Where an answer holds the state.'),
    running: z.array(scalarSchema).min(1).describe('States in which the job goes on.'),
    done: z.array(scalarSchema).min(1).describe('States in which the media are there.'),
    failed: z
      .array(scalarSchema)
      .default([])
      .describe('States of an error. Any other state is a failure of the protocol.'),
    result: addressSchema
      .optional()
      .describe('Fetched once the job is done, where media lie apart.'),
  })
  .refine(({ url, urlPath }) => (url === undefined) !== (urlPath === undefined), {
    message: 'a job needs `url` or `urlPath`, and not both',
  });

const mediaSchema = z
  .union([
    z.literal('body'),
    z.strictObject({ url: jsonPathsSchema }),
    z.strictObject({ base64: jsonPathsSchema }),
  ])
  .describe('Where media lie: `body`, or `url: <path>`, or `base64: <path>`.');

/** Options of the `http` endpoint, as a pipeline file writes them. */
export const httpDeclarationSchema = z
  .strictObject({
    modality: z.enum(['image', 'video']).default('image'),
    baseUrl: httpUrlSchema.describe('An http or https URL; calls go to its origin alone.'),
    ownHosts: z
      .array(z.string().regex(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a host name, or .example.com'))
      .default([])
      .describe('Further hosts of the provider that get the credentials, over https.'),
    method: z.enum(['GET', 'POST']).default('POST'),
    url: addressSchema.describe('Relative to `baseUrl`; placeholders are encoded.'),
    headers: z
      .record(
        z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'no name of a header'),
        z.string().regex(/^[\t\x20-\x7e]*$/, 'a header is one line of ASCII'),
      )
      .default({})
      .describe(`Such as "Bearer \${MY_KEY}"; the variable is read from the environment.`),
    body: z.record(z.string(), z.unknown()).optional().describe('Sent as JSON.'),
    form: z.record(z.string(), z.string()).optional().describe('Sent as multipart/form-data.'),
    parameters: parametersSchema
      .default({})
      .describe('Values of your own placeholders, such as width. Part of the identity of a trial.'),
    safetySettings: parametersSchema
      .default({})
      .describe('The same for what steers moderation: shown apart in the report.'),
    media: mediaSchema,
    words: jsonPathsSchema
      .optional()
      .describe('Where words come in place of media; known words of refusals are looked for.'),
    job: jobSchema.optional().describe('Where the first answer is only a ticket.'),
    refusals: z.array(refusalRuleSchema).default([]).describe('The first rule that fits decides.'),
    failures: z
      .array(failureRuleSchema)
      .default([])
      .describe('Failures that a success hides, such as a spent quota. After the refusals.'),
    revisedPrompt: jsonPathSchema.optional().describe("The provider's rewriting of the prompt."),
    revision: jsonPathSchema.optional().describe('Version of the model.'),
    cost: z
      .strictObject({
        path: jsonPathSchema,
        usdPerUnit: z.number().positive().default(1).describe('Price of one credit, say.'),
      })
      .optional(),
    example: z
      .strictObject({
        ticket: z.unknown().describe("A job's first answer."),
        answer: z.unknown().describe('The answer that holds media.'),
        refusal: z.unknown().describe('An answer that declines: one of `refusals` must read it.'),
      })
      .partial()
      .optional()
      .describe('Recorded answers: all paths are tried against them before anything is sent.'),
    ...httpOptionsShape,
  })
  .superRefine((options, context) => {
    for (const { path, message } of [...problemsOf(options), ...exampleProblems(options)]) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });
export type HttpDeclaration = z.output<typeof httpDeclarationSchema>;
export type HttpRefusalRule = HttpDeclaration['refusals'][number];
export type HttpFailureRule = HttpDeclaration['failures'][number];
export type HttpRule = HttpRefusalRule | HttpFailureRule;

/** Placeholders that are always there. */
const REQUEST_NAMES = ['prompt', 'seed', 'count'] as const;
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|x-key)$|api-?key|token|secret/i;

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Templates = Pick<
  HttpDeclaration,
  | 'url'
  | 'headers'
  | 'body'
  | 'form'
  | 'job'
  | 'parameters'
  | 'safetySettings'
  | 'baseUrl'
  | 'media'
  | 'words'
  | 'ownHosts'
  | 'method'
>;

/** What is wrong between the parts, found before anything is sent. */
function problemsOf(options: Templates): Problem[] {
  const { url, headers, body, form, job, parameters, safetySettings } = options;
  const own = [...Object.keys(parameters), ...Object.keys(safetySettings)];
  const request = [...REQUEST_NAMES, ...own];
  const leaves = [
    { path: ['url'], value: url },
    ...leavesOf(body ?? {}, ['body']),
    ...leavesOf(form ?? {}, ['form']),
  ];
  const polls = [
    { path: ['job', 'url'], value: job?.url },
    { path: ['job', 'result'], value: job?.result },
  ];
  const problems: Problem[] = [
    ...leaves.flatMap((leaf) => [...unknownNames(leaf, request), ...strayedSecrets(leaf)]),
    ...polls.flatMap((leaf) => [...unknownNames(leaf, ['jobId', ...own]), ...strayedSecrets(leaf)]),
    ...leavesOf(headers, ['headers']).flatMap((leaf) => unknownNames(leaf, ['count', ...own])),
    ...Object.entries(headers).flatMap(([name, value]) => heldSecret(name, value)),
    ...[...leaves.slice(0, 1), ...polls].flatMap((leaf) => foreignUrl(leaf, options)),
  ];
  problems.push(...malformedPaths(options));
  const repeated = own.find(
    (name, index) =>
      own.indexOf(name) < index || [...REQUEST_NAMES, 'jobId'].some((known) => known === name),
  );
  if (repeated !== undefined) {
    const path = [Object.hasOwn(parameters, repeated) ? 'parameters' : 'safetySettings', repeated];
    problems.push({ path, message: `{${repeated}} is taken: choose another name` });
  }
  if (body !== undefined && form !== undefined) {
    problems.push({ path: ['form'], message: 'a request has `body` or `form`, and not both' });
  }
  if (options.method === 'GET' && (body ?? form) !== undefined) {
    problems.push({ path: ['method'], message: 'a GET has no body: put placeholders into `url`' });
  }
  if (
    !leaves.some(
      ({ value }) => typeof value === 'string' && placeholdersIn(value).includes('prompt'),
    )
  ) {
    problems.push({
      path: [],
      message: 'nothing sends the prompt: put {prompt} into `body`, `form` or `url`',
    });
  }
  const asksById = polls.some(
    ({ value }) => value !== undefined && placeholdersIn(value).includes('jobId'),
  );
  if (asksById && job?.id === undefined) {
    problems.push({
      path: ['job', 'id'],
      message: '{jobId} needs `id`, the path to it in the first answer',
    });
  }
  return problems;
}

type Read = Pick<
  HttpDeclaration,
  'media' | 'job' | 'refusals' | 'revisedPrompt' | 'revision' | 'cost' | 'example'
>;

function exampleProblems({ example, media, job, refusals, ...options }: Read): Problem[] {
  if (example === undefined) return [];
  const tried: TriedPath[] = [];
  const tryPath = (
    at: readonly (string | number)[],
    text: unknown,
    reads: TriedPath['reads'],
  ): void => {
    if (typeof text === 'string') tried.push({ at, text, reads });
  };
  if (media !== 'body') {
    for (const { path, value } of leavesOf(media, ['media'])) {
      tryPath(path.slice(0, 2), value, 'answer');
    }
  }
  tryPath(['job', 'id'], job?.id, 'ticket');
  tryPath(['job', 'urlPath'], job?.urlPath, 'ticket');
  // Where media are fetched apart, the answer that holds them needs no state.
  if (job?.result === undefined) tryPath(['job', 'status'], job?.status, 'answer');
  tryPath(['revisedPrompt'], options.revisedPrompt, 'answer');
  tryPath(['revision'], options.revision, 'answer');
  tryPath(['cost', 'path'], options.cost?.path, 'answer');
  const problems = problemsWithExamples(example, tried);
  const { refusal } = example;
  const reads = refusals.some(({ path }) => path === undefined || leadsSomewhere(path, refusal));
  if (refusal !== undefined && !reads) {
    const paths = refusals.flatMap(({ path }, index) =>
      path === undefined
        ? []
        : [{ at: ['refusals', index, 'path'], text: path, reads: 'refusal' as const }],
    );
    if (paths.length === 0) {
      return [...problems, { path: ['example', 'refusal'], message: 'no rule under `refusals`' }];
    }
    problems.push(...problemsWithExamples(example, paths));
  }
  return problems;
}

function malformedPaths({ media, words = [] }: Templates): Problem[] {
  const paths = [
    ...(media === 'body' ? [] : leavesOf(media, ['media'])),
    ...leavesOf(words, ['words']),
  ];
  return paths.flatMap(({ path, value }) => {
    const parsed = typeof value === 'string' ? parseJsonPath(value) : undefined;
    return typeof parsed === 'string' ? [{ path: path.slice(0, 2), message: parsed }] : [];
  });
}

function unknownNames({ path, value }: TemplateLeaf, known: readonly string[]): Problem[] {
  const message = typeof value === 'string' ? explainUnknown(value, known) : undefined;
  return message === undefined ? [] : [{ path, message }];
}

function strayedSecrets({
  path,
  value,
}: {
  path: readonly (string | number)[];
  value: unknown;
}): Problem[] {
  const [name] = typeof value === 'string' ? secretsIn(value) : [];
  return name === undefined
    ? []
    : [
        {
          path,
          message: `\${${name}} is a secret's variable: those are sent in \`headers\` alone`,
        },
      ];
}

function heldSecret(name: string, value: string): Problem[] {
  return SECRET_HEADER.test(name) && secretsIn(value).length === 0
    ? [
        {
          path: ['headers', name],
          message: `a pipeline never holds a secret: name its variable, such as \${MY_KEY}`,
        },
      ]
    : [];
}

function foreignUrl({ path, value }: TemplateLeaf, options: Templates): Problem[] {
  if (typeof value !== 'string' || !URL.canParse(options.baseUrl)) return [];
  const base = new URL(options.baseUrl);
  const names = Object.fromEntries(placeholdersIn(value).map((name) => [name, 'x']));
  const url = resolveUrl(fillUrl(value, names), base);
  if (url === undefined) return [{ path, message: 'is no URL relative to `baseUrl`' }];
  const theirs = options.ownHosts.some((host) =>
    host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host,
  );
  return url.origin === base.origin || theirs
    ? []
    : [
        {
          path,
          message: 'leads to another host than `baseUrl`: list it under `ownHosts` if it is theirs',
        },
      ];
}

function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'i');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'no regular expression';
  }
}
