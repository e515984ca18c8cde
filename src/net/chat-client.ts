import pLimit from 'p-limit';
import { Agent, request as send } from 'undici';
import { SafelightError } from '../core/errors.ts';
import { sha256Of } from '../core/ids.ts';
import type {
  ChatCall,
  ChatClient,
  ChatFailureCause,
  ChatOptions,
  ChatOutcome,
  ChatRequest,
  ChatSpending,
} from './chat.ts';
import { buildChatBody, type ParsedReply, parseChatReply } from './chat-wire.ts';
import { createDeadline, DeadlineExceeded, delay } from './deadline.ts';
import { networkErrorCode } from './network-error.ts';
import { readBody, UnknownEncoding } from './read-body.ts';
import { BodyTooLarge, parseJson } from './read-text.ts';
import { DEFAULT_RETRY_POLICY, decideRetry } from './retry-policy.ts';
import type { HeaderMap } from './retry-timing.ts';

// Text with the likelihoods of every token: far more than a model writes in one go.
const MAX_REPLY_BYTES = 32 * 1024 * 1024;

/** What a test replaces so that nothing has to be waited for. */
export interface ChatSeams {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0–1, spreads repeats. */
  readonly random: () => number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

const REAL_SEAMS: ChatSeams = { sleep: delay, random: Math.random, now: () => performance.now() };

/**
 * A client of an OpenAI-compatible chat server: repeats, deadline, abort, a limit on requests under
 * way, and budgets. Redirects are not followed: the key goes to the server that was named alone.
 *
 * @param key the secret itself, undefined where none is sent.
 */
export function createChatClient(
  options: ChatOptions,
  key: string | undefined,
  seams: ChatSeams = REAL_SEAMS,
): ChatClient {
  const url = completionsUrl(options.baseUrl);
  // A model may think for minutes before its first byte: the request's deadline is the limit.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 20_000 } });
  const limit = pLimit(options.concurrency);
  const spending: Mutable<ChatSpending> = {
    requests: 0,
    cached: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    costUnknown: 0,
  };

  const attempt = async (body: string, signal: AbortSignal): Promise<Attempt> => {
    try {
      const response = await send(url, {
        dispatcher: agent,
        signal,
        method: 'POST',
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'user-agent': 'safelight',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body,
      });
      const headers = headerMap(response.headers);
      const bytes = await readBody(response.body, MAX_REPLY_BYTES, headers['content-encoding']);
      const value = parseJson(new TextDecoder().decode(bytes));
      const reply = parseChatReply(response.statusCode, value, options);
      return { reply, headers, networkCode: undefined };
    } catch (error) {
      signal.throwIfAborted();
      const networkCode = networkErrorCode(error);
      return { reply: wireProblem(error, networkCode), headers: {}, networkCode };
    }
  };

  const withRepeats = async (body: string, signal: AbortSignal): Promise<ChatOutcome> => {
    const deadline = createDeadline(options.timeoutMs, signal);
    const policy = { ...DEFAULT_RETRY_POLICY, maxAttempts: options.maxAttempts };
    let attempts = 0;
    let startedAt = seams.now();
    const callOf = (reply?: ParsedReply): ChatCall => ({
      usage: reply?.usage,
      costUsd: reply?.costUsd,
      attempts,
      latencyMs: seams.now() - startedAt,
    });
    try {
      for (;;) {
        attempts += 1;
        startedAt = seams.now();
        const { reply, headers, networkCode } = await attempt(body, deadline.signal);
        const again =
          reply.kind === 'failed' && reply.cause !== 'quota'
            ? decideRetry(
                { status: reply.status, headers, networkCode, attempt: attempts },
                policy,
                seams.random,
              )
            : undefined;
        if (again === undefined) return toOutcome(reply, callOf(reply));
        await seams.sleep(again.waitMs, deadline.signal);
      }
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error;
      const message = `the chat server gave no answer within ${options.timeoutMs} ms`;
      return { kind: 'failed', cause: 'timeout', message, status: undefined, call: callOf() };
    } finally {
      deadline.dispose();
    }
  };

  return {
    model: options.model,
    requestHash: (request) => sha256Of([url.href, buildChatBody(options, request)]),
    complete: (request: ChatRequest, signal) =>
      limit(async () => {
        signal.throwIfAborted();
        const problem = budgetProblem(options, spending);
        if (problem !== undefined) return overBudget(problem);
        spending.requests += 1;
        const outcome = await withRepeats(JSON.stringify(buildChatBody(options, request)), signal);
        addSpending(spending, outcome);
        return outcome;
      }),
    spent: () => ({ ...spending }),
    close: () => agent.destroy(),
  };
}

/** The error to end a command with, where nothing can be done without an answer. */
export function chatError(outcome: Exclude<ChatOutcome, { kind: 'answer' }>): SafelightError {
  if (outcome.kind === 'refused') {
    return new SafelightError(`the chat model declined (${outcome.stage}, ${outcome.signal})`, {
      code: 'chat_refused',
      kind: 'environment',
      hint: 'Use a model that may write about this: safety research needs one without a filter.',
    });
  }
  return new SafelightError(outcome.message, {
    code: `chat_${outcome.cause}`,
    kind: outcome.cause === 'budget' ? 'usage' : 'environment',
    hint: HINTS[outcome.cause],
  });
}

const HINTS: Readonly<Record<ChatFailureCause, string>> = {
  auth: 'Check the key and the environment variable that holds it.',
  quota: 'The account is out of credit or over its quota; go on later, what was answered is kept.',
  rate: 'The server is busy: lower the concurrency, or go on later.',
  bad_request: 'The server does not take this request: check the model and its parameters.',
  not_found: 'Check the base URL (it ends before /chat/completions) and the name of the model.',
  timeout: 'Raise the time limit, or ask a faster model.',
  network: 'Check that the server runs at the base URL.',
  server: 'The server failed; go on later.',
  protocol: 'Check that the base URL is that of an OpenAI-compatible server.',
  empty: 'Allow more tokens, or ask another model.',
  budget: 'Raise the limit, and run the same command again: it goes on where it stopped.',
};

interface Attempt {
  readonly reply: ParsedReply;
  readonly headers: HeaderMap;
  readonly networkCode: string | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function completionsUrl(baseUrl: string): URL {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
  return url;
}

function wireProblem(error: unknown, code: string | undefined): ParsedReply {
  const failed = (cause: ChatFailureCause, message: string): ParsedReply => ({
    kind: 'failed',
    cause,
    message,
    status: undefined,
  });
  if (error instanceof BodyTooLarge) return failed('protocol', 'the reply is too large');
  if (error instanceof UnknownEncoding) return failed('protocol', error.message);
  return failed('network', `the connection to the chat server failed (${code ?? 'no code'})`);
}

function toOutcome(reply: ParsedReply, call: ChatCall): ChatOutcome {
  const { usage: _usage, costUsd: _cost, ...rest } = reply;
  return { ...rest, call };
}

function budgetProblem(options: ChatOptions, spending: ChatSpending): string | undefined {
  if (options.maxRequests !== undefined && spending.requests >= options.maxRequests) {
    return `the limit of ${options.maxRequests} requests is reached`;
  }
  if (options.maxCostUsd === undefined) return undefined;
  if (spending.costUnknown > 0) return 'a limit on cost needs a price: the server names no cost';
  return spending.costUsd >= options.maxCostUsd
    ? `the limit of ${options.maxCostUsd} US dollars is reached`
    : undefined;
}

function overBudget(message: string): ChatOutcome {
  const call = { usage: undefined, costUsd: undefined, attempts: 0, latencyMs: 0 };
  return { kind: 'failed', cause: 'budget', message, status: undefined, call };
}

function addSpending(spending: Mutable<ChatSpending>, outcome: ChatOutcome): void {
  const { usage, costUsd } = outcome.call;
  spending.inputTokens += usage?.inputTokens ?? 0;
  spending.outputTokens += usage?.outputTokens ?? 0;
  spending.costUsd += costUsd ?? 0;
  if (costUsd === undefined && outcome.kind === 'answer') spending.costUnknown += 1;
}

function headerMap(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderMap {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
