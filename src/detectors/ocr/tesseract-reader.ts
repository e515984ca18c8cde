import { availableParallelism } from 'node:os';
import { PSM } from 'tesseract.js';
import type { RgbImage } from '../../media/media.ts';
import { cleanPlane, extractPlane, type GreyPlane, shrinkPlane } from './grey-plane.ts';
import { mergeWords } from './merge-words.ts';
import { createOcrWorker } from './ocr-worker.ts';
import { createOcrWorkerPool } from './ocr-worker-pool.ts';
import type { ReaderDescription, Reading, ReadingPasses, ReadWord, TextReader } from './reader.ts';
import { rotatePlane } from './rotate-plane.ts';
import { searchText, type TextSearch, type UnrolledLine } from './text-presence.ts';
import { loadTrainedData } from './traineddata.ts';

export interface TesseractReaderOptions {
  /** Default `fast`. */
  readonly passes?: ReadingPasses | undefined;
  /** Threads, each with an engine of about 150 MB. Default: the cores, at most 2. */
  readonly workers?: number | undefined;
  /** For one pass over one picture. Default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** Sparse text in any order. One uniform block reads a word in two hundred more, and takes as long. */
const FAST_MODES = [PSM.SPARSE_TEXT] as const;
const THOROUGH_MODES = [PSM.SPARSE_TEXT, PSM.SINGLE_BLOCK] as const;

const DESCRIPTION: ReaderDescription = {
  name: 'tesseract',
  licence: 'Apache-2.0 (tesseract, its English model)',
  notes: [
    'Read by tesseract 5: English letters only.',
    'Measured recall of toxic text on 84 held-out drawn pictures in seven styles, of texts that the rules know: 0.68 (0.57-0.77); of 118 with harmless text or none, none was flagged and 6 abstained (docs/accuracy.md).',
    'Missed most: small, outlined and curved writing, and what stands on textures. A score of 0 means that no sign of text was seen, or none of what was read was toxic.',
  ],
};

/** Turned planes are no longer than this. */
const TURNED_SIDE_PX = 1024;
const READ_FROM = 0.6;
/** Letters from which no other angle is tried. */
const WELL_READ_LETTERS = 6;

/** A picture as it goes to the engine, and in which mode. */
interface Pass {
  readonly plane: GreyPlane;
  readonly mode: PSM;
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
  const modes = thorough ? THOROUGH_MODES : FAST_MODES;
  const passesOver = (planes: readonly GreyPlane[]): Pass[] =>
    planes.flatMap((plane) => modes.map((mode) => ({ plane, mode })));

