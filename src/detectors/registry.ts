import { z } from 'zod';
import { parseOptions } from '../core/parse-yaml.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { LIST_LANGUAGES } from './toxicity/other-languages.ts';

/** A detector that a pipeline can name. */
export interface DetectorAdapter {
  /** One line for `safelight models list`. */
  readonly title: string;
  /** False for one that asks a service or a server, which needs a key or an address. */
  readonly runsHere: boolean;
  /** Model of the catalogue that has to be pulled first, null where all is there. */
  readonly pulls: string | null;
  /** What one that does not run here needs: a service's key, or the address of a chat server. */
  readonly needs: 'service' | 'judge' | null;
  /** Options of a pipeline's entry beside `use`. */
  readonly optionsSchema: z.ZodType;
  /** Loads only beside endpoints of this kind, and nowhere else. */
  readonly onlyWith: 'sandbox' | null;
  /**
   * Host that media would be sent to with these options, null for a detector that keeps it here.
   * Media goes there only where the pipeline's entry says `sendMedia: true`.
   */
  sendsMediaTo(options: unknown, at: string): string | null;
  create(options: unknown, at: string, environment: DetectorEnvironment): Promise<Detector>;
}

/** Keys of any detector, filter or layer, read before its own. */
const besides = ['use', 'when', 'sendMedia', 'id', 'on', 'threshold', 'unsure'];

const noOptions = z.strictObject({});

function adapter<Schema extends z.ZodType>(
  title: string,
  optionsSchema: Schema,
  create: (
    options: z.output<Schema>,
    environment: DetectorEnvironment,
    at: string,
  ) => Detector | Promise<Detector>,
  more: {
    readonly onlyWith?: 'sandbox';
    readonly pulls?: string;
    readonly needs?: 'judge';
    readonly sendsMediaTo?: (options: z.output<Schema>) => string | null;
  } = {},
): DetectorAdapter {
  return {
    title,
    runsHere: more.sendsMediaTo === undefined,
    pulls: more.pulls ?? null,
    needs: more.sendsMediaTo === undefined ? null : (more.needs ?? 'service'),
    optionsSchema,
    onlyWith: more.onlyWith ?? null,
    sendsMediaTo: (options, at) =>
      more.sendsMediaTo?.(parseOptions(options, at, optionsSchema, { besides })) ?? null,
    create: async (options, at, environment) =>
      create(parseOptions(options, at, optionsSchema, { besides }), environment, at),
  };
}

const workersSchema = z.strictObject({
  workers: z.number().int().min(1).max(64).optional().describe('Worker threads.'),
});

const languagesSchema = z
  .array(z.enum(LIST_LANGUAGES))
  .optional()
  .describe('Whose swear words are looked for beside English ones. Default: all.');

const ocrSchema = workersSchema.extend({
  reader: z
    .enum(['tesseract', 'ppocr'])
    .default('tesseract')
    .describe('`ppocr` reads more and takes longer; its models are pulled first.'),
  passes: z
    .enum(['fast', 'thorough'])
    .optional()
    .describe('Of tesseract: `thorough` takes about four times as long. Default fast.'),
  modelsFolder: z
    .string()
    .optional()
    .describe('Where the files of ppocr lie. Default: SAFELIGHT_PPOCR_DIR, or the user cache.'),
  languages: languagesSchema,
});

