import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { SafelightError } from '../../core/errors.ts';
import { sha256OfBytes } from '../../core/ids.ts';

/**
 * The integer model. Measured on 45 rendered scenes it reads as many words as the 3.7 times larger
 * `4.0.0`, in the same time, and starts twice as fast.
 */
const MODEL_FOLDER = '4.0.0_best_int';

export interface TrainedData {
  /** Folder that holds `eng.traineddata.gz`. */
  readonly folder: string;
  /** Of the unpacked model. */
  readonly sha256: string;
}

/**
 * Finds and checks the English model in the installed package, so that nothing is ever fetched.
 *
 * @param packageFolder for tests; by default where the package is installed.
 * @throws SafelightError `ocr_data_missing` where it is not there or damaged.
 */
export async function loadTrainedData(packageFolder?: string): Promise<TrainedData> {
  try {
    const root =
      packageFolder ??
      dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'));
    const folder = join(root, MODEL_FOLDER);
    const packed = await readFile(join(folder, 'eng.traineddata.gz'));
    const model = await promisify(gunzip)(packed);
    return { folder, sha256: sha256OfBytes(model) };
  } catch (cause) {
    throw new SafelightError('the English model of the text reader is missing or damaged', {
      code: 'ocr_data_missing',
      kind: 'environment',
      hint: 'Install the dependencies again: the package @tesseract.js-data/eng holds it. It is never downloaded at run time.',
      cause,
    });
  }
}
