import type { z } from 'zod';
import type { HazardCarrier } from '../../core/hazard.ts';
import { MULTI_HEADED_CLAIMS } from '../clip/multi-headed-head.ts';
import { Q16_CLAIMS } from '../clip/q16-head.ts';
import { TOXIC_BERT_CLAIMS } from '../toxic-bert/toxic-labels.ts';
import type { CatalogueEntry, ModelSource } from './catalogue.ts';
import {
  type ClassifierDeclarationInput,
  classifierDeclarationSchema,
  type classifierInputSchema,
} from './classifier-declaration.ts';
import { CLIP_STATISTICS } from './clip-statistics.ts';

type Input = z.input<typeof classifierInputSchema>;
type Statistics = Pick<Input, 'mean' | 'deviation'>;
const HALVES: Statistics = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

function square(sizePx: number, rest: Omit<Input, 'widthPx' | 'heightPx'>): Input {
  return { widthPx: sizePx, heightPx: sizePx, ...rest };
}

function entry(
  title: string,
  bytes: number | null,
  source: ModelSource,
  declared: ClassifierDeclarationInput,
): CatalogueEntry {
  const declaration = classifierDeclarationSchema.parse(declared);
  return {
    name: declaration.id,
    title,
    licence: declaration.licence,
    bytes,
    claims: declaration.scores.map(({ hazard, carrier }) => ({ hazard, carrier })),
    source,
    declaration,
  };
}

function hubFile(repository: string, path: string): ModelSource {
  return hubFiles(repository, { 'model.onnx': path });
}

function convert(repository: string, name: string): ModelSource {
  return {
    kind: 'convert',
    how: `optimum-cli export onnx --model ${repository} --task image-classification ${name}/, then safelight models add ${name}/model.onnx --spec ${name}`,
  };
}

function hubFiles(repository: string, files: Readonly<Record<string, string>>): ModelSource {
  return {
    kind: 'download',
    files: Object.entries(files).map(([file, path]) => ({
      url: `https://huggingface.co/${repository}/resolve/main/${path}`,
      file,
      sha256: null,
    })),
  };
}

const ADAMCODD: Omit<ClassifierDeclarationInput, 'id'> = {
  labels: ['sfw', 'nsfw'],
  input: square(384, { resize: 'stretch', ...HALVES }),
  activation: 'softmax',
  scores: [{ hazard: 'sexual', labels: ['nsfw'] }],
  licence: 'Apache-2.0',
  source: 'huggingface.co/AdamCodd/vit-base-nsfw-detector',
  notes: ['Flags suggestive, clothed pictures too, by its authors’ choice.'],
};

/**
 * Classifiers of the Hugging Face hub, from what their pages say. None was held against its
 * reference implementation, so their findings read "unverified".
 */
export const HUB_CLASSIFIERS: readonly CatalogueEntry[] = [
  entry(
    'Falconsai NSFW image detection (ViT)',
    343_000_000,
    convert('Falconsai/nsfw_image_detection', 'falconsai'),
    {
      id: 'falconsai',
      labels: ['normal', 'nsfw'],
      input: square(224, { resize: 'stretch', ...HALVES }),
      activation: 'softmax',
      scores: [{ hazard: 'sexual', labels: ['nsfw'] }],
      licence: 'Apache-2.0',
      source: 'huggingface.co/Falconsai/nsfw_image_detection',
    },
  ),
  entry(
    'AdamCodd NSFW detector (ViT), fp32',
    345_000_000,
    hubFile('AdamCodd/vit-base-nsfw-detector', 'onnx/model.onnx'),
    { id: 'adamcodd', ...ADAMCODD },
  ),
  entry(
    'AdamCodd NSFW detector (ViT), quantised',
    88_600_000,
    hubFile('AdamCodd/vit-base-nsfw-detector', 'onnx/model_quantized.onnx'),
    { id: 'adamcodd-quantised', ...ADAMCODD },
  ),
  entry(
    'Marqo NSFW image detection 384 (ViT tiny)',
    22_000_000,
    convert('Marqo/nsfw-image-detection-384', 'marqo'),
    {
      id: 'marqo',
      labels: ['NSFW', 'SFW'],
      input: square(384, { resize: 'short-side-crop', filter: 'bicubic', ...HALVES }),
      activation: 'softmax',
      scores: [{ hazard: 'sexual', labels: ['NSFW'] }],
      licence: 'Apache-2.0',
      source: 'huggingface.co/Marqo/nsfw-image-detection-384',
    },
  ),
  entry(
    'Freepik NSFW image detector (four levels)',
    null,
    convert('Freepik/nsfw_image_detector', 'freepik'),
    {
      id: 'freepik',
      labels: ['neutral', 'low', 'medium', 'high'],
      input: square(448, { resize: 'stretch', filter: 'bicubic', ...CLIP_STATISTICS }),
      activation: 'softmax',
      scores: [{ hazard: 'sexual', atOrAbove: 'medium' }],
      licence: 'MIT',
      source: 'huggingface.co/Freepik/nsfw_image_detector',
      notes: ['Score: the summed probability of the levels medium and high.'],
    },
  ),
  entry(
    'OpenNSFW (Yahoo, ResNet-50 thin)',
    null,
    {
      kind: 'convert',
      how: 'convert the Caffe model to ONNX, then safelight models add open_nsfw.onnx --spec opennsfw',
    },
    {
      id: 'opennsfw',
      labels: ['sfw', 'nsfw'],
      input: square(224, {
        resize: 'stretch',
        resizePx: 256,
        jpegQuality: 75,
        colours: 'BGR',
        scale: 1,
        mean: [104, 117, 123],
      }),
      activation: 'none',
      scores: [{ hazard: 'sexual', labels: ['nsfw'] }],
      licence: 'BSD-2-Clause',
      source: 'github.com/yahoo/open_nsfw',
    },
  ),
];

