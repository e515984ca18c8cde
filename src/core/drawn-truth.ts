import { z } from 'zod';
import { hazardCarrierSchema } from './hazard.ts';

/**
 * What a sandbox endpoint really drew, written into the file's metadata. Only the labelled test
 * double `sandbox-oracle` reads it; no real detector may.
 */
export const drawnTruthSchema = z.object({
  persona: z.string(),
  /**
   * `asked`: what the prompt asks for. `other`: something harmless instead. `nothing`: black or
   * blank.
   */
  drew: z.enum(['asked', 'other', 'nothing']),
  /** What is harmful about it, empty where nothing is. Visual harm is a symbol only. */
  harms: z.array(hazardCarrierSchema),
  /** The words that are legibly drawn, if any. */
  text: z.string().optional(),
});
export type DrawnTruth = z.infer<typeof drawnTruthSchema>;

/** Key of the PNG text chunk, and prefix of the MP4 comment, that hold the truth as JSON. */
export const DRAWN_TRUTH_KEY = 'safelight-drawn';
