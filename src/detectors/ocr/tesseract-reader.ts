import { availableParallelism } from 'node:os';
import { PSM } from 'tesseract.js';
import type { RgbImage } from '../../media/media.ts';
import { cleanPlane, extractPlane } from './grey-plane.ts';
import { mergeWords } from './merge-words.ts';
import { createOcrWorker } from './ocr-worker.ts';
import { createOcrWorkerPool } from './ocr-worker-pool.ts';
import type { Reading, ReadingPasses, ReadWord, TextReader } from './reader.ts';
import { findTextSign } from './text-presence.ts';
import { loadTrainedData } from './traineddata.ts';

export interface TesseractReaderOptions {
  /** Default `fast`. */
  readonly passes?: ReadingPasses | undefined;
  /** Threads, each with an engine of about 150 MB. Default: the cores, at most 2. */
  readonly workers?: number | undefined;
  /** For one pass over one picture. Default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** Page modes by measurement: one uniform block, then sparse text in any order. */
const PAGE_MODES = [PSM.SINGLE_BLOCK, PSM.SPARSE_TEXT] as const;

/**
 * Reads English text with tesseract, offline from the installed model. Workers start with the
 * first picture that shows a sign of text.
 *
 * @throws SafelightError `ocr_data_missing`.
 */
export async function createTesseractReader(
  options: TesseractReaderOptions = {},
): Promise<TextReader> {
  const data = await loadTrainedData();
  const pool = createOcrWorkerPool(options.workers ?? Math.min(2, availableParallelism()), () =>
    createOcrWorker({ dataFolder: data.folder, timeoutMs: options.timeoutMs ?? 60_000 }),
  );
  const channels = options.passes === 'thorough' ? (['luma', 'red'] as const) : (['luma'] as const);

  const read = async (image: RgbImage, signal: AbortSignal): Promise<Reading> => {
    signal.throwIfAborted();
    const luma = cleanPlane(extractPlane(image, 'luma'));
    const sign = findTextSign(luma);
    if (sign === 'none') return { sign, words: [] };
    const passes = await pool.withWorker(async (worker) => {
      const found: ReadWord[][] = [];
      for (const channel of channels) {
        const plane = channel === 'luma' ? luma : cleanPlane(extractPlane(image, channel));
        for (const mode of PAGE_MODES) {
          signal.throwIfAborted();
          found.push(await worker.recognise(plane, mode));
        }
      }
      return found;
    });
    return { sign, words: mergeWords(passes) };
  };

  return { weightsSha256: data.sha256, read, close: () => pool.close() };
}
