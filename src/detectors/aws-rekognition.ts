import { z } from 'zod';
import type { HazardScore } from '../core/finding.ts';
import type { HazardId } from '../core/hazard.ts';
import { signAws } from '../net/aws-signature.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { clampScore, pairsOf, toBase64 } from './service/claims.ts';
import { readKey } from './service/read-key.ts';
import { type ServiceAdapter, type ServiceReply, serviceOptionsSchema } from './service/service.ts';
import { createServiceDetector } from './service/service-detector.ts';

// Written 2026-11 after what is known of the reference of DetectModerationLabels and its table of labels (model
// version 7). Without MinConfidence labels under 50 are dropped, which would read as 0.

const variable = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable, not the secret itself');

export const awsRekognitionOptionsSchema = serviceOptionsSchema.extend({
  region: z.string().min(1).default('us-east-1').describe('Region of the service.'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the service lies; without it that of the region.'),
  accessKeyEnv: variable.default('AWS_ACCESS_KEY_ID').describe('Variable with the key’s id.'),
  secretKeyEnv: variable.default('AWS_SECRET_ACCESS_KEY').describe('Variable with the secret key.'),
  sessionTokenEnv: variable
    .default('AWS_SESSION_TOKEN')
    .describe('Variable with the token of temporary credentials, where it is set.'),
});
type Options = z.output<typeof awsRekognitionOptionsSchema>;

/** Labels by hazard, by their name at any level: a label counts through its parents too. */
const LABELS: Readonly<Partial<Record<HazardId, readonly string[]>>> = {
  sexual: ['Explicit', 'Explicit Nudity'],
  violence: ['Violence'],
  shocking: ['Visually Disturbing'],
  hate: ['Hate Symbols'],
};
const HAZARDS = Object.keys(LABELS) as HazardId[];

const replySchema = z.looseObject({
  ModerationLabels: z.array(
    z.looseObject({
      Name: z.string(),
      ParentName: z.string().nullish(),
      Confidence: z.number(),
    }),
  ),
});
const errorSchema = z.looseObject({ __type: z.string() });

/**
 * AWS Rekognition. The score is the highest confidence among a hazard's labels; partial nudity and
 * swimwear are told among the labels and do not count.
 *
 * @throws SafelightError `key_missing`.
 */
export function createAwsRekognitionDetector(
  options: Options,
  { env }: DetectorEnvironment,
): Detector {
  const keys = {
    accessKeyId: readKey('aws-rekognition', options.accessKeyEnv, env),
    secretAccessKey: readKey('aws-rekognition', options.secretKeyEnv, env),
    sessionToken: env[options.sessionTokenEnv],
  };
  return createServiceDetector(awsRekognition(options, keys), options);
}

export function awsRekognition(
  options: Pick<Options, 'region' | 'baseUrl'>,
  keys: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  },
): ServiceAdapter {
  return {
    id: 'aws-rekognition',
    version: '1',
    licence: 'service of Amazon',
    notes: ['Asked with MinConfidence 0, so that a label that is missing means none.'],
    baseUrl: options.baseUrl ?? `https://rekognition.${options.region}.amazonaws.com`,
    pictureClaims: pairsOf(HAZARDS, 'visual'),
    textClaims: [],
    // Bytes in a request may be 5 MB.
    maxSidePx: 2048,
    headers: (request, url, at) =>
      signAws(
        {
          method: 'POST',
          url,
          body: Buffer.from(request.body),
          contentType: request.contentType,
          at,
        },
        {
          service: 'rekognition',
          region: options.region,
          ...keys,
          headers: { 'x-amz-target': 'RekognitionService.DetectModerationLabels' },
        },
      ),
    buildRequest: (subject) => ({
      path: '',
      contentType: 'application/x-amz-json-1.1',
      body: JSON.stringify({
        Image: { Bytes: subject.kind === 'picture' ? toBase64(subject.picture.bytes) : '' },
        MinConfidence: 0,
      }),
    }),
    parseReply: (_subject, status, value) => parseReply(status, value),
  };
}

function parseReply(status: number, value: unknown): ServiceReply {
  if (status < 200 || status >= 300) {
    const error = errorSchema.safeParse(value);
    return { kind: 'failed', code: error.success ? error.data.__type : 'no code' };
  }
  const parsed = replySchema.safeParse(value);
  if (!parsed.success) return { kind: 'failed', code: 'no ModerationLabels' };
  const found = parsed.data.ModerationLabels;
  const scores: HazardScore[] = HAZARDS.map((hazard) => {
    const names = LABELS[hazard] ?? [];
    const own = found.filter(
      ({ Name, ParentName }) => names.includes(Name) || names.includes(ParentName ?? ''),
    );
    const score = Math.max(0, ...own.map(({ Confidence }) => clampScore(Confidence / 100)));
    return { hazard, carrier: 'visual', score };
  });
  const labels = Object.fromEntries(
    found.map(({ Name, Confidence }) => [Name, clampScore(Confidence / 100)]),
  );
  return { kind: 'scores', scores, labels };
}
