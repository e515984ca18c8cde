import { beforeAll, describe, expect, it } from 'vitest';
import {
  type EndpointDescription,
  endpointDescriptionSchema,
} from '../../src/core/journal-event.ts';
import { ENDPOINT_ADAPTERS, type EndpointAdapterName } from '../../src/endpoints/registry.ts';
import { buildReportModel } from '../../src/report/build-model.ts';
import type { ReportModel } from '../../src/report/model.ts';
import { renderReport } from '../../src/report/render-html.ts';
import { planTrials } from '../../src/run/plan.ts';
import { prompt } from '../judge/records.ts';
import { syntheticRun } from '../report/synthetic-run.ts';
import { createContext, environment } from './memory-context.ts';
import { startProviderServer } from './provider-server.ts';

interface Row {
  readonly options: Readonly<Record<string, unknown>>;
  /** Two values of what steers moderation, as a pipeline writes them. */
  readonly strict: Readonly<Record<string, unknown>>;
  readonly lax: Readonly<Record<string, unknown>>;
  /** How the strict one is recorded. */
  readonly recorded: Readonly<Record<string, unknown>>;
  readonly revision: string | null;
}

/** What a provider without a setting of its own takes under `parameters` is recorded by its name. */
const byName = {
  strict: { parameters: { safety_level: 'high' } },
  lax: { parameters: { safety_level: 'low' } },
  recorded: { safety_level: 'high' },
};
const workflow = { '6': { class_type: 'CLIPTextEncode', inputs: { text: '{prompt}' } } };

/** Every adapter but Gradio's two, whose settings come from the app's schema: see `gradio-*.test.ts`. */
const ROWS: Readonly<Record<Exclude<EndpointAdapterName, 'gradio' | 'sandbox'>, Row>> = {
  automatic1111: {
    options: {},
    strict: { overrideSettings: { nsfw_filter: true } },
    lax: { overrideSettings: { nsfw_filter: false } },
    recorded: { nsfw_filter: true },
    revision: null,
  },
  bedrock: {
    options: { region: 'us-east-1', model: 'amazon.nova-canvas-v1:0' },
    strict: { guardrailIdentifier: 'g1', guardrailVersion: '1' },
    lax: { guardrailIdentifier: 'g1', guardrailVersion: '2' },
    recorded: {
      'x-amzn-bedrock-guardrailidentifier': 'g1',
      'x-amzn-bedrock-guardrailversion': '1',
    },
    revision: 'amazon.nova-canvas-v1:0',
  },
  'black-forest-labs': {
    options: { model: 'flux-2-pro' },
    strict: { safetyTolerance: 0 },
    lax: { safetyTolerance: 5 },
    recorded: { safety_tolerance: 0 },
    revision: null,
  },
  comfyui: {
    options: { workflow },
    strict: { safetySettings: { checker: 'on' } },
    lax: { safetySettings: { checker: 'off' } },
    recorded: { checker: 'on' },
    revision: null,
  },
  command: {
    options: { command: ['node', '{prompt}', '{output}'], revision: 'v2' },
    strict: { safetySettings: { checker: 'on' } },
    lax: { safetySettings: { checker: 'off' } },
    recorded: { checker: 'on' },
    revision: 'v2',
  },
  fal: {
    options: { model: 'fal-ai/flux/dev' },
    strict: { enableSafetyChecker: true },
    lax: { enableSafetyChecker: false },
    recorded: { enable_safety_checker: true },
    revision: null,
  },
  'gemini-image': {
    options: { model: 'gemini-2.5-flash-image' },
    strict: { safetySettings: { HARM_CATEGORY_HARASSMENT: 'BLOCK_LOW_AND_ABOVE' } },
    lax: { safetySettings: { HARM_CATEGORY_HARASSMENT: 'BLOCK_NONE' } },
    recorded: { HARM_CATEGORY_HARASSMENT: 'BLOCK_LOW_AND_ABOVE' },
    revision: null,
  },
  'huggingface-inference': {
    options: { provider: 'fal-ai', model: 'fal-ai/flux/dev' },
    strict: { enableSafetyChecker: true },
    lax: { enableSafetyChecker: false },
    recorded: { enable_safety_checker: true },
    revision: null,
  },
  ideogram: {
    options: { model: 'ideogram-v3' },
    strict: { enableCopyrightDetection: true },
    lax: { enableCopyrightDetection: false },
    recorded: { enable_copyright_detection: true },
    revision: null,
  },
  http: {
    options: { url: 'x', body: { p: '{prompt}', s: '{level}' }, media: 'body' },
    strict: { safetySettings: { level: 'high' } },
    lax: { safetySettings: { level: 'low' } },
    recorded: { level: 'high' },
    revision: null,
  },
  imagen: {
    options: { model: 'imagen-4.0-generate-001' },
    strict: { safetySetting: 'block_low_and_above', personGeneration: 'dont_allow' },
    lax: { safetySetting: 'block_none', personGeneration: 'dont_allow' },
    recorded: { safetySetting: 'block_low_and_above', personGeneration: 'dont_allow' },
    revision: 'imagen-4.0-generate-001',
  },
  kling: { options: { model: 'kling-v2-6' }, ...byName, revision: null },
  luma: { options: { model: 'ray-3.2' }, ...byName, revision: null },
  minimax: { options: { model: 'MiniMax-Hailuo-2.3' }, ...byName, revision: null },
  'openai-images': {
    options: { model: 'gpt-image-1', tokenEnv: 'A_KEY' },
    strict: { moderation: 'auto' },
    lax: { moderation: 'low' },
    recorded: { moderation: 'auto' },
    revision: null,
  },
  'openai-videos': { options: { model: 'sora-2', tokenEnv: 'A_KEY' }, ...byName, revision: null },
  replicate: {
    options: { model: 'a/b:0123abcd' },
    strict: { disableSafetyChecker: false, safetyTolerance: 1 },
    lax: { disableSafetyChecker: true, safetyTolerance: 1 },
    recorded: { disable_safety_checker: false, safety_tolerance: 1 },
    revision: '0123abcd',
  },
  runway: {
    options: { model: 'gen4.5', ratio: '1280:720' },
    strict: { publicFigureThreshold: 'auto' },
    lax: { publicFigureThreshold: 'low' },
    recorded: { 'contentModeration.publicFigureThreshold': 'auto' },
    revision: null,
  },
  stability: { options: { service: 'core' }, ...byName, revision: null },
  veo: {
    options: { model: 'veo-3.0-generate-001' },
    strict: { personGeneration: 'dont_allow' },
    lax: { personGeneration: 'allow_all' },
    recorded: { personGeneration: 'dont_allow' },
    revision: 'veo-3.0-generate-001',
  },
};

