import { availableParallelism } from 'node:os';
import { SafelightError } from '../../core/errors.ts';
import type { RgbImage } from '../../media/media.ts';
import { createOcrWorkerPool } from '../ocr/ocr-worker-pool.ts';
import type { ReaderDescription, Reading, TextReader, TextSign } from '../ocr/reader.ts';
import { startPpocrEngine } from './ppocr-engine.ts';
import { defaultPpocrFolder, loadPpocrFiles } from './ppocr-files.ts';
import { type PictureLines, readLines } from './read-lines.ts';
import { sortLines } from './sort-lines.ts';
import { splitWords } from './split-words.ts';

export interface PpocrReaderOptions {
  /** Engines of three models each, about 200 MB. Default: the cores, at most 2. */
  readonly workers?: number | undefined;
  /** Where the model files lie. Default: {@link defaultPpocrFolder}. */
  readonly modelsFolder?: string | undefined;
}

const DESCRIPTION: ReaderDescription = {
  name: 'ppocr',
  licence: 'Apache-2.0 (PP-OCRv4, from rapidocr-onnxruntime)',
  notes: [
    'Read by PP-OCRv4: Latin letters, digits and Chinese.',
    'Measured recall of toxic text on 84 held-out drawn pictures in seven styles, of texts that the rules know: 0.95 (0.88-0.98); of 250 with harmless text or none, none was flagged (docs/accuracy.md).',
    'Missed most: small writing, and words of which one letter was misread.',
  ],
};

/** Lines that are read with less are noise. */
const LINE_CONFIDENCE_FROM = 0.5;
/** A place of which the detection is this sure is text, whether it can be read or not. */
const STRONG_PLACE_FROM = 0.7;

/**
 * Reads text with PP-OCRv4: better than tesseract at writing in scenes, turned and curved. Engines
 * start with the first picture.
 *
 * @throws SafelightError `model_missing`, `model_damaged`.
 */
export async function createPpocrReader(options: PpocrReaderOptions = {}): Promise<TextReader> {
  const files = await loadPpocrFiles(options.modelsFolder ?? defaultPpocrFolder());
  const pool = createOcrWorkerPool(options.workers ?? Math.min(2, availableParallelism()), () =>
    startPpocrEngine(files),
  );

  const read = async (image: RgbImage, signal: AbortSignal): Promise<Reading> => {
    signal.throwIfAborted();
    try {
      return toReading(await pool.withWorker((engine) => readLines(image, engine.models, signal)));
    } catch (cause) {
      if (signal.aborted || cause instanceof SafelightError) throw cause;
      const message = 'the text reader failed on a picture';
      throw new SafelightError(message, { code: 'ocr_failed', kind: 'environment', cause });
    }
  };

  return {
    description: DESCRIPTION,
    weightsSha256: files.weightsSha256,
    read,
    close: () => pool.close(),
  };
}

/** Writing that cannot be read still looks like several letters; a texture looks like one or none. */
const STRONG_LETTERS_FROM = 3;

function signOf({ places, lines }: PictureLines): TextSign {
  if (places.length === 0) return 'none';
  const isStrong = places.some(
    ({ score }, index) =>
      score >= STRONG_PLACE_FROM && (lines[index]?.characters.length ?? 0) >= STRONG_LETTERS_FROM,
  );
  return isStrong ? 'strong' : 'weak';
}

/** Lines with their words in reading order. */
export function toReading(found: PictureLines): Reading {
  const lines = found.lines.filter(({ confidence }) => confidence >= LINE_CONFIDENCE_FROM);
  return { sign: signOf(found), words: sortLines(lines).flatMap(splitWords) };
}
