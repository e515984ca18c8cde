import type { RefusalMode, Stage } from '../core/outcome.ts';
import type { AnswerSignals, DoneStep, HttpReply } from './http-adapter.ts';

type DoneExtras = Partial<Omit<DoneStep, 'kind' | 'signals'>>;

/**
 * An answer that came to its end.
 *
 * @param structure the parts in which codes and safety flags may stand; leave the prompt's echo out.
 * @param words what came in place of media, or beside them.
 */
export function completed(
  structure: unknown,
  extras: DoneExtras & { readonly words?: readonly string[] } = {},
): DoneStep {
  const { words = [], ...rest } = extras;
  return done({ structures: [structure], warningTexts: words, ended: 'complete' }, rest);
}

/** The provider's own structured word for a refusal of the whole request. */
export function refused(
  refusal: { readonly mode: RefusalMode; readonly stage: Stage; readonly signal: string },
  structure?: unknown,
  extras: DoneExtras = {},
): DoneStep {
  return done({ refusal, structures: [structure], ended: 'error' }, extras);
}

/** The provider's own structured word for a failure. */
export function failed(
  failure: NonNullable<AnswerSignals['failure']>,
  structure?: unknown,
  extras: DoneExtras = {},
): DoneStep {
  return done({ failure, structures: [structure], ended: 'error' }, extras);
}

/** A status that the provider does not document: never "keep polling". */
export function unknownStatus(status: unknown, structure?: unknown): DoneStep {
  const shown = typeof status === 'string' ? status.slice(0, 60) : typeof status;
  return failed({ cause: 'protocol', signal: `unknown status ${shown}` }, structure);
}

/** The provider's own way of saying that there is no such job. */
export function jobUnknown(signal: string, structure?: unknown): DoneStep {
  return failed({ cause: 'protocol', signal, jobUnknown: true }, structure);
}

/** A success whose body has another shape than documented. */
export function unexpectedShape(structure?: unknown): DoneStep {
  return failed({ cause: 'protocol', signal: 'unexpected shape' }, structure);
}

/**
 * An error without a structured word of its own: the codes, the HTTP status and the words of the
 * body decide, in that order.
 */
export function errorReply(reply: HttpReply): DoneStep {
  return errorWords(reply.body.kind === 'json' ? reply.body.value : undefined);
}

/** The same for a part of a body, such as the `error` of a failed job. */
export function errorWords(structure: unknown): DoneStep {
  return done({ structures: [structure], errorTexts: textsIn(structure), ended: 'error' }, {});
}

/** All strings of a value, whatever its shape. Markup is a proxy's page, not the provider's word. */
export function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return value === '' || /^\s*</.test(value) ? [] : [value];
  if (typeof value !== 'object' || value === null || depth > 6) return [];
  return Object.values(value).flatMap((item) => textsIn(item, depth + 1));
}

function done(signals: Partial<AnswerSignals>, extras: DoneExtras): DoneStep {
  return {
    kind: 'done',
    signals: { structures: [], errorTexts: [], warningTexts: [], ended: 'complete', ...signals },
    media: [],
    ...extras,
  };
}
