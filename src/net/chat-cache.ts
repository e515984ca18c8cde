import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Of } from '../core/ids.ts';
import type { ChatAnswer, ChatClient } from './chat.ts';
import { parseJson } from './read-text.ts';

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
  const pathOf = (hash: string): string =>
    join(
      folder,
      hash.slice(0, 2),
      `${variant === undefined ? hash : sha256Of([hash, variant])}.json`,
    );
  return {
    ...client,
    complete: async (request, signal) => {
      signal.throwIfAborted();
      const path = pathOf(client.requestHash(request));
      const known = await readAnswer(path);
      if (known !== undefined) {
        cached += 1;
        return known;
      }
      const outcome = await client.complete(request, signal);
      if (outcome.kind === 'answer') await writeAnswer(path, outcome);
      return outcome;
    },
    spent: () => ({ ...client.spent(), cached: client.spent().cached + cached }),
  };
}

async function readAnswer(path: string): Promise<ChatAnswer | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const parsed = cachedSchema.safeParse(text === undefined ? undefined : parseJson(text));
  if (!parsed.success) return undefined;
  const { text: answer, reasoning, finish, tokens, model, fingerprint } = parsed.data;
  const call = { usage: undefined, costUsd: 0, attempts: 0, latencyMs: 0 };
  return { kind: 'answer', text: answer, reasoning, finish, tokens, model, fingerprint, call };
}

/** Written aside and renamed: a file that is there is whole. */
async function writeAnswer(path: string, answer: ChatAnswer): Promise<void> {
  const { kind: _kind, call: _call, ...kept } = answer;
  await mkdir(join(path, '..'), { recursive: true });
  const draft = `${path}.${randomUUID()}.new`;
  await writeFile(draft, JSON.stringify({ schema: 1, ...kept }));
  await rename(draft, path);
}
