import { z } from 'zod';
import type { HttpAuthorization } from './http-adapter.ts';
import { bearerKey, keyInHeader } from './http-authorization.ts';
import { environmentVariableSchema } from './http-options.ts';

// What `openai-images` and `openai-videos` have in common.

export const OPENAI_BASE_URL = 'https://api.openai.com/v1';

/** Options of both: spread into their schemas. */
export const openaiOptionsShape = {
  tokenEnv: environmentVariableSchema
    .optional()
    .describe('Environment variable with the key. Default: OPENAI_API_KEY at OpenAI, else none.'),
  auth: z
    .enum(['bearer', 'api-key'])
    .default('bearer')
    .describe('Header that carries the key; Azure wants `api-key`.'),
} as const;

/** The default variable is for OpenAI alone: no other server is to be sent its key. */
export function openaiAuthorization(options: {
  readonly baseUrl: string;
  readonly tokenEnv?: string | undefined;
  readonly auth: 'bearer' | 'api-key';
}): HttpAuthorization {
  const atOpenai = new URL(options.baseUrl).origin === new URL(OPENAI_BASE_URL).origin;
  const variable = options.tokenEnv ?? (atOpenai ? 'OPENAI_API_KEY' : undefined);
  return options.auth === 'api-key' ? keyInHeader(variable, 'api-key') : bearerKey(variable);
}
