import { followJsonPath, type JsonPathMatch, parseJsonPath } from '../core/json-path.ts';
import { explainLostPath } from '../core/json-path-loss.ts';
import { fillUrl, type TemplateValues } from '../core/template.ts';
import type {
  DoneStep,
  HttpCall,
  HttpReply,
  MediaPointer,
  ParseContext,
  Step,
} from './http-adapter.ts';
import type { HttpDeclaration, HttpRule } from './http-declaration.ts';
import { isScalar, ownValues, plainHeaders } from './http-declared-call.ts';
import {
  completed,
  errorReply,
  errorWords,
  failed,
  refused,
  unknownStatus,
} from './http-signals.ts';

/** What an answer means by the paths and rules of a declaration. */
export function parseDeclaredReply(reply: HttpReply, context: ParseContext<HttpDeclaration>): Step {
  const { options } = context;
  const value = reply.body.kind === 'json' ? reply.body.value : undefined;
  const refusal = options.refusals.find(
    (rule) => signalOf(rule, reply.status, value) !== undefined,
  );
  if (refusal !== undefined) {
    const { mode, stage } = refusal;
    const signal = signalOf(refusal, reply.status, value) ?? '';
    return refused({ mode, stage, signal }, undefined, {
      ...extrasOf(options, value),
      media: pointersIn(options, reply).media,
    });
  }
  const failure = options.failures.find(
    (rule) => signalOf(rule, reply.status, value) !== undefined,
  );
  if (failure !== undefined) {
    const signal = signalOf(failure, reply.status, value) ?? '';
    return failed({ cause: failure.cause, signal }, value);
  }
  if (reply.status >= 400) return errorReply(reply);
  return options.job === undefined || context.call === 'result'
    ? readMedia(options, reply)
    : readState(options.job, reply, context);
}

type Job = NonNullable<HttpDeclaration['job']>;

function readState(job: Job, reply: HttpReply, context: ParseContext<HttpDeclaration>): Step {
  const { options } = context;
  const value = reply.body.kind === 'json' ? reply.body.value : undefined;
  const [status] = look(job.status, value).values;
  const isOneOf = (states: readonly (string | number | boolean)[]): boolean =>
    states.some((state) => isSame(state, status));
  const submitted = context.call === 'submit';
  if (isOneOf(job.done)) {
    if (job.result === undefined) return readMedia(options, reply);
    const jobId = submitted ? textAt(job.id, value) : context.carry.jobId;
    return {
      kind: 'poll',
      call: followUp(options, 'result', fillUrl(job.result, pollValues(options, jobId))),
      afterMs: 0,
      ...(submitted && jobId !== undefined ? { jobId } : {}),
    };
  }
  if (isOneOf(job.failed)) return errorWords(value);
  if (status === undefined || status === null) {
    // A first answer may be a ticket without a state.
    if (!submitted) return nothingAt(job.status, value);
  } else if (!isOneOf(job.running)) {
    return unlisted(typeof status === 'object' ? status : String(status), value);
  }
  return submitted ? firstPoll(job, value, options) : poll(options, context.carry);
}

function firstPoll(job: Job, value: unknown, options: HttpDeclaration): Step {
  const jobId = textAt(job.id, value);
  if (job.id !== undefined && jobId === undefined) return nothingAt(job.id, value);
  const url =
    job.url === undefined
      ? textAt(job.urlPath, value)
      : fillUrl(job.url, pollValues(options, jobId));
  if (url === undefined) return nothingAt(job.urlPath ?? '', value);
  const carry = { url, ...(jobId === undefined ? {} : { jobId }) };
  return { ...poll(options, carry), ...(jobId === undefined ? {} : { jobId }) };
}

function poll(options: HttpDeclaration, carry: Readonly<Record<string, string>>): Step {
  return { kind: 'poll', call: followUp(options, 'status', carry.url ?? ''), carry };
}

function followUp(options: HttpDeclaration, name: string, url: string): HttpCall {
  return { name, method: 'GET', url, headers: plainHeaders(options) };
}

function readMedia(options: HttpDeclaration, reply: HttpReply): DoneStep {
  const { media, missing } = pointersIn(options, reply);
  const value = reply.body.kind === 'json' ? reply.body.value : undefined;
  const words = (options.words ?? []).flatMap((path) =>
    look(path, value).values.filter((word) => typeof word === 'string'),
  );
  if (media.length === 0 && words.length === 0 && missing !== undefined)
    return nothingAt(missing, value);
  return completed(undefined, { ...extrasOf(options, value), media, words });
}

