import { z } from 'zod';
import { DEFAULT_MEDIA_LIMITS } from '../media/media.ts';

/** The name of an environment variable, for schemas of adapters. */
export const environmentVariableSchema = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable, not the secret itself');

/** An http or https address, for schemas of adapters. */
export const httpUrlSchema = z.url({
  protocol: /^https?$/,
  error: 'Invalid URL: it begins with https:// or http://',
});

/** Options that every HTTP adapter takes: spread into its `z.strictObject`. */
export const httpOptionsShape = {
  count: z.int().min(1).max(64).default(1).describe('Media that one request asks for.'),
  timeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(300_000)
    .describe('For one trial: request, repeats, polling and media together.'),
  maxAttempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Attempts of one call where a server is busy.'),
  pollIntervalMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(1_000)
    .describe('First wait before a job is asked for again; grows to ten times as long.'),
  maxMediaBytes: z
    .int()
    .min(1)
    .default(DEFAULT_MEDIA_LIMITS.maxBytes)
    .describe('Largest medium that is taken.'),
} as const;

const httpOptionsSchema = z.object(httpOptionsShape);

/** What the driver itself reads of an adapter's options. */
export type HttpOptions = z.output<typeof httpOptionsSchema>;