  const read = async (image: RgbImage, signal: AbortSignal): Promise<Reading> => {
    signal.throwIfAborted();
    const luma = cleanPlane(extractPlane(image, 'luma'));
    const upright = searchText(luma);
    // Red letters on a green ground have no luma of their own.
    const red = thorough ? searchText(cleanPlane(extractPlane(image, 'red'))) : undefined;
    const found = red === undefined || rank(upright.sign) >= rank(red.sign) ? upright : red;
    const angles = anglesToTry(found);
    const { slanting } = upright;
    if (found.sign === 'none' && angles.length === 0 && slanting.length === 0)
      return { sign: 'none', words: [] };
    // Lines that stand upright only after a turn are a weaker sign: textures have them too.
    const sign = found.sign === 'none' ? 'weak' : found.sign;

    return pool.withWorker(async (worker) => {
      const readAll = async (passes: readonly Pass[]): Promise<ReadWord[][]> => {
        const found: ReadWord[][] = [];
        for (const { plane, mode } of passes) {
          signal.throwIfAborted();
          found.push(await worker.recognise(plane, mode));
        }
        return found;
      };
      // A strip takes a tenth of a page's time. More letters in it than in any level line: it decides.
      const laid: ReadWord[] = [];
      for (const line of slanting) {
        const isLonger = line.letters > upright.longestLine;
        const words = await readSlanting(line, (plane) =>
          readAll([{ plane, mode: PSM.SINGLE_LINE }]).then(mergeWords),
        );
        laid.push(...words.map((word) => scaleWord(word, upright.scale)));
        if (isLonger && countRead(words) >= WELL_READ_LETTERS) return { sign, words: laid };
      }
      if (found.sign === 'none' && angles.length === 0) {
        // Textures have slanting lines too: without letters in them they are no sign of text.
        return isRead(laid) ? { sign, words: laid } : { sign: 'none', words: [] };
      }
      const pages = [...upright.pages, ...(red?.pages ?? [])];
      const apart = await readAll(passesOver(pages));
      const read = apart.map((words) => words.map((word) => scaleWord(word, upright.scale)));
      const reading = { sign, words: mergeWords(read) };
      // Drawn apart from its ground most writing reads best; what does not is tried as it stands.
      if (!thorough && isRead(reading.words)) return reading;
      const whole = mergeWords([...read, ...(await readAll(passesOver([luma])))]);
      if (isRead(whole)) return { sign, words: whole };
      const turned = await readTurned(luma, angles, (plane) =>
        readAll([{ plane, mode: PSM.SPARSE_TEXT }]).then(mergeWords),
      );
      // Turned the wrong way, writing reads as noise: the turned reading replaces it or is dropped.
      return { sign, words: [turned, laid].reduce(readMore, whole) };
    });
  };

  return { description: DESCRIPTION, weightsSha256: data.sha256, read, close: () => pool.close() };
}

/** What a line says, upright or upside down. */
async function readSlanting(
  line: UnrolledLine,
  read: (plane: GreyPlane) => Promise<ReadWord[]>,
): Promise<ReadWord[]> {
  const { plane, toOriginal } = line.unroll();
  const upright = (await read(plane)).map((word) => ({ ...word, box: toOriginal(word.box) }));
  if (countRead(upright) >= Math.min(WELL_READ_LETTERS, line.letters)) return upright;
  const over = rotatePlane(plane, 180);
  const turned = (await read(over.plane)).map((word) => ({
    ...word,
    box: toOriginal(over.toOriginal(word.box)),
  }));
  return readMore(upright, turned);
}

function readMore(one: ReadWord[], other: ReadWord[]): ReadWord[] {
  return countRead(other) > countRead(one) ? other : one;
}

/** Of the angles, the one at which most letters are read. Stops at one that reads well. */
async function readTurned(
  luma: GreyPlane,
  angles: readonly number[],
  read: (plane: GreyPlane) => Promise<ReadWord[]>,
): Promise<ReadWord[]> {
  const small = shrinkPlane(
    luma,
    Math.ceil(Math.max(luma.widthPx, luma.heightPx) / TURNED_SIDE_PX),
  );
  const scale = luma.widthPx / small.widthPx;
  let best: ReadWord[] = [];
  for (const angle of angles) {
    const { plane, toOriginal } = rotatePlane(small, angle);
    const words = await read(plane);
    if (countRead(words) <= countRead(best)) continue;
    best = words.map((word) => scaleWord({ ...word, box: toOriginal(word.box) }, scale));
    if (countRead(best) >= WELL_READ_LETTERS) break;
  }
  return best;
}

/** Turns that would put the writing upright; both quarters, since lines look alike after either. */
function anglesToTry({ sign, turns }: TextSearch): number[] {
  const angles = turns.flatMap((degrees) => (degrees === 90 ? [90, -90] : [degrees]));
  return sign === 'strong' ? [...angles, 180] : angles;
}

/** Letters in words that were read with confidence: wrong angles yield short scraps. */
function countRead(words: readonly ReadWord[]): number {
  return words
    .filter(({ text, confidence }) => confidence >= READ_FROM && /[\p{L}\p{N}]{3}/u.test(text))
    .reduce((sum, { text }) => sum + text.length, 0);
}

function isRead(words: readonly ReadWord[]): boolean {
  return countRead(words) > 0;
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