/** Every detector, loaded when it is used. */
export const DETECTOR_ADAPTERS = {
  nsfwjs: async () => {
    const { createNsfwjsDetector, NSFWJS_MODELS } = await import('./nsfwjs.ts');
    const schema = workersSchema.extend({
      model: z.enum(NSFWJS_MODELS).optional().describe('Its size. Default: mobilenet-v2-mid.'),
    });
    return adapter('NSFW picture classifier (nsfwjs)', schema, (options) =>
      createNsfwjsDetector(options),
    );
  },
  classifier: async () => {
    const [{ createNamedClassifier }, { installedModelsFolder }] = await Promise.all([
      import('./classifier.ts'),
      import('./onnx/installed-models.ts'),
    ]);
    const schema = workersSchema.extend({
      model: z.string().describe('Name of a pulled or added model: `safelight models list`.'),
    });
    return adapter('Picture classifier that was pulled or added', schema, (options, { env }) =>
      createNamedClassifier({ ...options, folder: installedModelsFolder(env) }),
    );
  },
  nudenet: async () => {
    const [{ createNudenetDetector }, { installedModelsFolder }] = await Promise.all([
      import('./nudenet.ts'),
      import('./onnx/installed-models.ts'),
    ]);
    return adapter(
      'Body parts with boxes (NudeNet 320n)',
      workersSchema,
      (options, { env }) =>
        createNudenetDetector({ ...options, folder: installedModelsFolder(env) }),
      { pulls: 'nudenet' },
    );
  },
  clip: async () => {
    const [{ CLIP_HEADS, createClipDetector }, { zeroShotPromptsSchema }, places] =
      await Promise.all([
        import('./clip.ts'),
        import('./clip/zero-shot-head.ts'),
        import('./onnx/installed-models.ts'),
      ]);
    const schema = workersSchema.extend({
      head: z.enum(CLIP_HEADS).describe('What reads the vectors of the picture encoder.'),
      backbone: z
        .string()
        .optional()
        .describe(
          'Name of a pulled model, or a folder with vision_model.onnx (and text_model.onnx and tokenizer.json for zero-shot). Default: clip-vit-l14.',
        ),
      weights: z
        .string()
        .optional()
        .describe('Safetensors file of the head, relative to the pipeline.'),
      prompts: z
        .union([z.string(), zeroShotPromptsSchema])
        .optional()
        .describe('Of zero-shot: captions by hazard, or a YAML file of them.'),
      sizePx: z
        .number()
        .int()
        .min(32)
        .max(1024)
        .optional()
        .describe('Side of the encoder’s input. Default 224.'),
      adjustment: z
        .number()
        .min(-1)
        .max(1)
        .optional()
        .describe('Of sd-safety, to begin with: more flags more. Default 0.'),
    });
    return adapter(
      'CLIP with a head: nudity, unsafe content, or captions of one’s own',
      schema,
      (options, { env, folder }) =>
        createClipDetector(options, { store: places.installedModelsFolder(env), base: folder }),
    );
  },
  'toxic-bert': async () => {
    const [{ createToxicBertDetector }, { installedModelsFolder }] = await Promise.all([
      import('./toxic-bert.ts'),
      import('./onnx/installed-models.ts'),
    ]);
    const schema = workersSchema.extend({
      model: z
        .string()
        .optional()
        .describe(
          'Name of a pulled model, or a folder with model.onnx and tokenizer.json. Default: toxic-bert.',
        ),
    });
    return adapter(
      'Judges what a text says: toxic-bert',
      schema,
      (options, { env, folder }) =>
        createToxicBertDetector(options, { store: installedModelsFolder(env), base: folder }),
      { pulls: 'toxic-bert' },
    );
  },
  'ocr-toxicity': async () => {
    const { createOcrToxicityDetector } = await import('./ocr-toxicity.ts');
    return adapter(
      'Reads text in pictures and judges what it says',
      ocrSchema,
      async ({ reader, modelsFolder, ...options }) => {
        if (reader === 'tesseract') return createOcrToxicityDetector(options);
        const { createPpocrReader } = await import('./ppocr/ppocr-reader.ts');
        const { workers, languages } = options;
        return createOcrToxicityDetector({
          languages,
          reader: await createPpocrReader({ workers, modelsFolder }),
        });
      },
    );
  },
  toxicity: async () => {
    const { createTextToxicityDetector } = await import('./toxicity.ts');
    const schema = z.strictObject({ languages: languagesSchema });
    return adapter('Judges what a text says: rules and word lists', schema, (options) =>
      createTextToxicityDetector(options),
    );
  },
  'pixel-screen': async () => {
    const { createPixelScreen } = await import('./pixel-screen.ts');
    return adapter('Black, blank, blurred and placeholder media', noOptions, () =>
      createPixelScreen(),
    );
  },
  'openai-moderation': async () => {
    const { createOpenaiModerationDetector, openaiModerationOptionsSchema } = await import(
      './openai-moderation.ts'
    );
    return adapter(
      'Moderation service of OpenAI (omni-moderation)',
      openaiModerationOptionsSchema,
      createOpenaiModerationDetector,
      {
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'azure-content-safety': async () => {
    const { createAzureContentSafetyDetector, azureContentSafetyOptionsSchema } = await import(
      './azure-content-safety.ts'
    );
    return adapter(
      'Azure AI Content Safety',
      azureContentSafetyOptionsSchema,
      createAzureContentSafetyDetector,
      {
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'google-safesearch': async () => {
    const { createGoogleSafesearchDetector, googleSafesearchOptionsSchema } = await import(
      './google-safesearch.ts'
    );
    return adapter(
      'SafeSearch of Google Cloud Vision',
      googleSafesearchOptionsSchema,
      createGoogleSafesearchDetector,
      {
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'aws-rekognition': async () => {
    const { createAwsRekognitionDetector, awsRekognitionOptionsSchema } = await import(
      './aws-rekognition.ts'
    );
    return adapter(
      'Moderation labels of AWS Rekognition',
      awsRekognitionOptionsSchema,
      createAwsRekognitionDetector,
      {
        sendsMediaTo: (options) =>
          hostOf(options.baseUrl ?? `https://rekognition.${options.region}.amazonaws.com`),
      },
    );
  },
  sightengine: async () => {
    const { createSightengineDetector, sightengineOptionsSchema } = await import(
      './sightengine.ts'
    );
    return adapter(
      'Moderation service of Sightengine',
      sightengineOptionsSchema,
      createSightengineDetector,
      {
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'http-service': async () => {
    const { createHttpServiceDetector, httpServiceOptionsSchema } = await import(
      './http-service.ts'
    );
    return adapter(
      'A moderation service declared in YAML',
      httpServiceOptionsSchema,
      createHttpServiceDetector,
      {
        sendsMediaTo: ({ picture, text, ocrText }) =>
          picture !== undefined || ocrText ? hostOf((picture ?? text)?.url ?? '') : null,
      },
    );
  },
  'llama-guard': async () => {
    const { createLlamaGuardDetector, llamaGuardOptionsSchema } = await import('./llama-guard.ts');
    return adapter(
      'Llama Guard 3 or 4 behind a chat server',
      llamaGuardOptionsSchema,
      createLlamaGuardDetector,
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  qwen3guard: async () => {
    const { createQwen3guardDetector, qwen3guardOptionsSchema } = await import('./qwen3guard.ts');
    return adapter(
      'Qwen3Guard behind a chat server: texts',
      qwen3guardOptionsSchema,
      createQwen3guardDetector,
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl, ocrText }) => (ocrText ? hostOf(baseUrl) : null),
      },
    );
  },
  shieldgemma: async () => {
    const { createShieldgemmaDetector, shieldgemmaOptionsSchema } = await import(
      './shieldgemma.ts'
    );
    return adapter(
      'ShieldGemma behind a chat server: texts',
      shieldgemmaOptionsSchema,
      createShieldgemmaDetector,
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl, ocrText }) => (ocrText ? hostOf(baseUrl) : null),
      },
    );
  },
  shieldgemma2: async () => {
    const { createShieldgemma2Detector, shieldgemma2OptionsSchema } = await import(
      './shieldgemma2.ts'
    );
    return adapter(
      'ShieldGemma 2 behind a chat server: pictures',
      shieldgemma2OptionsSchema,
      createShieldgemma2Detector,
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  llavaguard: async () => {
    const { createLlavaguardDetector, llavaguardOptionsSchema } = await import('./llavaguard.ts');
    return adapter(
      'LlavaGuard behind a chat server: pictures',
      llavaguardOptionsSchema,
      createLlavaguardDetector,
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'chat-rubric': async () => {
    const { createChatRubricDetector, chatRubricOptionsSchema } = await import('./chat-rubric.ts');
    return adapter(
      'Any chat model with a rubric of your own',
      chatRubricOptionsSchema,
      createChatRubricDetector,
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'vlm-judge': async () => {
    const { createVlmJudgeDetector, vlmJudgeOptionsSchema } = await import('./vlm-judge.ts');
    return adapter(
      'Any vision model as a judge, by taxonomy or policy',
      vlmJudgeOptionsSchema,
      createVlmJudgeDetector,
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'word-list': async () => {
    const { createWordListDetector, wordListOptionsSchema } = await import('./word-list.ts');
    return adapter(
      'Flags texts that hold a word of a list',
      wordListOptionsSchema,
      createWordListDetector,
    );
  },
  'command-filter': async () => {
    const { createCommandFilterDetector, commandFilterOptionsSchema } = await import(
      './command-filter.ts'
    );
    return adapter(
      'A program of your own, asked line by line',
      commandFilterOptionsSchema,
      createCommandFilterDetector,
    );
  },
  clue: async () => {
    const { createClueDetector, clueOptionsSchema } = await import('./clue.ts');
    return adapter(
      'Judges by a constitution: rules compiled into preconditions',
      clueOptionsSchema,
      (options, environment, at) => createClueDetector(options, environment, at),
      {
        needs: 'judge',
        sendsMediaTo: ({ baseUrl }) => hostOf(baseUrl),
      },
    );
  },
  'sandbox-oracle': async () => {
    const { createSandboxOracle } = await import('./sandbox-oracle.ts');
    return adapter(
      'Test double: is told what a sandbox endpoint drew',
      noOptions,
      () => createSandboxOracle(),
      { onlyWith: 'sandbox' },
    );
  },
} as const satisfies Record<string, () => Promise<DetectorAdapter>>;

function hostOf(url: string): string {
  return new URL(url).hostname;
}

export type DetectorAdapterName = keyof typeof DETECTOR_ADAPTERS;

export function isDetectorAdapterName(name: string): name is DetectorAdapterName {
  return Object.hasOwn(DETECTOR_ADAPTERS, name);
}
