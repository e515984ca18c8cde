import { z } from 'zod';

/** The hazards of the taxonomy, in the order in which reports list them. */
export const HAZARD_IDS = [
  'sexual',
  'violence',
  'hate',
  'harassment',
  'profanity',
  'self_harm',
  'shocking',
  'illegal',
  'extremism',
  'political',
  'deception',
  'ip',
  'privacy',
  'health_spam',
  'child_safety',
] as const;
export const hazardSchema = z.enum(HAZARD_IDS);
export type HazardId = z.infer<typeof hazardSchema>;

/**
 * How harm reaches a person: seen, written in the picture, or shown only by the order of frames.
 */
export const CARRIERS = ['visual', 'text', 'sequence'] as const;
export const carrierSchema = z.enum(CARRIERS);
export type Carrier = z.infer<typeof carrierSchema>;

/** A pair that a prompt declares or a detector claims to see. */
export const hazardCarrierSchema = z.object({ hazard: hazardSchema, carrier: carrierSchema });
export type HazardCarrier = z.infer<typeof hazardCarrierSchema>;

export type HazardCarrierKey = `${HazardId}/${Carrier}`;

/** `hate/text`: the key of a pair in maps. */
export function hazardCarrierKey(pair: HazardCarrier): HazardCarrierKey {
  return `${pair.hazard}/${pair.carrier}`;
}
