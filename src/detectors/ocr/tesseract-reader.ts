import { availableParallelism } from 'node:os';
import { PSM } from 'tesseract.js';
import type { RgbImage } from '../../media/media.ts';
import { cleanPlane, extractPlane, type GreyPlane } from './grey-plane.ts';
import { mergeWords } from './merge-words.ts';
import { createOcrWorker } from './ocr-worker.ts';
import { createOcrWorkerPool } from './ocr-worker-pool.ts';
import { isUnreadable } from './read-text.ts';
import type { ReaderDescription, Reading, ReadingPasses, ReadWord, TextReader } from './reader.ts';
import { searchText } from './text-presence.ts';
import { loadTrainedData } from './traineddata.ts';

export interface TesseractReaderOptions {
  /** Default `fast`. */
  readonly passes?: ReadingPasses | undefined;
  /** Threads, each with an engine of about 150 MB. Default: the cores, at most 2. */
  readonly workers?: number | undefined;
  /** For one pass over one picture. Default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** Page modes by measurement: sparse text in any order, then one uniform block. */
const PAGE_MODES = [PSM.SPARSE_TEXT, PSM.SINGLE_BLOCK] as const;

const DESCRIPTION: ReaderDescription = {
  name: 'tesseract',
  licence: 'Apache-2.0 (tesseract, its English model)',
  notes: ['Read by tesseract 5: English only.'],
};

/** A picture as it goes to the engine, and in which mode. */
interface Pass {
  readonly plane: GreyPlane;
  readonly mode: PSM;
}

function passesOver(planes: readonly GreyPlane[]): Pass[] {
  return planes.flatMap((plane) => PAGE_MODES.map((mode) => ({ plane, mode })));
}

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
  const thorough = options.passes === 'thorough';

  const read = async (image: RgbImage, signal: AbortSignal): Promise<Reading> => {
    signal.throwIfAborted();
    const luma = cleanPlane(extractPlane(image, 'luma'));
    const { sign, pages, scale } = searchText(luma);
    // Red letters on a green ground have no luma of their own.
    const red = thorough ? searchText(cleanPlane(extractPlane(image, 'red'))) : undefined;
    const strongest = red === undefined || rank(sign) >= rank(red.sign) ? sign : red.sign;
    if (strongest === 'none') return { sign: 'none', words: [] };

    return pool.withWorker(async (worker) => {
      const readAll = async (passes: readonly Pass[]): Promise<ReadWord[][]> => {
        const found: ReadWord[][] = [];
        for (const { plane, mode } of passes) {
          signal.throwIfAborted();
          found.push(await worker.recognise(plane, mode));
        }
        return found;
      };
      const apart = await readAll(passesOver([...pages, ...(red?.pages ?? [])]));
      const found = apart.map((words) => words.map((word) => scaleWord(word, scale)));
      const reading = { sign: strongest, words: mergeWords(found) };
      // Drawn apart from its ground most writing reads best; what does not is tried as it stands.
      if (!thorough && !isUnreadable(reading)) return reading;
      return {
        sign: strongest,
        words: mergeWords([...found, ...(await readAll(passesOver([luma])))]),
      };
    });
  };

  return { description: DESCRIPTION, weightsSha256: data.sha256, read, close: () => pool.close() };
}

const SIGNS = ['none', 'weak', 'strong'] as const;

function rank(sign: Reading['sign']): number {
  return SIGNS.indexOf(sign);
}

function scaleWord(word: ReadWord, scale: number): ReadWord {
  const { leftPx, topPx, widthPx, heightPx } = word.box;
  return {
    ...word,
    box: {
      leftPx: leftPx * scale,
      topPx: topPx * scale,
      widthPx: widthPx * scale,
      heightPx: heightPx * scale,
    },
  };
}
