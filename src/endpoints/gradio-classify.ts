import { z } from 'zod';
import type { Evidence } from '../core/evidence.ts';
import type { Outcome } from '../core/outcome.ts';
import { findWords } from './gradio-results.ts';
import { judgeOutcome, type OutcomeSignals } from './outcome-judge.ts';

/** Value of `evidence.protocol`. */
export const GRADIO_PROTOCOL = 'gradio';

const statusPayload = z.looseObject({
  stage: z.string(),
  message: z.unknown().optional(),
  title: z.unknown().optional(),
});
const logPayload = z.looseObject({
  log: z.unknown().optional(),
  title: z.unknown().optional(),
  level: z.string().optional(),
});
// Titles that Gradio puts on everything, and that say nothing.
const EMPTY_TITLES = new Set(['Error', 'Warning', 'Info']);

/** Decides what a Gradio app answered, from recorded evidence alone. */
export function classifyGradio(evidence: Evidence): Outcome {
  return judgeOutcome(gradioSignals(evidence), evidence);
}

function gradioSignals(evidence: Evidence): OutcomeSignals {
  const errorTexts: string[] = [];
  const warningTexts: string[] = [];
  const structures: unknown[] = [];
  let values: readonly unknown[] = [];
  let ended: OutcomeSignals['ended'] = 'no';

  const status = evidence.response?.status;
  const failedStatus = status !== undefined && status >= 400 ? status : undefined;
  if (failedStatus !== undefined) {
    structures.push(evidence.response?.body);
    errorTexts.push(...textsIn(evidence.response?.body));
    ended = 'error';
  }
  for (const event of evidence.events) {
    if (event.type === 'data') values = Array.isArray(event.payload) ? event.payload : [];
    if (event.type === 'log') {
      const log = logPayload.safeParse(event.payload);
      if (log.success && log.data.level !== 'info' && log.data.level !== 'success') {
        warningTexts.push(...words(log.data.title, log.data.log));
      }
    }
    if (event.type === 'status') {
      const parsed = statusPayload.safeParse(event.payload);
      if (!parsed.success) continue;
      if (parsed.data.stage === 'complete') ended = 'complete';
      if (parsed.data.stage === 'error') {
        ended = 'error';
        // After a refused request these are the client's own words: every 503 is "currently busy".
        if (failedStatus === undefined) {
          errorTexts.push(...words(parsed.data.title, parsed.data.message));
        }
      }
    }
  }
  if (ended === 'complete') {
    structures.push(values);
    warningTexts.push(...findWords(values));
  }
  return {
    structures,
    status: failedStatus,
    headers: evidence.response?.headers ?? {},
    errorTexts,
    warningTexts,
    ended,
  };
}

function words(...values: readonly unknown[]): string[] {
  return values.filter(
    (value): value is string => typeof value === 'string' && !EMPTY_TITLES.has(value),
  );
}

/** All strings of an answer's body, whatever its shape. Markup is a proxy's page, not the app's word. */
function textsIn(body: unknown, depth = 0): string[] {
  if (typeof body === 'string') return /^\s*</.test(body) ? [] : words(body);
  if (typeof body !== 'object' || body === null || depth > 6) return [];
  return Object.values(body).flatMap((value) => textsIn(value, depth + 1));
}
