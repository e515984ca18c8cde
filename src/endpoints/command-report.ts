import { z } from 'zod';
import type { Evidence } from '../core/evidence.ts';
import {
  type FailureCause,
  failureCauseSchema,
  type Outcome,
  refusalModeSchema,
  stageSchema,
} from '../core/outcome.ts';
import { parametersSchema } from '../core/trial.ts';

/**
 * The line that a program may write to standard output, the last one counts:
 * `{"safelight": 1, "refused": {"mode": "flagged", "stage": "output_filter", "signal": "nsfw"}}`.
 * Every key but the first is optional.
 */
export const commandReportSchema = z.strictObject({
  /** Version of this form. */
  safelight: z.literal(1),
  /** The system declined all of the media. */
  refused: z
    .strictObject({
      mode: refusalModeSchema.default('flagged'),
      stage: stageSchema.default('unknown'),
      signal: z.string().min(1).max(200),
    })
    .optional(),
  /** Something broke. */
  failed: z
    .strictObject({
      cause: failureCauseSchema.default('unknown'),
      signal: z.string().min(1).max(200),
    })
    .optional(),
  /** The prompt as it was rewritten. */
  revisedPrompt: z.string().optional(),
  /** Version of the model. */
  revision: z.string().optional(),
  /** Safety settings in force, such as `{"safety_checker": true}`. */
  safetySettings: parametersSchema.optional(),
  costUsd: z.number().nonnegative().optional(),
});
export type CommandReport = z.output<typeof commandReportSchema>;

/** What evidence holds of a program that ended by itself. */
export const commandBodySchema = z.object({
  exitCode: z.number().nullable(),
  report: z
    .union([commandReportSchema.pick({ refused: true, failed: true }), z.literal('malformed')])
    .optional(),
  /** From the options: the exit code that stands for a refusal. */
  refusalExitCode: z.number().optional(),
  stderr: z.string(),
});
export type CommandBody = z.output<typeof commandBodySchema>;

/** Undefined where none was written; `malformed` where it is not of the form. */
export function parseReport(line: string | undefined): CommandReport | 'malformed' | undefined {
  if (line === undefined) return undefined;
  try {
    const parsed = commandReportSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : 'malformed';
  } catch {
    return 'malformed';
  }
}

/**
 * Decides what a program did, from recorded evidence alone. Words on standard error never make a
 * refusal: libraries write there whatever they like.
 */
export function classifyCommand(evidence: Evidence): Outcome {
  const { fault, media, requested, response } = evidence;
  const body = commandBodySchema.safeParse(response?.body);
  if (!body.success) return failed(faultCause(evidence), faultDetail(evidence));
  const { exitCode, report, refusalExitCode } = body.data;
  if (report === 'malformed') return failed('protocol', 'a report that is not of the form');
  if (report?.refused !== undefined) return { kind: 'refused', ...report.refused };
  if (report?.failed !== undefined) return failed(report.failed.cause, report.failed.signal);
  if (exitCode === null) return failed('unknown', 'ended by a signal');
  if (exitCode !== 0) {
    return exitCode === refusalExitCode
      ? { kind: 'refused', mode: 'hard', stage: 'unknown', signal: `exit code ${exitCode}` }
      : failed('unknown', `exit code ${exitCode}`);
  }
  if (media.length > 0) {
    return { kind: 'media', media, requested, withheld: Math.max(0, requested - media.length) };
  }
  return fault === undefined
    ? failed('no_media', 'the program wrote no file')
    : failed(faultCause(evidence), faultDetail(evidence));
}

function faultCause({ fault }: Evidence): FailureCause {
  switch (fault?.where) {
    case 'deadline':
      return 'timeout';
    case 'media':
      return 'media_rejected';
    case 'request':
      return 'bad_request';
    case undefined:
    case 'abort':
    case 'connect':
    case 'stream':
      return 'unknown';
  }
}

function faultDetail({ fault }: Evidence): string {
  return fault === undefined ? 'nothing is recorded' : `${fault.where}: ${fault.code}`;
}

function failed(cause: FailureCause, detail: string): Outcome {
  return { kind: 'failed', cause, detail };
}
