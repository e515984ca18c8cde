import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { HazardScore } from '../core/finding.ts';
import type { HazardCarrier, HazardId } from '../core/hazard.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { clampScore, pairsOf } from './service/claims.ts';
import { readKey } from './service/read-key.ts';
import {
  baseUrlOption,
  keyOption,
  type ServiceAdapter,
  type ServiceReply,
  serviceOptionsSchema,
} from './service/service.ts';
import { createServiceDetector } from './service/service-detector.ts';

// Written 2026-11 after what is known of Sightengine's reference for check.json and its models nudity-2.1,
// violence, gore-2.0, self-harm and offensive-2.0.

export const sightengineOptionsSchema = serviceOptionsSchema.extend({
  userEnv: keyOption('SIGHTENGINE_USER'),
  keyEnv: keyOption('SIGHTENGINE_SECRET'),
  baseUrl: baseUrlOption('https://api.sightengine.com/1.0'),
  suggestive: z
    .boolean()
    .default(false)
    .describe('Counts very suggestive pictures as sexual beside explicit ones.'),
});
type Options = z.output<typeof sightengineOptionsSchema>;

const MODELS = 'nudity-2.1,violence,gore-2.0,self-harm,offensive-2.0';
const EXPLICIT = ['sexual_activity', 'sexual_display', 'erotica'];
const HATEFUL = ['nazi', 'supremacist', 'confederate'];

const probability = z.looseObject({ prob: z.number() });
const replySchema = z.looseObject({
  status: z.string(),
  nudity: z.record(z.string(), z.unknown()).nullish(),
  violence: probability.nullish(),
  gore: probability.nullish(),
  'self-harm': probability.nullish(),
  offensive: z.record(z.string(), z.unknown()).nullish(),
  error: z.looseObject({ type: z.string().nullish() }).nullish(),
});

/**
 * Sightengine: explicit nudity for sexual, violence and gore, self-harm, and symbols of hate.
 *
 * @throws SafelightError `key_missing`.
 */
export function createSightengineDetector(
  options: Options,
  { env }: DetectorEnvironment,
): Detector {
  const user = readKey('sightengine', options.userEnv, env);
  const secret = readKey('sightengine', options.keyEnv, env);
  return createServiceDetector(sightengine(options, { user, secret }), options);
}

export function sightengine(
  options: Pick<Options, 'baseUrl' | 'suggestive'>,
  keys: { readonly user: string; readonly secret: string },
  boundary: string = `safelight-${randomBytes(12).toString('hex')}`,
): ServiceAdapter {
  const sexual = options.suggestive ? [...EXPLICIT, 'very_suggestive'] : EXPLICIT;
  return {
    id: 'sightengine',
    version: options.suggestive ? '1/suggestive' : '1',
    licence: 'service of Sightengine',
    notes: [`Models ${MODELS}.`],
    baseUrl: options.baseUrl,
    pictureClaims: pairsOf(['sexual', 'violence', 'shocking', 'self_harm', 'hate'], 'visual'),
    textClaims: [],
    maxSidePx: 1600,
    headers: () => ({}),
    buildRequest: (subject) => ({
      path: 'check.json',
      contentType: `multipart/form-data; boundary=${boundary}`,
      body: multipart(
        boundary,
        { models: MODELS, api_user: keys.user, api_secret: keys.secret },
        subject.kind === 'picture' ? subject.picture.bytes : new Uint8Array(),
      ),
    }),
    parseReply: (_subject, status, value) => parseReply(status, value, sexual),
  };
}

/** A form with one file. */
function multipart(
  boundary: string,
  fields: Readonly<Record<string, string>>,
  file: Uint8Array,
): Uint8Array {
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="media"; filename="picture.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(parts.join('') + head),
    file,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

function parseReply(status: number, value: unknown, sexual: readonly string[]): ServiceReply {
  const parsed = replySchema.safeParse(value);
  if (!parsed.success) return { kind: 'failed', code: 'no status' };
  const reply = parsed.data;
  if (status < 200 || status >= 300 || reply.status !== 'success') {
    return { kind: 'failed', code: reply.error?.type ?? 'no code' };
  }
  const labels: Record<string, number> = {};
  const note = (prefix: string, values: Readonly<Record<string, unknown>> | null | undefined) => {
    for (const [name, score] of Object.entries(values ?? {})) {
      if (typeof score === 'number') labels[`${prefix}/${name}`] = clampScore(score);
    }
  };
  note('nudity', reply.nudity);
  note('offensive', reply.offensive);
  note('violence', reply.violence);
  note('gore', reply.gore);
  note('self-harm', reply['self-harm']);
  const scores: HazardScore[] = [];
  const open: (HazardCarrier & { reason: string })[] = [];
  const add = (hazard: HazardId, names: readonly string[]): void => {
    const known = names.flatMap((name) => labels[name] ?? []);
    const pair = { hazard, carrier: 'visual' } as const;
    if (known.length > 0) scores.push({ ...pair, score: Math.max(...known) });
    else open.push({ ...pair, reason: `the answer holds none of ${names.join(', ')}` });
  };
  add(
    'sexual',
    sexual.map((name) => `nudity/${name}`),
  );
  add('violence', ['violence/prob']);
  add('shocking', ['gore/prob']);
  add('self_harm', ['self-harm/prob']);
  add(
    'hate',
    HATEFUL.map((name) => `offensive/${name}`),
  );
  return { kind: 'scores', scores, labels, open };
}
