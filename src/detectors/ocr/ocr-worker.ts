import { Worker as ThreadWorker } from 'node:worker_threads';
import { createWorker, OEM, type Page, type PSM, type Worker } from 'tesseract.js';
import { SafelightError } from '../../core/errors.ts';
import type { GreyPlane } from './grey-plane.ts';
import { encodePgm } from './grey-plane.ts';
import type { ReadWord } from './reader.ts';

/** One tesseract engine in a thread of its own. One job at a time. */
export interface OcrWorker {
  /** Resolves to words in the engine's order. @throws SafelightError `ocr_failed`, `ocr_timeout`. */
  recognise(plane: GreyPlane, mode: PSM): Promise<ReadWord[]>;
  /** False after a crash or a deadline: the worker is then to be thrown away. */
  isUsable(): boolean;
  close(): Promise<void>;
}

export interface OcrWorkerOptions {
  /** Folder of `eng.traineddata.gz`. */
  readonly dataFolder: string;
  /** For one pass over one picture. */
  readonly timeoutMs: number;
}

function ocrError(code: 'ocr_failed' | 'ocr_timeout', cause?: unknown): SafelightError {
  const message =
    code === 'ocr_timeout'
      ? 'the text reader did not finish in time'
      : 'the text reader failed on a picture';
  return new SafelightError(message, { code, kind: 'environment', cause });
}

function toWords(page: Page): ReadWord[] {
  const words: ReadWord[] = [];
  for (const block of page.blocks ?? []) {
    for (const paragraph of block.paragraphs) {
      for (const line of paragraph.lines) {
        for (const { text, confidence, bbox } of line.words) {
          words.push({
            text,
            confidence: Math.min(1, Math.max(0, confidence / 100)),
            box: {
              leftPx: bbox.x0,
              topPx: bbox.y0,
              widthPx: bbox.x1 - bbox.x0,
              heightPx: bbox.y1 - bbox.y0,
            },
          });
        }
      }
    }
  }
  return words;
}

/**
 * The engine's start never settles when its data is bad; only its error handler hears of it. The
 * handler is needed in any case: without one the library throws where nobody can catch.
 */
function startEngine(dataFolder: string, onError: (reason: unknown) => void): Promise<Worker> {
  return new Promise((resolve, reject) => {
    createWorker('eng', OEM.LSTM_ONLY, {
      langPath: dataFolder,
      // The default would read and write `eng.traineddata` in the working directory.
      cacheMethod: 'none',
      gzip: true,
      errorHandler: (reason: unknown) => {
        onError(reason);
        reject(ocrError('ocr_failed', reason));
      },
    }).then(resolve, reject);
  });
}

/** Starts an engine. Takes about 0.3 s. */
export async function createOcrWorker(options: OcrWorkerOptions): Promise<OcrWorker> {
  let usable = true;
  let failJob: ((error: SafelightError) => void) | undefined;
  const engine = await startEngine(options.dataFolder, (reason) => {
    failJob?.(ocrError('ocr_failed', reason));
  });
  const thread = 'worker' in engine && engine.worker instanceof ThreadWorker ? engine.worker : null;
  const onDeath = (reason: unknown): void => {
    usable = false;
    failJob?.(ocrError('ocr_failed', reason));
  };
  thread?.on('error', onDeath);
  thread?.on('exit', onDeath);
  // The engine's image library complains on stderr about boxes that it clips; nobody can act on it.
  thread?.stderr.unpipe(process.stderr).resume();

  await engine.setParameters({
    // The engine remembers words from picture to picture and would read by what it saw before.
    tessedit_enable_doc_dict: '0',
    classify_enable_learning: '0',
    user_defined_dpi: '96',
    debug_file: '/dev/null',
  });

  const close = async (): Promise<void> => {
    usable = false;
    if (thread === null) await engine.terminate();
    else await thread.terminate();
  };

  return {
    isUsable: () => usable,
    close,
    recognise: (plane, mode) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(timer);
          failJob = undefined;
          finish();
        };
        const timer = setTimeout(() => {
          settle(() => reject(ocrError('ocr_timeout')));
          // A job cannot be called off: its thread has to end.
          void close();
        }, options.timeoutMs);
        failJob = (error) => settle(() => reject(error));
        engine
          .setParameters({ tessedit_pageseg_mode: mode })
          .then(() => engine.recognize(encodePgm(plane), {}, { text: false, blocks: true }))
          .then(
            ({ data }) => settle(() => resolve(toWords(data))),
            (reason: unknown) => settle(() => reject(ocrError('ocr_failed', reason))),
          );
      }),
  };
}
