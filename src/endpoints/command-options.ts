import { z } from 'zod';
import { explainUnknown, placeholdersIn, secretsIn } from '../core/template.ts';
import { scalarParametersSchema } from '../core/trial.ts';
import { environmentVariableSchema, httpOptionsShape } from './http-options.ts';

/** Placeholders that are always there. */
const REQUEST_NAMES = ['prompt', 'seed', 'count', 'output', 'folder'] as const;

/** Options of the `command` endpoint, as a pipeline file writes them. */
export const commandOptionsSchema = z
  .strictObject({
    modality: z.enum(['image', 'video']).default('image'),
    command: z
      .array(z.string())
      .min(1)
      .refine(([program = '']) => program !== '', 'the first entry names the program')
      .describe('The program and its arguments, with placeholders; no shell reads them.'),
    stdin: z.string().default('').describe('Written to standard input, such as {prompt}.'),
    cwd: z.string().min(1).optional().describe('Folder that it is started in.'),
    env: z
      .array(environmentVariableSchema)
      .default([])
      .describe('Names of environment variables that it gets, beside PATH, HOME and the like.'),
    extension: z
      .string()
      .regex(/^[a-z0-9]{1,8}$/)
      .optional()
      .describe('Of {output}; png for images and mp4 for videos.'),
    parameters: scalarParametersSchema
      .default({})
      .describe('Values of your own placeholders, such as steps.'),
    safetySettings: scalarParametersSchema
      .default({})
      .describe('The same for what steers a checker: shown apart in the report.'),
    revision: z.string().min(1).optional().describe('Version of the model, where you know it.'),
    refusalExitCode: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .describe('Exit code that stands for a refusal; a report line says more.'),
    count: httpOptionsShape.count,
    timeoutMs: httpOptionsShape.timeoutMs,
    maxMediaBytes: httpOptionsShape.maxMediaBytes,
  })
  .superRefine((options, context) => {
    const own = [...Object.keys(options.parameters), ...Object.keys(options.safetySettings)];
    const known = [...REQUEST_NAMES, ...own];
    const texts = [
      ...options.command.map((value, index) => ({ path: ['command', index], value })),
      { path: ['stdin'], value: options.stdin },
    ];
    const problem = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    for (const { path, value } of texts) {
      const unknown = explainUnknown(value, known);
      if (unknown !== undefined) problem(path, unknown);
      const [secret] = secretsIn(value);
      if (secret !== undefined) {
        problem(path, `arguments can be seen by every user: list ${secret} under \`env\``);
      }
    }
    const names = texts.flatMap(({ value }) => placeholdersIn(value));
    if (!names.includes('prompt')) {
      problem(['command'], 'nothing takes the prompt: put {prompt} into an argument or `stdin`');
    }
    if (!names.includes('output') && !names.includes('folder')) {
      problem(
        ['command'],
        'nothing says where to write: put {output} or {folder} into an argument',
      );
    }
    if (placeholdersIn(options.command[0] ?? '').some((name) => name === 'prompt')) {
      problem(['command', 0], 'a prompt names no program');
    }
    const taken = REQUEST_NAMES.find((name) => own.includes(name));
    if (taken !== undefined) problem(['parameters'], `{${taken}} is taken: choose another name`);
  });
export type CommandOptions = z.output<typeof commandOptionsSchema>;
