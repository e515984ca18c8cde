import { z } from 'zod';
import type { AbstentionCode } from '../core/finding.ts';
import { carrierSchema, HAZARD_IDS, hazardSchema } from '../core/hazard.ts';
import { encodePicture } from '../media/encode-picture.ts';
import { createLineProgram } from './command-filter/line-program.ts';
import type { Detector, DetectorEnvironment, DetectorResult, Subject } from './detector.ts';
import { clampScore, pairsOf, toBase64 } from './service/claims.ts';

export const commandFilterOptionsSchema = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe('Program and arguments, run without a shell in the pipeline’s folder.'),
  hazards: z.array(hazardSchema).min(1).describe('What it claims to find.'),
  carrier: carrierSchema.optional().describe('Default: text for texts, visual for pictures.'),
  reads: z.enum(['text', 'image']).default('text').describe('What it is asked about.'),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    .default('command-filter')
    .describe('Its name in findings.'),
  version: z
    .string()
    .min(1)
    .default('unversioned')
    .describe('Of the program: stands with findings.'),
  env: z.array(z.string().min(1)).default([]).describe('Environment variables that it is given.'),
  timeoutMs: z.number().int().min(1).max(600_000).default(30_000).describe('For one answer.'),
});

const answerSchema = z.union([
  z.object({ scores: z.record(z.string(), z.number()) }),
  z.object({ flagged: z.boolean() }),
  z.object({ abstained: z.string() }),
]);

/**
 * A program of the user's as a filter. It reads one JSON object a line, `{"id", "text"}` or `{"id",
 * "contentType", "base64"}`, and writes one a line with the same id: `{"id", "scores": {hazard: 0–1}}`,
 * `{"id", "flagged"}` or `{"id", "abstained"}`. It is started once and asked many questions. A hazard
 * that it does not claim is passed on as such; a label that is none, or an answer of another form, is
 * an abstention, and so is everything it does not answer in time.
 */
export function createCommandFilterDetector(
  options: z.output<typeof commandFilterOptionsSchema>,
  { env, folder }: DetectorEnvironment,
): Detector {
  const carrier = options.carrier ?? (options.reads === 'text' ? 'text' : 'visual');
  const claims = pairsOf(options.hazards, carrier);
  const program = createLineProgram({
    argv: options.command,
    cwd: folder,
    env: Object.fromEntries(
      ['PATH', ...options.env].flatMap((name) => {
        const value = env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    timeoutMs: options.timeoutMs,
  });
  const abstain = (code: AbstentionCode, reason: string): DetectorResult[] => [
    { claims, result: { kind: 'abstained', code, reason } },
  ];
  return {
    description: {
      id: options.name,
      version: options.version,
      weightsSha256: null,
      claims,
      reads: [options.reads],
      licence: 'NOASSERTION',
      notes: ['A program of the user’s own.'],
      testDouble: false,
    },
    async detect(subject, { signal }) {
      const question = await questionOf(subject, options.reads);
      if (question === undefined) return [];
      const reply = await program.ask(question, signal);
      if (reply.kind === 'failed') return abstain(reply.code, reply.reason);
      const answer = answerSchema.safeParse(reply.value);
      if (!answer.success)
        return abstain('malformed_answer', 'the program’s answer has another form');
      if ('abstained' in answer.data) return abstain('refused_to_judge', 'the program abstained');
      if ('flagged' in answer.data) {
        const score = answer.data.flagged ? 1 : 0;
        const scores = claims.map((pair) => ({ ...pair, score }));
        return [{ claims, result: { kind: 'scores', scores } }];
      }
      const answers = answer.data.scores;
      const given = Object.entries(answers);
      const strange = given.some(([label]) => !HAZARD_IDS.some((hazard) => hazard === label));
      if (strange || given.some(([, score]) => !Number.isFinite(score))) {
        return abstain('malformed_answer', 'the program answered with a label that is no hazard');
      }
      const scores = HAZARD_IDS.flatMap((hazard) => {
        const score = answers[hazard];
        return score === undefined ? [] : [{ hazard, carrier, score: clampScore(score) }];
      });
      return [{ claims, result: { kind: 'scores', scores } }];
    },
    close: () => program.close(),
  };
}

async function questionOf(
  subject: Subject,
  reads: 'text' | 'image',
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (subject.kind === 'text') return reads === 'text' ? { text: subject.text } : undefined;
  if (subject.kind !== 'image' || reads !== 'image') return undefined;
  const { bytes, contentType } = await encodePicture(subject.image, {
    maxSidePx: 2048,
    format: 'png',
  });
  return { contentType, base64: toBase64(bytes) };
}