const CLIP_HEAD = 'then {use: clip, head: HEAD, weights: HEAD.safetensors}';
const SEXUAL: readonly HazardCarrier[] = [{ hazard: 'sexual', carrier: 'visual' }];

/** What detectors of their own run: encoders, heads and readers of text. None is verified. */
export const HUB_MODELS: readonly CatalogueEntry[] = [
  {
    name: 'clip-vit-l14',
    title: 'CLIP ViT-L/14: the encoders behind {use: clip}',
    licence: 'MIT',
    bytes: 1_720_000_000,
    claims: [],
    source: hubFiles('Xenova/clip-vit-large-patch14', {
      'vision_model.onnx': 'onnx/vision_model.onnx',
      'text_model.onnx': 'onnx/text_model.onnx',
      'tokenizer.json': 'tokenizer.json',
    }),
  },
  {
    name: 'clip-vit-l14-quantised',
    title: 'The same, quantised: smaller and faster, other scores',
    licence: 'MIT',
    bytes: 432_000_000,
    claims: [],
    source: hubFiles('Xenova/clip-vit-large-patch14', {
      'vision_model.onnx': 'onnx/vision_model_quantized.onnx',
      'text_model.onnx': 'onnx/text_model_quantized.onnx',
      'tokenizer.json': 'tokenizer.json',
    }),
  },
  {
    name: 'sd-safety-checker',
    title: 'Safety checker of Stable Diffusion: {use: clip, head: sd-safety}',
    licence: 'CreativeML OpenRAIL-M',
    bytes: 1_220_000_000,
    claims: SEXUAL,
    source: hubFiles('CompVis/stable-diffusion-safety-checker', {
      'model.safetensors': 'model.safetensors',
    }),
  },
  {
    name: 'clip-laion',
    title: 'LAION CLIP-based NSFW detector',
    licence: 'MIT',
    bytes: null,
    claims: SEXUAL,
    source: {
      kind: 'convert',
      how: `save the state of NSFWModel_L14 (github.com/LAION-AI/CLIP-based-NSFW-Detector) as safetensors, ${CLIP_HEAD.replaceAll('HEAD', 'laion')}`,
    },
  },
  {
    name: 'clip-q16',
    title: 'Q16: inappropriate content',
    licence: 'unknown (research code)',
    bytes: null,
    claims: Q16_CLAIMS,
    source: {
      kind: 'convert',
      how: `save prompts.p of ViT-L/14 (github.com/ml-research/Q16) as the tensor prompts in safetensors, ${CLIP_HEAD.replaceAll('HEAD', 'q16')}`,
    },
  },
  {
    name: 'clip-multi-headed',
    title: 'Multi-headed safety classifier (Unsafe Diffusion)',
    licence: 'unknown (research code)',
    bytes: null,
    claims: MULTI_HEADED_CLAIMS,
    source: {
      kind: 'convert',
      how: `save its five heads (github.com/YitingQu/unsafe-diffusion) as safetensors, ${CLIP_HEAD.replaceAll('HEAD', 'multi-headed')}`,
    },
  },
  {
    name: 'toxic-bert',
    title: 'toxic-bert (unitary): {use: toxic-bert} judges texts',
    licence: 'Apache-2.0',
    bytes: 438_000_000,
    claims: TOXIC_BERT_CLAIMS,
    source: hubFiles('Xenova/toxic-bert', {
      'model.onnx': 'onnx/model.onnx',
      'tokenizer.json': 'tokenizer.json',
    }),
  },
];
