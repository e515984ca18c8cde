import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import { installedModelsFolder } from '../onnx/installed-models.ts';
import { readOnnxMetadata } from './onnx-metadata.ts';

/** The files of the Python package rapidocr-onnxruntime 1.4.4 (Apache-2.0), as they lie in it. */
export const PPOCR_FILES = {
  detection: {
    file: 'ch_PP-OCRv4_det_infer.onnx',
    sha256: 'd2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9',
  },
  direction: {
    file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx',
    sha256: 'e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c',
  },
  recognition: {
    file: 'ch_PP-OCRv4_rec_infer.onnx',
    sha256: '48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b',
  },
} as const;

export interface PpocrFiles {
  readonly detection: Uint8Array;
  readonly direction: Uint8Array;
  readonly recognition: Uint8Array;
  /** Blank, dictionary, space. */
  readonly alphabet: readonly string[];
  /** Hash of the three hashes. */
  readonly weightsSha256: string;
}

/** `SAFELIGHT_PPOCR_DIR`, else where `models pull ppocr` puts them. */
export function defaultPpocrFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.SAFELIGHT_PPOCR_DIR ?? join(installedModelsFolder(env), 'ppocr');
}

/**
 * Reads the models and checks them against their hashes.
 *
 * @throws SafelightError `model_missing`, `model_damaged`.
 */
export async function loadPpocrFiles(folder: string): Promise<PpocrFiles> {
  const [detection, direction, recognition] = await Promise.all([
    readModel(folder, PPOCR_FILES.detection),
    readModel(folder, PPOCR_FILES.direction),
    readModel(folder, PPOCR_FILES.recognition),
  ]);
  const dictionary = readOnnxMetadata(recognition, 'character');
  if (dictionary === undefined) throw damaged(PPOCR_FILES.recognition.file);
  const hashes = Object.values(PPOCR_FILES).map(({ sha256 }) => sha256);
  return {
    detection,
    direction,
    recognition,
    alphabet: ['', ...dictionary.split(/\r?\n/), ' '],
    weightsSha256: sha256OfBytes(hashes.join('\n')),
  };
}

async function readModel(
  folder: string,
  { file, sha256 }: { readonly file: string; readonly sha256: string },
): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, file));
  } catch (cause) {
    throw new SafelightError(`the PP-OCR models are not there: ${file} cannot be read`, {
      code: 'model_missing',
      kind: 'environment',
      hint: 'Run `safelight models pull ppocr`, or set SAFELIGHT_PPOCR_DIR to the folder `models` of the Python package rapidocr-onnxruntime 1.4.4.',
      cause,
    });
  }
  if (sha256OfBytes(bytes) !== sha256) throw damaged(file);
  return bytes;
}

function damaged(file: string): SafelightError {
  return new SafelightError(`the PP-OCR models are damaged: ${file} is not the expected file`, {
    code: 'model_damaged',
    kind: 'environment',
    hint: 'Run `safelight models remove ppocr`, then `safelight models pull ppocr`.',
  });
}
