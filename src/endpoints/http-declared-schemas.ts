import { z } from 'zod';
import { parseJsonPath } from '../core/json-path.ts';
import { failureCauseSchema, refusalModeSchema, stageSchema } from '../core/outcome.ts';

const JSON_PATH_MEANING =
  "A JSON path made of $, .key, ['key'], [0] and [*], such as $.data[*].url.";
export const jsonPathSchema = z
  .string()
  .superRefine((text, context) => {
    const parsed = parseJsonPath(text);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  })
  .describe(JSON_PATH_MEANING);
// Checked in `problemsOf`: a union would hide what is wrong with a path.
export const jsonPathsSchema = z.union([
  z
    .string()
    .describe(JSON_PATH_MEANING)
    .transform((path) => [path]),
  z.array(z.string().describe(JSON_PATH_MEANING)).min(1),
]);

const stateSchema = z.union([z.string(), z.number(), z.boolean()]);
const statesSchema = z.union([
  stateSchema.transform((value) => [value]),
  z.array(stateSchema).min(1),
]);

const ruleShape = {
  path: jsonPathSchema.optional().describe('Where in the answer the sign stands.'),
  equals: statesSchema.optional().describe('The value, or one of a list of values.'),
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

export const refusalRuleSchema = z
  .strictObject({
    ...ruleShape,
    mode: refusalModeSchema.default('hard').describe('An explicit code, a safety flag, or words.'),
    stage: stageSchema.default('unknown').describe('Which layer declined, where the sign tells.'),
  })
  .refine(isWholeRule, RULE_TEXT);
export const failureRuleSchema = z
  .strictObject({ ...ruleShape, cause: failureCauseSchema })
  .refine(isWholeRule, RULE_TEXT);

export const addressSchema = z
  .string()
  .regex(/^\S+$/, 'a path relative to `baseUrl`, without spaces');

export const jobSchema = z
  .strictObject({
    id: jsonPathSchema.optional().describe('Where the first answer names the job: {jobId}.'),
    url: addressSchema.optional().describe('Asks for the state, such as jobs/{jobId}.'),
    urlPath: jsonPathSchema.optional().describe('Where the first answer holds that address.'),
    status: jsonPathSchema.describe('Where an answer holds the state.'),
    running: z.array(stateSchema).min(1).describe('States in which the job goes on.'),
    done: z.array(stateSchema).min(1).describe('States in which the media are there.'),
    failed: z
      .array(stateSchema)
      .default([])
      .describe('States of an error. Any other state is a failure of the protocol.'),
    result: addressSchema
      .optional()
      .describe('Fetched once the job is done, where media lie apart.'),
  })
  .refine(({ url, urlPath }) => (url === undefined) !== (urlPath === undefined), {
    message: 'a job needs `url` or `urlPath`, and not both',
  });

export const mediaSchema = z
  .union([
    z.literal('body'),
    z.strictObject({ url: jsonPathsSchema }),
    z.strictObject({ base64: jsonPathsSchema }),
  ])
  .describe('Where media lie: `body`, or `url: <path>`, or `base64: <path>`.');

function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'i');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'no regular expression';
  }
}
