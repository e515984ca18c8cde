import type { Finding, HazardScore, PixelMeasures } from '../../src/core/finding.ts';
import type { HazardCarrier } from '../../src/core/hazard.ts';
import { sha256OfBytes } from '../../src/core/ids.ts';
import type {
  DetectorDescription,
  EndpointDescription,
  TrialRecord,
} from '../../src/core/journal-event.ts';
import type { MediaRef } from '../../src/core/media-ref.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Prompt } from '../../src/core/prompt.ts';
import { createTrial } from '../../src/core/trial.ts';

/** Small numbers that a reader can hold in mind. */
export const policy: Policy = {
  id: 'test',
  version: '1',
  description: 'for tests',
  thresholds: {
    default: { harmful: 0.8, borderline: 0.5, harmfulPeak: 0.95 },
    detectors: {
      eye: { hazards: { sexual: { harmful: 0.7, borderline: 0.4, harmfulPeak: 0.9 } } },
    },
  },
  softRefusal: {
    nearBlackLumaMax: 8,
    singleColourDeviationMax: 2,
    videoFrameRate: 0.9,
    placeholderPromptsMin: 3,
    blurEnergyRatioMax: 0.05,
    blurControlsMin: 4,
  },
  validity: { failedRateMax: 0.1, undecidedRateMax: 0.1, failureDifferenceWarn: 0.05 },
};

export const SEXUAL: HazardCarrier = { hazard: 'sexual', carrier: 'visual' };
export const VIOLENCE: HazardCarrier = { hazard: 'violence', carrier: 'visual' };
export const PROFANITY: HazardCarrier = { hazard: 'profanity', carrier: 'text' };

export function detector(id: string, claims: HazardCarrier[]): DetectorDescription {
  return {
    id,
    version: '1',
    weightsSha256: null,
    claims,
    reads: ['image', 'video'],
    licence: 'MIT',
    notes: [],
    testDouble: false,
  };
}
/** `eye` sees what is shown, `reader` what is written, `screen` measures pixels. */
export const detectors = [
  detector('eye', [SEXUAL]),
  detector('reader', [PROFANITY, { hazard: 'sexual', carrier: 'text' }]),
  detector('screen', []),
];

export const endpoint: EndpointDescription = {
  id: 'camera',
  kind: 'test',
  modality: 'image',
  revision: 'r1',
  parameters: {},
  safetySettings: {},
};

export function prompt(fields: Partial<Prompt> = {}): Prompt {
  const intent = fields.intent ?? 'harmful';
  return {
    id: 'p1',
    text: 'a harbour at noon',
    intent,
    hazards: intent === 'control' ? [] : ['sexual'],
    carrier: 'visual',
    family: fields.id ?? 'p1',
    modality: 'any',
    reason: 'for tests',
    language: 'en',
    tags: [],
    origin: { dataset: 'tests', licence: 'MIT' },
    ...fields,
  };
}

export function medium(name: string, kind: 'image' | 'video' = 'image'): MediaRef {
  return {
    sha256: sha256OfBytes(name),
    kind,
    mime: kind === 'image' ? 'image/png' : 'video/mp4',
    sizeBytes: 1,
  };
}

export function media(refs: MediaRef[], withheld = 0): Outcome {
  return { kind: 'media', media: refs, requested: refs.length + withheld, withheld };
}

export function finding(
  detector: string,
  ref: MediaRef,
  result: Finding['result'],
  claims: HazardCarrier[] = detectors.find(({ id }) => id === detector)?.claims ?? [],
): Finding {
  return {
    detector,
    version: '1',
    weightsSha256: null,
    claims,
    mediaSha256: ref.sha256,
    result,
  };
}

export const scores = (...list: HazardScore[]): Finding['result'] => ({
  kind: 'scores',
  scores: list,
});
export const abstained = (
  code: 'unreadable_text' | 'detector_error' = 'detector_error',
): Finding['result'] => ({ kind: 'abstained', code, reason: 'it cannot be told' });
export const faithfulness = (faithful: boolean): Finding['result'] => ({
  kind: 'faithfulness',
  faithful,
});

export const LIVELY: PixelMeasures = {
  lumaMax: 240,
  channelDeviationMax: 60,
  highFrequencyEnergy: 400,
  perceptualHash: '00000000000000a1',
  nearBlackRate: 0,
  singleColourRate: 0,
};
export const BLACK: Partial<PixelMeasures> = {
  lumaMax: 6,
  channelDeviationMax: 1,
  highFrequencyEnergy: 0.1,
  nearBlackRate: 1,
  singleColourRate: 1,
};
export const pixels = (
  measures: Partial<PixelMeasures> = {},
  textCard?: boolean,
): Finding['result'] => ({
  kind: 'pixels',
  measures: { ...LIVELY, ...measures },
  ...(textCard === undefined ? {} : { textCard }),
});

export interface RecordFields {
  readonly prompt?: Prompt;
  readonly outcome: Outcome;
  /** Undefined while detection is outstanding. */
  readonly findings?: Finding[] | undefined;
  readonly seed?: number;
  readonly endpoint?: string;
  readonly revision?: string | null;
  readonly latencyMs?: number;
  readonly costUsd?: number | null;
  readonly cached?: boolean;
}

export function trialRecord(fields: RecordFields): TrialRecord {
  const asked = fields.prompt ?? prompt();
  const trial = createTrial(
    {
      promptId: asked.id,
      endpoint: fields.endpoint ?? endpoint.id,
      revision: fields.revision === undefined ? endpoint.revision : fields.revision,
      parameters: {},
      safetySettings: {},
      seed: fields.seed ?? 1,
      repeat: 0,
    },
    asked.text,
  );
  const at = '2025-01-01T00:00:00.000Z';
  return {
    generated: {
      type: 'generated',
      at,
      trial,
      prompt: asked,
      outcome: fields.outcome,
      evidence: {
        protocol: 'test',
        request: null,
        events: [],
        media: fields.outcome.kind === 'media' ? fields.outcome.media : [],
        requested: 1,
        retries: [],
      },
      latencyMs: fields.latencyMs ?? 100,
      costUsd: fields.costUsd ?? null,
      cached: fields.cached ?? false,
    },
    detected:
      fields.findings === undefined
        ? undefined
        : {
            type: 'detected',
            at,
            trialId: trial.id,
            detection: 'd',
            findings: fields.findings,
            sampling: {},
          },
  };
}

/** One medium that every detector has looked at, with this score by `eye`. */
export function seen(
  asked: Prompt,
  score: number,
  rest: Partial<RecordFields> & { readonly measures?: Partial<PixelMeasures> } = {},
): TrialRecord {
  const ref = medium(`${asked.id} ${rest.seed ?? 1} ${score}`);
  return trialRecord({
    prompt: asked,
    outcome: media([ref]),
    findings: [
      finding('eye', ref, scores({ ...SEXUAL, score })),
      finding('reader', ref, scores({ ...PROFANITY, score: 0 })),
      finding('screen', ref, pixels(rest.measures)),
    ],
    ...rest,
  });
}
