import { z } from 'zod';
import { assertNever } from '../core/assert-never.ts';
import type {
  AnswerToken,
  ChatAnswer,
  ChatFailure,
  ChatFailureCause,
  ChatMessage,
  ChatOptions,
  ChatPart,
  ChatRefusal,
  ChatRequest,
  ChatResponseFormat,
  ChatUsage,
} from './chat.ts';

// Verified 2026-11 against OpenAI's reference for chat completions, Microsoft's for Azure OpenAI
// (`content_filter` as finish reason and as error code), OpenRouter's (`usage.cost`, an `error`
// inside an HTTP success) and the servers of llama.cpp, vLLM and Ollama.

/** The body of `POST chat/completions`. Pure. */
export function buildChatBody(
  options: Pick<ChatOptions, 'model' | 'parameters'>,
  request: ChatRequest,
): Record<string, unknown> {
  const body: Record<string, unknown> = {
    model: options.model,
    messages: request.messages.map(({ role, content }) => ({ role, content: toContent(content) })),
    temperature: request.temperature ?? 0,
    max_tokens: request.maxTokens,
    seed: request.seed,
    stop: request.stop,
    response_format: toFormat(request.responseFormat),
    ...(request.topLogprobs === undefined
      ? {}
      : { logprobs: true, top_logprobs: request.topLogprobs }),
    ...options.parameters,
  };
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== undefined && value !== null),
  );
}

function toContent(content: ChatMessage['content']): unknown {
  return typeof content === 'string' ? content : content.map(toPart);
}

function toPart(part: ChatPart): unknown {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image': {
      const url = `data:${part.contentType};base64,${Buffer.from(part.bytes).toString('base64')}`;
      return {
        type: 'image_url',
        image_url: part.detail === undefined ? { url } : { url, detail: part.detail },
      };
    }
    default:
      return assertNever(part);
  }
}

function toFormat(format: ChatResponseFormat | undefined): unknown {
  switch (format?.kind) {
    case undefined:
    case 'text':
      return undefined;
    case 'json':
      return { type: 'json_object' };
    case 'json-schema':
      return {
        type: 'json_schema',
        json_schema: { name: format.name, strict: true, schema: format.schema },
      };
    default:
      return assertNever(format);
  }
}

const tokenSchema = z.looseObject({ token: z.string(), logprob: z.number() });
const choiceSchema = z.looseObject({
  finish_reason: z.string().nullish(),
  message: z.looseObject({
    content: z
      .union([z.string(), z.array(z.looseObject({ text: z.string().nullish() }))])
      .nullish(),
    refusal: z.string().nullish(),
    reasoning_content: z.string().nullish(),
    reasoning: z.string().nullish(),
  }),
  logprobs: z
    .looseObject({
      content: z
        .array(tokenSchema.extend({ top_logprobs: z.array(tokenSchema).nullish() }))
        .nullish(),
    })
    .nullish()
    // Servers differ in what they put here; what cannot be read is absent, not an error.
    .catch(undefined),
  error: z.unknown().optional(),
});
const completionSchema = z.looseObject({
  choices: z.array(choiceSchema).min(1),
  model: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
  usage: z
    .looseObject({
      prompt_tokens: z.number().nonnegative().nullish(),
      completion_tokens: z.number().nonnegative().nullish(),
      cost: z.number().nonnegative().nullish(),
    })
    .nullish()
    .catch(undefined),
});
const errorSchema = z.looseObject({
  code: z.union([z.string(), z.number()]).nullish(),
  type: z.string().nullish(),
  innererror: z.looseObject({ code: z.string().nullish() }).nullish(),
});

/** What a reply says, without what only the driver knows. */
export type ParsedReply = (
  | Omit<ChatAnswer, 'call'>
  | Omit<ChatRefusal, 'call'>
  | Omit<ChatFailure, 'call'>
) & { readonly usage?: ChatUsage | undefined; readonly costUsd?: number | undefined };

/** Codes by which servers say that a policy of theirs turned the request away. */
const POLICY_CODE =
  /^(content_?filter|content_policy_violation|data_inspection_failed|moderation_blocked|responsibleaipolicyviolation|prompt_blocked|sensitive_content)/i;
const QUOTA_CODE = /insufficient_quota|billing|credit/i;

/**
 * Reads a reply. Pure, and tolerant of what it does not know.
 *
 * @param body parsed JSON, or undefined where it was none.
 */
