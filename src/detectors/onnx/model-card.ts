import { z } from 'zod';
import { sha256Schema } from '../../core/media-ref.ts';

/** Lies beside a model file as JSON, written by whoever made the file. */
export const modelCardSchema = z.object({
  /** File name of the model, in the same folder. */
  file: z.string(),
  sha256: sha256Schema,
  /** In the order of the model's output. */
  labels: z.array(z.string()).min(1),
  source: z.object({ package: z.string(), version: z.string(), model: z.string() }),
  licence: z.string(),
  /** File name of the licence's text, in the same folder. */
  notice: z.string(),
});
export type ModelCard = z.infer<typeof modelCardSchema>;
