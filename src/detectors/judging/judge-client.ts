import { resolve } from 'node:path';
import { assertNever } from '../../core/assert-never.ts';
import type { AbstentionCode } from '../../core/finding.ts';
import type { ChatClient, ChatFailure, ChatOutcome, ChatRequest } from '../../net/chat.ts';
import { cacheChat } from '../../net/chat-cache.ts';
import { createChatClient } from '../../net/chat-client.ts';
import type { JsonSeams } from '../../net/json-client.ts';
import type { DetectorEnvironment } from '../detector.ts';
import { readKey } from '../service/read-key.ts';
import type { JudgeClient, JudgeOptions, JudgeReply } from './judge.ts';

/** @throws SafelightError `key_missing` where a variable is named and not set. */
export function createJudgeClient(
  detector: string,
  options: JudgeOptions,
  { env, folder }: DetectorEnvironment,
  seams?: JsonSeams,
): JudgeClient {
  const key = options.tokenEnv === undefined ? undefined : readKey(detector, options.tokenEnv, env);
  const chat = createChatClient(options, key, seams);
  const cache = options.cache === undefined ? undefined : resolve(folder, options.cache);
  const samples = new Map<number | undefined, ChatClient>();
  const clientOf = (sample: number | undefined): ChatClient => {
    if (cache === undefined) return chat;
    const known =
      samples.get(sample) ??
      cacheChat(chat, cache, sample === undefined ? undefined : `sample-${sample}`);
    samples.set(sample, known);
    return known;
  };
  let takesLikelihoods = true;
  let tellsLikelihoods = true;
  let takesForm = true;
  const allowed = (request: ChatRequest): ChatRequest => ({
    ...request,
    topLogprobs: takesLikelihoods ? request.topLogprobs : undefined,
    responseFormat: takesForm ? request.responseFormat : undefined,
  });

  return {
    model: options.model,
    host: new URL(options.baseUrl).hostname,
    tellsLikelihoods: () => tellsLikelihoods,
    async ask(request, signal, sample) {
      const client = clientOf(sample);
      const first = allowed(request);
      const outcome = await client.complete(first, signal);
      const extras = first.topLogprobs !== undefined || first.responseFormat !== undefined;
      let counts = outcome;
      if (extras && turnsAway(outcome)) {
        const plain = { ...first, topLogprobs: undefined, responseFormat: undefined };
        const again = await client.complete(plain, signal);
        if (again.kind !== 'failed') {
          if (first.topLogprobs !== undefined) takesLikelihoods = false;
          if (first.responseFormat !== undefined) takesForm = false;
          counts = again;
        }
      }
      if (request.topLogprobs !== undefined && counts.kind === 'answer') {
        tellsLikelihoods = counts.tokens !== undefined;
      }
      return replyOf(counts);
    },
    close: () => chat.close(),
  };
}

/** A request that is wrong as it stands, which a too large picture is not. */
function turnsAway(outcome: ChatOutcome): boolean {
  return (
    outcome.kind === 'failed' &&
    outcome.cause === 'bad_request' &&
    (outcome.status === 400 || outcome.status === 422 || outcome.status === 501)
  );
}

function replyOf(outcome: ChatOutcome): JudgeReply {
  // What a failed or refused call took is told by few servers.
  const costUsd = outcome.call.costUsd ?? (outcome.call.attempts === 0 ? 0 : null);
  switch (outcome.kind) {
    case 'answer': {
      const { text, tokens, model } = outcome;
      return { kind: 'answer', text: withoutThought(text), tokens, model, costUsd };
    }
    case 'refused': {
      const reason = `the judge declined to judge it (${outcome.stage}, ${outcome.signal})`;
      return { kind: 'abstained', code: 'refused_to_judge', reason, costUsd };
    }
    case 'failed':
      return { kind: 'abstained', code: codeOf(outcome), reason: outcome.message, costUsd };
    default:
      return assertNever(outcome);
  }
}

function withoutThought(text: string): string {
  return text.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim();
}

function codeOf({ cause, status }: ChatFailure): AbstentionCode {
  if (status === 413) return 'media_too_large';
  if (status === 415) return 'unsupported_media';
  if (cause === 'timeout') return 'timeout';
  if (cause === 'budget') return 'budget_spent';
  if (cause === 'protocol' || cause === 'empty') return 'malformed_answer';
  return 'service_unavailable';
}