/** Every variable that an adapter asks for is set. */
const env = new Proxy({ PATH: process.env.PATH } as Record<string, string | undefined>, {
  get: (known, name) => known[String(name)] ?? 'a-key-of-tests',
});

async function describeWith(
  use: keyof typeof ROWS,
  options: Readonly<Record<string, unknown>>,
): Promise<EndpointDescription> {
  const server = await startProviderServer('image');
  server.play([{ json: {} }]);
  const adapter = await ENDPOINT_ADAPTERS[use]();
  const at = use === 'command' ? {} : { baseUrl: server.url };
  const context = { environment: { ...environment, env }, prompts: async function* () {} };
  const endpoint = await adapter.create('under-test', { ...at, ...options }, 'x.yaml:1', context);
  const description = await endpoint.describe(createContext().signal);
  await endpoint.close();
  await server.stop();
  // The address of the test's server is no setting.
  return endpointDescriptionSchema.parse(description);
}

describe('what steers moderation', () => {
  let model: ReportModel;
  beforeAll(async () => {
    model = await buildReportModel(syntheticRun());
  });

  it.each(Object.entries(ROWS))(
    'is recorded of %s, tells trials apart, and is in the report',
    async (use, row) => {
      const name = use as keyof typeof ROWS;
      const strict = await describeWith(name, { ...row.options, ...row.strict });
      const lax = await describeWith(name, { ...row.options, ...row.lax });
      expect(strict.safetySettings).toMatchObject(row.recorded);
      expect(strict.revision).toBe(row.revision);

      const ids = [strict, lax].map(
        (description) => planTrials(prompt(), description, { seeds: [1], repeats: 1 })[0]?.trial.id,
      );
      expect(ids[0]).not.toBe(ids[1]);

      const [shown] = model.endpoints;
      if (shown === undefined) throw new Error('a run without endpoints');
      const page = renderReport({
        ...model,
        endpoints: [
          {
            ...shown,
            summary: {
              ...shown.summary,
              revision: strict.revision,
              safetySettings: strict.safetySettings,
            },
            description: strict,
            answers: { trials: 3, rewritten: 2, retried: 1, reported: ['{"revision":"told-v9"}'] },
          },
        ],
      });
      const told = page.replaceAll(/<[^>]*>/g, '');
      for (const [key, value] of Object.entries(row.recorded))
        expect(told).toContain(`${key}: ${value}`);
      if (row.revision !== null) expect(told).toContain(row.revision);
      expect(told).toContain('told-v9');
      expect(told).toContain('2 of 3');
    },
  );
});
