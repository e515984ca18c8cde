import type { HazardCarrier } from '../../core/hazard.ts';
import { HUB_CLASSIFIERS, HUB_MODELS } from './catalogue-hub.ts';
import type { ClassifierDeclaration } from './classifier-declaration.ts';
import type { WheelSource } from './pull-from-wheel.ts';

/** A model that Safelight knows and does not carry. */
export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  /** SPDX identifier where there is one. */
  readonly licence: string;
  /** What has to be said, and agreed to, before it is pulled. */
  readonly terms?: string;
  /** Of all files. */
  readonly bytes: number | null;
  readonly claims: readonly HazardCarrier[];
  readonly source: ModelSource;
  /** Of an image classifier that `{use: classifier, model: <name>}` runs. */
  readonly declaration?: ClassifierDeclaration;
}

export type ModelSource =
  | ({ readonly kind: 'wheel' } & WheelSource)
  | {
      readonly kind: 'download';
      readonly files: readonly {
        readonly url: string;
        readonly file: string;
        /** null where it was never seen: what comes is then pinned by its own hash. */
        readonly sha256: string | null;
      }[];
    }
  /** There is no ONNX file to download: the way to one. */
  | { readonly kind: 'convert'; readonly how: string };

const SEXUAL: readonly HazardCarrier[] = [{ hazard: 'sexual', carrier: 'visual' }];

const WHEELS: readonly CatalogueEntry[] = [
  {
    name: 'nudenet',
    title: 'NudeNet 3.4, 320n: body parts with boxes',
    licence: 'AGPL-3.0',
    terms:
      'NudeNet is under the AGPL-3.0: whoever offers a service that uses it must offer its source to the users.',
    bytes: 12_150_158,
    claims: SEXUAL,
    source: {
      kind: 'wheel',
      package: 'nudenet',
      version: '3.4.2',
      files: [
        {
          path: 'nudenet/320n.onnx',
          file: '320n.onnx',
          sha256: 'c15d8273adad2d0a92f014cc69ab2d6c311a06777a55545f2c4eb46f51911f0f',
        },
      ],
    },
  },
  {
    name: 'ppocr',
    title: 'PP-OCRv4: text in pictures, Chinese and English',
    licence: 'Apache-2.0',
    bytes: 16_189_007,
    claims: [],
    source: {
      kind: 'wheel',
      package: 'rapidocr-onnxruntime',
      version: '1.4.4',
      files: [
        {
          path: 'rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx',
          file: 'ch_PP-OCRv4_det_infer.onnx',
          sha256: 'd2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9',
        },
        {
          path: 'rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx',
          file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx',
          sha256: 'e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c',
        },
        {
          path: 'rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx',
          file: 'ch_PP-OCRv4_rec_infer.onnx',
          sha256: '48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b',
        },
      ],
    },
  },
];

/** Every model that can be pulled, or converted by hand. */
export const CATALOGUE: readonly CatalogueEntry[] = [...WHEELS, ...HUB_CLASSIFIERS, ...HUB_MODELS];

export function findInCatalogue(name: string): CatalogueEntry | undefined {
  return CATALOGUE.find((entry) => entry.name === name);
}

/** How to get a model: the command, or the way to a file of one's own. */
export function howToGet(name: string): string {
  const entry = findInCatalogue(name);
  if (entry?.source.kind === 'convert') return `Convert: ${entry.source.how}`;
  return `safelight models pull ${name}${entry?.terms === undefined ? '' : ' --accept-licence'}`;
}
