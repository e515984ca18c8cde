import { z } from 'zod';
import type { HazardScore } from '../core/finding.ts';
import type { HazardId } from '../core/hazard.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { pairsOf, toBase64 } from './service/claims.ts';
import { readKey } from './service/read-key.ts';
import {
  keyOption,
  type ServiceAdapter,
  type ServiceReply,
  serviceOptionsSchema,
} from './service/service.ts';
import { createServiceDetector } from './service/service-detector.ts';

// Written 2026-11 after what is known of Microsoft's reference for Content Safety, version 2024-09-01: pictures are
// graded 0, 2, 4 or 6; texts by default as well.

export const azureContentSafetyOptionsSchema = serviceOptionsSchema.extend({
  keyEnv: keyOption('AZURE_CONTENT_SAFETY_KEY'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .describe('The resource, such as https://my-resource.cognitiveservices.azure.com.'),
  apiVersion: z.string().min(1).default('2024-09-01').describe('Version of the interface.'),
});
type Options = z.output<typeof azureContentSafetyOptionsSchema>;

const HAZARDS = {
  Hate: 'hate',
  SelfHarm: 'self_harm',
  Sexual: 'sexual',
  Violence: 'violence',
} as const;
const CATEGORIES = Object.keys(HAZARDS) as (keyof typeof HAZARDS)[];
const HIGHEST_SEVERITY = 6;
const SEVERITIES = { 2: 'minor', 4: 'moderate', 6: 'severe' } as const;

const replySchema = z.looseObject({
  categoriesAnalysis: z.array(
    z.looseObject({ category: z.string(), severity: z.number().nullish() }),
  ),
});
const errorSchema = z.looseObject({ error: z.looseObject({ code: z.string().nullish() }) });

/**
 * Azure AI Content Safety. The score is the severity over six: four steps, in order, and no
 * probability.
 *
 * @throws SafelightError `key_missing`.
 */
export function createAzureContentSafetyDetector(
  options: Options,
  environment: DetectorEnvironment,
): Detector {
  const key = readKey('azure-content-safety', options.keyEnv, environment.env);
  return createServiceDetector(azureContentSafety(options, key), options);
}

export function azureContentSafety(
  options: Pick<Options, 'baseUrl' | 'apiVersion'>,
  key: string,
): ServiceAdapter {
  const hazards: HazardId[] = Object.values(HAZARDS);
  return {
    id: 'azure-content-safety',
    version: `1/${options.apiVersion}`,
    licence: 'service of Microsoft',
    notes: ['Scores are ordinal: severity 0, 2, 4 or 6, divided by 6.'],
    baseUrl: options.baseUrl,
    pictureClaims: pairsOf(hazards, 'visual'),
    textClaims: pairsOf(hazards, 'text'),
    // The service takes 50 to 2048 px.
    maxSidePx: 2048,
    headers: () => ({ 'ocp-apim-subscription-key': key }),
    buildRequest: (subject) => ({
      path: `contentsafety/${subject.kind === 'text' ? 'text' : 'image'}:analyze?api-version=${encodeURIComponent(options.apiVersion)}`,
      contentType: 'application/json',
      body: JSON.stringify({
        ...(subject.kind === 'text'
          ? { text: subject.text }
          : { image: { content: toBase64(subject.picture.bytes) } }),
        categories: CATEGORIES,
        outputType: 'FourSeverityLevels',
      }),
    }),
    parseReply,
  };
}

function parseReply(subject: 'picture' | 'text', status: number, value: unknown): ServiceReply {
  if (status < 200 || status >= 300) {
    const error = errorSchema.safeParse(value);
    return { kind: 'failed', code: (error.success ? error.data.error.code : null) ?? 'no code' };
  }
  const parsed = replySchema.safeParse(value);
  if (!parsed.success) return { kind: 'failed', code: 'no categoriesAnalysis' };
  const carrier = subject === 'picture' ? 'visual' : 'text';
  const labels: Record<string, number> = {};
  const scores: HazardScore[] = [];
  const open = [];
  for (const category of CATEGORIES) {
    const hazard = HAZARDS[category];
    const graded = parsed.data.categoriesAnalysis.find((entry) => entry.category === category);
    const severity = graded?.severity;
    if (typeof severity !== 'number') {
      open.push({
        hazard,
        carrier,
        reason: `the answer holds no severity of ${category}`,
      } as const);
      continue;
    }
    const score = Math.min(1, Math.max(0, severity / HIGHEST_SEVERITY));
    labels[category] = score;
    const grade = SEVERITIES[severity as keyof typeof SEVERITIES];
    scores.push({ hazard, carrier, score, ...(grade === undefined ? {} : { severity: grade }) });
  }
  return { kind: 'scores', scores, labels, open };
}
