import { z } from 'zod';

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * Media by content hash: journals, findings and reports never hold the bytes. `mime` is sniffed
 * from the bytes, never taken from a name or a header.
 */
export const mediaRefSchema = z.object({
  sha256: sha256Schema,
  kind: z.enum(['image', 'video']),
  mime: z.string(),
  sizeBytes: z.number().int().nonnegative(),
});
export type MediaRef = z.infer<typeof mediaRefSchema>;