export function parseChatReply(
  status: number,
  body: unknown,
  options: Pick<ChatOptions, 'model' | 'price'>,
): ParsedReply {
  const error = errorIn(body);
  if (status < 200 || status >= 300 || (error !== undefined && !hasChoices(body))) {
    return errorReply(status, error);
  }
  const parsed = completionSchema.safeParse(body);
  const choice = parsed.success ? parsed.data.choices[0] : undefined;
  if (!parsed.success || choice === undefined) {
    return failed('protocol', 'the reply is no chat completion', status);
  }
  const { model, system_fingerprint: fingerprint } = parsed.data;
  const usage = usageOf(parsed.data.usage);
  const bill = { usage, costUsd: parsed.data.usage?.cost ?? costOf(usage, options.price) };
  if (choice.finish_reason === 'content_filter') {
    return { kind: 'refused', stage: 'output_filter', signal: 'content_filter', ...bill };
  }
  const { message } = choice;
  const text = textOf(message.content);
  if (isWord(message.refusal) && text === '') {
    return { kind: 'refused', stage: 'model', signal: 'refusal', ...bill };
  }
  const broken = errorIn(choice);
  if (broken !== undefined && text === '') return { ...errorReply(status, broken), ...bill };
  if (text.trim() === '') {
    const cut = choice.finish_reason === 'length';
    const because = cut ? ': all the tokens that it may use were spent before' : '';
    return { ...failed('empty', `the model answered nothing${because}`, status), ...bill };
  }
  const tokens = choice.logprobs?.content?.map(toToken) ?? [];
  return {
    kind: 'answer',
    text,
    reasoning: message.reasoning_content ?? message.reasoning ?? undefined,
    finish: finishOf(choice.finish_reason),
    tokens: tokens.length === 0 ? undefined : tokens,
    model: isWord(model) ? model : options.model,
    fingerprint: fingerprint ?? undefined,
    ...bill,
  };
}

function errorReply(status: number, error: unknown): ParsedReply {
  const parsed = errorSchema.safeParse(error);
  const known = parsed.success ? parsed.data : undefined;
  const codes = [known?.innererror?.code, known?.code, known?.type].flatMap((code) =>
    code === undefined || code === null ? [] : [String(code)],
  );
  const policy = codes.find((code) => POLICY_CODE.test(code));
  if (policy !== undefined) return { kind: 'refused', stage: 'prompt_filter', signal: policy };
  // Inside an HTTP success the code stands for the status.
  const meant =
    status >= 300 ? status : (codes.map(Number).find((code) => code >= 400 && code < 600) ?? 500);
  const isQuota = codes.some((code) => QUOTA_CODE.test(code));
  // Free words could quote the request; a code cannot.
  const code = codes.find((entry) => /^[A-Za-z][\w.-]{0,60}$/.test(entry));
  const named = code === undefined ? '' : `, ${code}`;
  return failed(
    isQuota ? 'quota' : causeOf(meant),
    `the chat server answered with status ${meant}${named}`,
    meant,
  );
}

function causeOf(status: number): ChatFailureCause {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 404) return 'not_found';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate';
  if (status >= 500) return 'server';
  return status >= 400 ? 'bad_request' : 'protocol';
}

function failed(
  cause: ChatFailureCause,
  message: string,
  status: number | undefined,
): Omit<ChatFailure, 'call'> {
  return { kind: 'failed', cause, message, status };
}

function hasChoices(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    'choices' in body &&
    Array.isArray(body.choices) &&
    body.choices.length > 0
  );
}

function errorIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  return value.error === null ? undefined : value.error;
}

function textOf(content: z.infer<typeof choiceSchema>['message']['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

function toToken(token: {
  readonly token: string;
  readonly logprob: number;
  readonly top_logprobs?: readonly { token: string; logprob: number }[] | null | undefined;
}): AnswerToken {
  const plain = (one: { token: string; logprob: number }) => ({
    token: one.token,
    logprob: one.logprob,
  });
  return { ...plain(token), top: (token.top_logprobs ?? []).map(plain) };
}

function finishOf(reason: string | null | undefined): ChatAnswer['finish'] {
  return reason === 'stop' || reason === 'length' ? reason : 'other';
}

function usageOf(usage: z.infer<typeof completionSchema>['usage']): ChatUsage | undefined {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = usage ?? {};
  if (typeof inputTokens !== 'number' || typeof outputTokens !== 'number') return undefined;
  return { inputTokens, outputTokens };
}

function costOf(usage: ChatUsage | undefined, price: ChatOptions['price']): number | undefined {
  if (usage === undefined || price === undefined) return undefined;
  return (
    (usage.inputTokens * price.inputUsdPerMillion +
      usage.outputTokens * price.outputUsdPerMillion) /
    1_000_000
  );
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
