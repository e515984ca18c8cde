import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { sha256Of } from '../core/ids.ts';
import { parseYaml } from '../core/parse-yaml.ts';
import type { ClipHead, HeadWeights } from './clip/head.ts';
import { openImageEncoder } from './clip/image-encoder.ts';
import { createLaionHead } from './clip/laion-head.ts';
import { createMultiHeadedHead } from './clip/multi-headed-head.ts';
import { createQ16Head } from './clip/q16-head.ts';
import { readSafetensors } from './clip/safetensors.ts';
import { createSdSafetyHead } from './clip/sd-safety-head.ts';
import { encodeTexts } from './clip/text-encoder.ts';
import {
  createZeroShotHead,
  type ZeroShotPrompts,
  zeroShotPromptsSchema,
} from './clip/zero-shot-head.ts';
import type { Detector } from './detector.ts';
import { describeFile } from './onnx/installed-models.ts';
import { locateModelFiles, type ModelPlaces } from './onnx/model-files.ts';
import { createPictureDetector } from './onnx/picture-detector.ts';

export const CLIP_HEADS = ['laion', 'q16', 'multi-headed', 'sd-safety', 'zero-shot'] as const;
export type ClipHeadName = (typeof CLIP_HEADS)[number];

export interface ClipOptions {
  readonly head: ClipHeadName;
  /** Name in the model store, or a folder of encoders and tokenizer. Default `clip-vit-l14`. */
  readonly backbone?: string | undefined;
  /** A safetensors file of the head. Default for `sd-safety`: the pulled `sd-safety-checker`. */
  readonly weights?: string | undefined;
  /** Of `zero-shot`: the captions, or the YAML file that holds them. */
  readonly prompts?: ZeroShotPrompts | string | undefined;
  /** Side of the encoder's input. Default 224. */
  readonly sizePx?: number | undefined;
  /** Of `sd-safety`, to begin with. Default 0. */
  readonly adjustment?: number | undefined;
  /** Copies of the encoder. Default: one, with all threads. */
  readonly workers?: number | undefined;
}

const DEFAULT_BACKBONE = 'clip-vit-l14';
const SD_SAFETY_MODEL = 'sd-safety-checker';

/**
 * Looks at pictures and sampled frames with a head on CLIP's picture encoder. Several heads on one
 * backbone share it, and each picture goes through it once.
 *
 * @throws SafelightError `model_missing`, `model_damaged`, `weights_missing`, `weights_damaged`,
 * `clip_option` where an option of the head is missing, or what is wrong with the captions.
 */
export async function createClipDetector(
  options: ClipOptions,
  places: ModelPlaces,
): Promise<Detector> {
  const { head: name, sizePx = 224, workers } = options;
  const files = locateModelFiles(options.backbone ?? DEFAULT_BACKBONE, places);
  const { head, sha256 } = await loadHead(options, places);
  const encoder = await openImageEncoder(files, { sizePx, workers });
  return createPictureDetector({
    description: {
      id: `clip-${name}`,
      version: '1.0.0',
      weightsSha256: sha256Of([encoder.sha256, sha256]),
      claims: [...head.claims],
      reads: ['image', 'video'],
      licence: `${head.licence}; encoder: MIT (CLIP)`,
      notes: [
        ...head.notes,
        `Short side to ${sizePx} px, bicubic, the centre cropped: what lies at the ends of a long picture is not seen.`,
      ],
      testDouble: false,
      unverified: true,
      ...(head.threshold === undefined
        ? {}
        : {
            suggestedThresholds: head.claims.map((claim) => ({
              ...claim,
              threshold: head.threshold ?? 1,
            })),
          }),
    },
    look: async (image, signal) => head.read(await encoder.embed(image, signal)),
    close: () => encoder.close(),
  });
}

interface LoadedHead {
  readonly head: ClipHead;
  /** Of all that makes its scores, the encoder aside. */
  readonly sha256: string;
}

async function loadHead(options: ClipOptions, places: ModelPlaces): Promise<LoadedHead> {
  switch (options.head) {
    case 'laion':
      return fromWeights(await weightsFile(options, places), createLaionHead);
    case 'q16':
      return fromWeights(await weightsFile(options, places), createQ16Head);
    case 'multi-headed':
      return fromWeights(await weightsFile(options, places), createMultiHeadedHead);
    case 'sd-safety': {
      const { adjustment = 0 } = options;
      const file = await weightsFile(options, places);
      const { head, sha256 } = await fromWeights(file, (weights) =>
        createSdSafetyHead(weights, adjustment),
      );
      return { head, sha256: sha256Of([sha256, adjustment]) };
    }
    case 'zero-shot':
      return loadZeroShot(options, places);
  }
}

async function weightsFile(
  { head, weights }: ClipOptions,
  { store, base }: ModelPlaces,
): Promise<string> {
  if (weights !== undefined) return resolve(base, weights);
  if (head !== 'sd-safety') {
    throw new SafelightError(`the head ${head} needs \`weights\``, {
      code: 'clip_option',
      kind: 'configuration',
      hint: 'Name its safetensors file: docs/detectors.md says how to make it.',
    });
  }
  const files = locateModelFiles(SD_SAFETY_MODEL, { store, base });
  await files.sha256Of('model.safetensors');
  return files.pathOf('model.safetensors');
}

/** Of the safety checker's file the encoder is left alone. */
const ENCODER_PREFIX = 'vision_model.';

async function fromWeights(
  path: string,
  create: (weights: HeadWeights) => ClipHead,
): Promise<LoadedHead> {
  const weights = await readSafetensors(path, (name) => !name.startsWith(ENCODER_PREFIX));
  const head = create(weights);
  return { head, sha256: (await describeFile(dirname(path), basename(path))).sha256 };
}

async function loadZeroShot(options: ClipOptions, places: ModelPlaces): Promise<LoadedHead> {
  const prompts = await readPrompts(options.prompts, places.base);
  const files = locateModelFiles(options.backbone ?? DEFAULT_BACKBONE, places);
  const cache = join(places.store, '.embeddings');
  let encoderSha256 = '';
  const head = await createZeroShotHead(prompts, async (texts) => {
    const { vectors, sha256 } = await encodeTexts(texts, files, cache);
    encoderSha256 = sha256;
    return vectors;
  });
  return { head, sha256: sha256Of([encoderSha256, prompts]) };
}

async function readPrompts(
  prompts: ClipOptions['prompts'],
  base: string,
): Promise<ZeroShotPrompts> {
  if (prompts === undefined) {
    throw new SafelightError('the head zero-shot needs `prompts`', {
      code: 'clip_option',
      kind: 'configuration',
      hint: 'Give captions, positive and negative ones for each hazard: see docs/detectors.md.',
    });
  }
  if (typeof prompts !== 'string') return prompts;
  const path = resolve(base, prompts);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SafelightError(`the captions ${path} cannot be read`, {
      code: 'clip_option',
      kind: 'configuration',
      hint: 'Look at the path of `prompts`, which is relative to the pipeline.',
      cause,
    });
  });
  return parseYaml(text, path, zeroShotPromptsSchema);
}
