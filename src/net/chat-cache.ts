import { z } from 'zod';
import { sha256Of } from '../core/ids.ts';
import type { ChatAnswer, ChatClient } from './chat.ts';
import { createFileCache, type FileCache } from './file-cache.ts';

const tokenSchema = z.object({ token: z.string(), logprob: z.number() });
const cachedSchema = z.object({
  schema: z.literal(1),
  text: z.string(),
  reasoning: z.string().optional(),
  finish: z.enum(['stop', 'length', 'other']),
  tokens: z.array(tokenSchema.extend({ top: z.array(tokenSchema) })).optional(),
  model: z.string(),
  fingerprint: z.string().optional(),
});

/**
 * Answers from a folder what was answered before, by the hash of the request. Only answers are kept,
 * never a refusal or a failure; a file that cannot be read is asked for again. The folder holds the
 * model's words, and nothing of the request but its hash.
 *
 * @param variant tells apart several answers to the same request, such as samples of a judge.
 */
export function cacheChat(client: ChatClient, folder: string, variant?: string): ChatClient {
  let cached = 0;
  const files = createFileCache(folder);
  const keyOf = (hash: string): string =>
    variant === undefined ? hash : sha256Of([hash, variant]);
  return {
    ...client,
    complete: async (request, signal) => {
      signal.throwIfAborted();
      const key = keyOf(client.requestHash(request));
      const known = await readAnswer(files, key);
      if (known !== undefined) {
        cached += 1;
        return known;
      }
      const outcome = await client.complete(request, signal);
      if (outcome.kind === 'answer') await writeAnswer(files, key, outcome);
      return outcome;
    },
    spent: () => ({ ...client.spent(), cached: client.spent().cached + cached }),
  };
}

async function readAnswer(files: FileCache, key: string): Promise<ChatAnswer | undefined> {
  const parsed = cachedSchema.safeParse(await files.read(key));
  if (!parsed.success) return undefined;
  const { text: answer, reasoning, finish, tokens, model, fingerprint } = parsed.data;
  const call = { usage: undefined, costUsd: 0, attempts: 0, latencyMs: 0 };
  return { kind: 'answer', text: answer, reasoning, finish, tokens, model, fingerprint, call };
}

async function writeAnswer(files: FileCache, key: string, answer: ChatAnswer): Promise<void> {
  const { kind: _kind, call: _call, ...kept } = answer;
  await files.write(key, { schema: 1, ...kept });
}
