import { z } from 'zod';
import { inputError } from '../core/errors.ts';
import { readJournalLines } from '../store/journal.ts';
import { answerSchema } from './answer.ts';

/** First line of an audit's journal. */
const startedSchema = z.object({
  type: z.literal('audit_started'),
  schema: z.literal(1),
  at: z.string(),
  auditId: z.string(),
  name: z.string(),
  /** Hash of filters, samples and settings: a resume with another is refused. */
  planHash: z.string(),
  versions: z.record(z.string(), z.string()),
});

/** What the filters said of one variant of one sample. */
const observedSchema = z.object({
  type: z.literal('observed'),
  sample: z.string(),
  /** `plain`, or the id of a perturbation. */
  variant: z.string(),
  /** By filter id. */
  answers: z.record(z.string(), answerSchema),
  /** Why there is nothing to look at. */
  problem: z.string().optional(),
});

/** How a search on one sample ended. */
const searchedSchema = z.object({
  type: z.literal('searched'),
  search: z.string(),
  filter: z.string(),
  sample: z.string(),
  direction: z.enum(['evaded', 'blocked']),
  turned: z.boolean(),
  queries: z.number().int().nonnegative(),
  /** Of texts: chains tried, and the one that did it. */
  tried: z.record(z.string(), z.number().int()).optional(),
  by: z.string().optional(),
  stopped: z.number().int().nonnegative(),
});

export const auditEventSchema = z.discriminatedUnion('type', [
  startedSchema,
  observedSchema,
  searchedSchema,
  z.object({ type: z.literal('audit_finished'), at: z.string() }),
]);
export type AuditEvent = z.infer<typeof auditEventSchema>;
export type AuditStarted = z.infer<typeof startedSchema>;
export type Observed = z.infer<typeof observedSchema>;
export type Searched = z.infer<typeof searchedSchema>;

/** Everything that a journal holds: a few numbers for each sample and variant. */
export interface AuditRecords {
  readonly started: AuditStarted;
  readonly finishedAt: string | null;
  /** By variant, then by sample. */
  readonly observed: ReadonlyMap<string, ReadonlyMap<string, Observed>>;
  readonly searched: readonly Searched[];
}

/** @throws SafelightError where the journal is damaged elsewhere than at its end. */
export async function readAudit(journalPath: string): Promise<AuditRecords> {
  let started: AuditStarted | undefined;
  let finishedAt: string | null = null;
  const observed = new Map<string, Map<string, Observed>>();
  const searched = new Map<string, Searched>();
  for await (const { text, line } of readJournalLines(journalPath)) {
    const event = parseEvent(text, line);
    switch (event.type) {
      case 'audit_started':
        started ??= event;
        finishedAt = null;
        break;
      case 'audit_finished':
        finishedAt = event.at;
        break;
      case 'observed': {
        const variant = observed.get(event.variant) ?? new Map<string, Observed>();
        observed.set(event.variant, variant);
        variant.set(event.sample, event);
        break;
      }
      case 'searched':
        searched.set(JSON.stringify([event.search, event.filter, event.sample]), event);
        break;
    }
  }
  if (started === undefined) throw invalid(1, 'the journal does not begin with an audit');
  return { started, finishedAt, observed, searched: [...searched.values()] };
}

function parseEvent(text: string, line: number): AuditEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(line, 'not JSON');
  }
  const parsed = auditEventSchema.safeParse(value);
  if (!parsed.success) throw invalid(line, 'not an event of an audit');
  return parsed.data;
}

function invalid(line: number, problem: string): Error {
  return inputError({ file: 'journal.jsonl', line }, problem, {
    code: 'journal_invalid',
    hint: 'The folder holds something else than an audit, or its journal was changed. Choose another folder with --out.',
  });
}