interface Pointers {
  readonly media: readonly MediaPointer[];
  /** A path that led nowhere: another place than an empty list or null. */
  readonly missing?: string | undefined;
}

function pointersIn({ media }: HttpDeclaration, { body }: HttpReply): Pointers {
  if (media === 'body') {
    return body.kind === 'media' ? { media: [{ kind: 'body' }] } : { media: [], missing: 'body' };
  }
  const value = body.kind === 'json' ? body.value : undefined;
  const paths = 'url' in media ? media.url : media.base64;
  const found = paths.map((path) => ({ path, ...look(path, value) }));
  return {
    media: found.flatMap(({ values }) =>
      values.flatMap((item): MediaPointer[] => {
        if (typeof item !== 'string' || item === '') return [];
        // Some write a `data:` URI where others write bare base64.
        return 'url' in media || item.startsWith('data:')
          ? [{ kind: 'url', url: item }]
          : [{ kind: 'base64', data: item }];
      }),
    ),
    missing: found.find(
      ({ values, metEmpty }) =>
        (values.length === 0 && !metEmpty) ||
        values.some((item) => item !== null && typeof item !== 'string'),
    )?.path,
  };
}

function extrasOf(
  { revisedPrompt, revision, cost }: HttpDeclaration,
  value: unknown,
): Pick<DoneStep, 'revisedPrompt' | 'revision' | 'costUsd'> {
  const units = cost === undefined ? Number.NaN : Number(textAt(cost.path, value));
  return {
    revisedPrompt: textAt(revisedPrompt, value),
    revision: textAt(revision, value),
    costUsd: units >= 0 ? units * (cost?.usdPerUnit ?? 1) : undefined,
  };
}

/** The sign by which a rule applies to an answer, undefined where it does not. */
function signalOf(rule: HttpRule, status: number, value: unknown): string | undefined {
  if (rule.httpStatus !== undefined && rule.httpStatus !== status) return undefined;
  if (rule.path === undefined) return rule.signal ?? `HTTP status ${status}`;
  const { values } = look(rule.path, value);
  const fits = (item: unknown): boolean =>
    rule.matches === undefined
      ? (rule.equals ?? []).some((wanted) => isSame(wanted, item))
      : isScalar(item) && new RegExp(rule.matches, 'i').test(String(item));
  const applies = rule.every ? values.length > 0 && values.every(fits) : values.some(fits);
  if (!applies) return undefined;
  const found = values.find(fits);
  // A word says more than `true`; words of a provider may be long and quote the prompt.
  const telling = rule.equals !== undefined && typeof found === 'string' ? found : rule.path;
  return rule.signal ?? telling.slice(0, 80);
}

/** YAML reads `1026` as a number where an answer may hold it as a text. */
function isSame(wanted: string | number | boolean, value: unknown): boolean {
  return isScalar(value) && String(wanted) === String(value);
}

function look(path: string, value: unknown): JsonPathMatch {
  const parsed = parseJsonPath(path);
  // The schema lets no malformed path through.
  return typeof parsed === 'string'
    ? { values: [], metEmpty: false }
    : followJsonPath(parsed, value);
}

function textAt(path: string | undefined, value: unknown): string | undefined {
  const [found] = path === undefined ? [] : look(path, value).values;
  return isScalar(found) && found !== '' ? String(found) : undefined;
}

/** A state that no list names: never "go on asking". */
function unlisted(status: unknown, value: unknown): DoneStep {
  const step = unknownStatus(status, value);
  const { failure } = step.signals;
  if (failure === undefined) return step;
  const misread = `${failure.signal}: none of \`job.running\`, \`done\` and \`failed\` names it`;
  return { ...step, signals: { ...step.signals, failure: { ...failure, misread } } };
}

function nothingAt(path: string, value: unknown): DoneStep {
  const lost = path === 'body' ? 'it is no medium' : explainLostPath(path, value);
  return failed({
    cause: 'protocol',
    signal: `nothing to read at ${path}`,
    misread: `nothing to read at ${path}: ${lost ?? 'what stands there is no text'}`,
  });
}

function pollValues(options: HttpDeclaration, jobId = ''): TemplateValues {
  return { ...ownValues(options), jobId };
}
