import { z } from 'zod';
import { carrierSchema, hazardSchema } from '../../core/hazard.ts';

/** A name in the model store, in YAML and on the command line. */
export const modelNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'use lower-case letters, digits, dots, - and _');

const sizeSchema = z.number().int().min(1).max(2048);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const deviation = z.number().positive();

/** How pixels become the model's input: `(value · scale − mean) / deviation`, by channel. */
export const classifierInputSchema = z.strictObject({
  widthPx: sizeSchema,
  heightPx: sizeSchema,
  resize: z
    .enum(['stretch-align-corners', 'stretch', 'short-side-crop', 'pad-square'])
    .describe(
      'stretch: to the full size whatever the aspect ratio. stretch-align-corners: the same, bilinear, corner pixels on corner pixels, without smoothing (TensorFlow). short-side-crop: the short side to resizePx, then the centre. pad-square: black right and below, then to the full size.',
    ),
  filter: z
    .enum(['bilinear', 'bicubic'])
    .default('bilinear')
    .describe('As Pillow has them, smoothed when they make smaller.'),
  resizePx: sizeSchema
    .optional()
    .describe('What is resized to before the centre is cropped. Default: the smaller side.'),
  jpegQuality: z
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Written as JPEG of this quality and read again between resizing and cropping.'),
  colours: z.enum(['RGB', 'BGR']).default('RGB'),
  scale: z
    .number()
    .positive()
    .default(1 / 255)
    .describe('Values of 0–255 are multiplied by it.'),
  mean: triple.default([0, 0, 0]).describe('In the order of `colours`, after `scale`.'),
  deviation: z.tuple([deviation, deviation, deviation]).default([1, 1, 1]),
  layout: z.enum(['NHWC', 'NCHW']).default('NCHW'),
  name: z.string().optional().describe("The model's input. Default: its first."),
});
export type ClassifierInput = z.output<typeof classifierInputSchema>;

const scoreSchema = z
  .strictObject({
    hazard: hazardSchema,
    carrier: carrierSchema.default('visual'),
    labels: z.array(z.string()).min(1).optional().describe('Their probabilities are added.'),
    atOrAbove: z
      .string()
      .optional()
      .describe('For labels in order of severity: this one and all after it are added.'),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Where its authors say that the score flags. A policy may name another.'),
  })
  .refine(({ labels, atOrAbove }) => (labels === undefined) !== (atOrAbove === undefined), {
    message: 'give either `labels` or `atOrAbove`',
  });

/** All that is peculiar to an image classifier, as users write it: the rest is always the same. */
export const classifierDeclarationSchema = z
  .strictObject({
    id: modelNameSchema.describe('Name in pipelines and reports.'),
    version: z
      .string()
      .default('1')
      .describe('Of the declaration: to be changed whenever scores can change.'),
    modelName: modelNameSchema.optional().describe('Name in the model store. Default: the id.'),
    labels: z.array(z.string().min(1)).min(1).describe("In the order of the model's output."),
    input: classifierInputSchema,
    output: z.string().optional().describe("The model's output. Default: its first."),
    activation: z
      .enum(['none', 'softmax', 'sigmoid'])
      .describe('`none` where the model gives probabilities.'),
    scores: z.array(scoreSchema).min(1).describe('What it claims to see, and from which labels.'),
    licence: z.string().min(1),
    source: z.string().optional().describe('Where the weights come from.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('Of the model file, which is refused where it differs.'),
    verified: z
      .boolean()
      .default(false)
      .describe('Whether its scores were held against the reference implementation.'),
    notes: z.array(z.string()).default([]),
  })
  .superRefine(({ labels, scores }, context) => {
    if (new Set(labels).size !== labels.length) {
      context.addIssue({ code: 'custom', path: ['labels'], message: 'a label stands there twice' });
    }
    scores.forEach((score, index) => {
      for (const label of score.labels ?? [score.atOrAbove ?? '']) {
        if (labels.includes(label)) continue;
        const path = ['scores', index];
        context.addIssue({ code: 'custom', path, message: `"${label}" is not among the labels` });
      }
    });
  });
export type ClassifierDeclaration = z.output<typeof classifierDeclarationSchema>;
export type ClassifierDeclarationInput = z.input<typeof classifierDeclarationSchema>;

/** The labels whose probabilities make a score. */
export function labelsOfScore(
  score: ClassifierDeclaration['scores'][number],
  labels: readonly string[],
): readonly string[] {
  return score.labels ?? labels.slice(labels.indexOf(score.atOrAbove ?? ''));
}
