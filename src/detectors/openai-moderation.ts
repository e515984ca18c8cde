import { z } from 'zod';
import type { HazardScore } from '../core/finding.ts';
import type { Carrier, HazardCarrier, HazardId } from '../core/hazard.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { clampScore, pairsOf, toBase64 } from './service/claims.ts';
import { readKey } from './service/read-key.ts';
import {
  baseUrlOption,
  keyOption,
  type ServiceAdapter,
  type ServiceReply,
  serviceOptionsSchema,
} from './service/service.ts';
import { createServiceDetector } from './service/service-detector.ts';

// Written 2026-11 after what is known of OpenAI's reference for moderations and its guide: with a picture only
// self-harm, sexual and violence are scored; the other categories read the text alone.

export const openaiModerationOptionsSchema = serviceOptionsSchema.extend({
  keyEnv: keyOption('OPENAI_API_KEY'),
  baseUrl: baseUrlOption('https://api.openai.com/v1'),
  model: z.string().min(1).default('omni-moderation-latest').describe('Moderation model.'),
});
type Options = z.output<typeof openaiModerationOptionsSchema>;

/** Categories by hazard, as the crosswalk has them; `sexual/minors` is nobody's question here. */
const CATEGORIES: Readonly<Partial<Record<HazardId, readonly string[]>>> = {
  sexual: ['sexual'],
  violence: ['violence', 'violence/graphic'],
  self_harm: ['self-harm', 'self-harm/intent', 'self-harm/instructions'],
  hate: ['hate', 'hate/threatening'],
  harassment: ['harassment', 'harassment/threatening'],
  illegal: ['illicit', 'illicit/violent'],
};
const SEEN: readonly HazardId[] = ['sexual', 'violence', 'self_harm'];
const READ: readonly HazardId[] = [...SEEN, 'hate', 'harassment', 'illegal'];

const replySchema = z.looseObject({
  results: z
    .array(
      z.looseObject({
        category_scores: z.record(z.string(), z.number()),
        category_applied_input_types: z.record(z.string(), z.array(z.string())).nullish(),
      }),
    )
    .min(1),
});
const errorSchema = z.looseObject({
  error: z.looseObject({ code: z.string().nullish(), type: z.string().nullish() }),
});

/**
 * OpenAI's omni-moderation. A hazard's score is the highest of its categories' scores.
 *
 * @throws SafelightError `key_missing`.
 */
export function createOpenaiModerationDetector(
  options: Options,
  environment: DetectorEnvironment,
): Detector {
  const key = readKey('openai-moderation', options.keyEnv, environment.env);
  return createServiceDetector(openaiModeration(options, key), options);
}

/** Pure but for what it is given. */
export function openaiModeration(
  options: Pick<Options, 'baseUrl' | 'model'>,
  key: string,
): ServiceAdapter {
  return {
    id: 'openai-moderation',
    version: `1/${options.model}`,
    licence: 'service of OpenAI',
    notes: [
      'Pictures are scored for sexual, violence and self-harm only.',
      'Scores of a remote model that may change under one name.',
    ],
    baseUrl: options.baseUrl,
    pictureClaims: pairsOf(SEEN, 'visual'),
    textClaims: pairsOf(READ, 'text'),
    maxSidePx: 1024,
    headers: () => ({ authorization: `Bearer ${key}` }),
    buildRequest: (subject) => ({
      path: 'moderations',
      contentType: 'application/json',
      body: JSON.stringify({
        model: options.model,
        input:
          subject.kind === 'text'
            ? [{ type: 'text', text: subject.text }]
            : [
                {
                  type: 'image_url',
                  image_url: {
                    url: `data:${subject.picture.contentType};base64,${toBase64(subject.picture.bytes)}`,
                  },
                },
              ],
      }),
    }),
    parseReply,
  };
}

function parseReply(subject: 'picture' | 'text', status: number, value: unknown): ServiceReply {
  if (status < 200 || status >= 300) {
    const error = errorSchema.safeParse(value);
    const code = error.success ? (error.data.error.code ?? error.data.error.type) : undefined;
    return { kind: 'failed', code: code ?? 'no code' };
  }
  const parsed = replySchema.safeParse(value);
  const result = parsed.success ? parsed.data.results[0] : undefined;
  if (result === undefined) return { kind: 'failed', code: 'no results' };
  const { category_scores: labels, category_applied_input_types: applied } = result;
  const carrier: Carrier = subject === 'picture' ? 'visual' : 'text';
  const scores: HazardScore[] = [];
  const open: (HazardCarrier & { reason: string })[] = [];
  for (const hazard of subject === 'picture' ? SEEN : READ) {
    const values = (CATEGORIES[hazard] ?? []).flatMap((category) => {
      const types = applied?.[category];
      // A score of a category that did not look at this input says nothing of it.
      const looked =
        types === undefined || types.includes(subject === 'picture' ? 'image' : 'text');
      const score = labels[category];
      return looked && score !== undefined ? [clampScore(score)] : [];
    });
    if (values.length > 0) scores.push({ hazard, carrier, score: Math.max(...values) });
    else open.push({ hazard, carrier, reason: `no category of ${hazard} was applied to it` });
  }
  return { kind: 'scores', scores, labels, open };
}
