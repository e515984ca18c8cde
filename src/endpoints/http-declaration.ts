import { z } from 'zod';
import { parametersSchema } from '../core/trial.ts';
import { problemsOf } from './http-declared-checks.ts';
import { exampleProblems } from './http-declared-example.ts';
import {
  addressSchema,
  failureRuleSchema,
  jobSchema,
  jsonPathSchema,
  jsonPathsSchema,
  mediaSchema,
  refusalRuleSchema,
} from './http-declared-schemas.ts';
import { httpOptionsShape, httpUrlSchema } from './http-options.ts';

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
        refusal: z
          .unknown()
          .describe('An answer that declines: one of `refusals` or `words` must read it.'),
        failure: z
          .unknown()
          .describe('A failure inside a success: one of `failures` must read it.'),
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
