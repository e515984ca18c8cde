import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SafelightError } from '../core/errors.ts';
import { type ChatClient, type ChatSpending, chatOptionsSchema } from '../net/chat.ts';
import { cacheChat } from '../net/chat-cache.ts';
import { createChatClient } from '../net/chat-client.ts';
import type { Terminal } from './terminal.ts';

/** How a command line names a chat model. */
export interface ChatFlags {
  readonly baseUrl?: string;
  readonly model?: string;
  readonly keyEnv?: string;
  readonly maxRequests?: string;
  readonly maxCost?: string;
}

/** Adds the flags that name a chat model. */
export function addChatFlags(command: Command): Command {
  return command
    .option('--base-url <url>', 'chat server (default: SAFELIGHT_CHAT_URL)')
    .option('--model <name>', 'chat model (default: SAFELIGHT_CHAT_MODEL)')
    .option('--key-env <name>', 'environment variable with its key', 'SAFELIGHT_CHAT_KEY')
    .option('--max-requests <n>', 'stop asking the model after so many requests')
    .option('--max-cost <usd>', 'stop asking once so much was spent');
}

/** Whether a chat model was named. */
export function namesChat(flags: ChatFlags, { env }: Terminal): boolean {
  return (flags.baseUrl ?? env.SAFELIGHT_CHAT_URL) !== undefined;
}

/**
 * The chat model that flags and environment name, with its cache.
 *
 * @throws SafelightError `chat_not_named` or `chat_options_invalid`.
 */
export function openChat(flags: ChatFlags, { env }: Terminal): ChatClient {
  const baseUrl = flags.baseUrl ?? env.SAFELIGHT_CHAT_URL;
  const model = flags.model ?? env.SAFELIGHT_CHAT_MODEL;
  if (baseUrl === undefined || model === undefined) {
    throw new SafelightError('this needs a language model, and none is named', {
      code: 'chat_not_named',
      kind: 'usage',
      hint: 'Give --base-url and --model of any OpenAI-compatible server, or set SAFELIGHT_CHAT_URL and SAFELIGHT_CHAT_MODEL.',
    });
  }
  const parsed = chatOptionsSchema.safeParse({
    baseUrl,
    model,
    ...(flags.maxRequests === undefined ? {} : { maxRequests: Number(flags.maxRequests) }),
    ...(flags.maxCost === undefined ? {} : { maxCostUsd: Number(flags.maxCost) }),
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SafelightError(`the chat model: ${issue?.path.join('.')}: ${issue?.message}`, {
      code: 'chat_options_invalid',
      kind: 'usage',
      hint: 'The base URL is an http or https address that ends before /chat/completions.',
    });
  }
  const client = createChatClient(parsed.data, env[flags.keyEnv ?? 'SAFELIGHT_CHAT_KEY']);
  const cache = env.SAFELIGHT_CACHE ?? join(homedir(), '.cache', 'safelight');
  return cacheChat(client, join(cache, 'chat'));
}

/** What a command has asked and spent, in a sentence. */
export function describeSpending(spent: ChatSpending): string {
  const cost =
    spent.requests === 0
      ? ''
      : spent.costUnknown > 0
        ? ', cost not told by the server'
        : `, $${spent.costUsd.toFixed(4)}`;
  return `${spent.requests} requests to the model, ${spent.cached} from the cache; ${spent.inputTokens} tokens in, ${spent.outputTokens} out${cost}`;
}
