import type { z } from 'zod';
import type { CatalogueEntry, ModelSource } from './catalogue.ts';
import {
  type ClassifierDeclarationInput,
  classifierDeclarationSchema,
  type classifierInputSchema,
} from './classifier-declaration.ts';

type Input = z.input<typeof classifierInputSchema>;
type Statistics = Pick<Input, 'mean' | 'deviation'>;
const HALVES: Statistics = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };
const CLIP: Statistics = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

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
  const url = `https://huggingface.co/${repository}/resolve/main/${path}`;
  return { kind: 'download', files: [{ url, file: 'model.onnx', sha256: null }] };
}

function convert(repository: string, name: string): ModelSource {
  return {
    kind: 'convert',
    how: `optimum-cli export onnx --model ${repository} --task image-classification ${name}/, then safelight models add ${name}/model.onnx --spec ${name}.yaml`,
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
      input: square(448, { resize: 'stretch', filter: 'bicubic', ...CLIP }),
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
      how: 'convert the Caffe model to ONNX, then safelight models add open_nsfw.onnx --spec opennsfw.yaml',
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
