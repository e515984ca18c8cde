import type { FindingResult } from '../core/finding.ts';
import type { HazardCarrier } from '../core/hazard.ts';
import { sha256Of } from '../core/ids.ts';
import type { Detector, Subject } from './detector.ts';
import { locateModelFiles, type ModelPlaces } from './onnx/model-files.ts';
import { largeModelThreads, preferredName, startPool } from './onnx/start-pool.ts';
import { floatOutput } from './onnx/tensors.ts';
import { foundText } from './service/found-text.ts';
import { loadTokenizer, TOKENIZER_FILE } from './tokenizer/load-tokenizer.ts';
import {
  joinWindows,
  readToxicLabels,
  scoreToxicLabels,
  TOXIC_BERT_CLAIMS,
  type ToxicLabels,
} from './toxic-bert/toxic-labels.ts';
import { splitIntoWindows, toBertInputs } from './toxic-bert/windows.ts';

export interface ToxicBertOptions {
  /** Name in the model store, or a folder with `model.onnx` and `tokenizer.json`. Default `toxic-bert`. */
  readonly model?: string | undefined;
  /** Copies of the model. Default: one, with all threads. */
  readonly workers?: number | undefined;
}

const MODEL_FILE = 'model.onnx';

/**
 * Judges what a text says with a BERT that was trained on the comments of Wikipedia (unitary's
 * toxic-bert, or a model with its six labels): a prompt, or the words that readers before it found.
 *
 * @throws SafelightError `model_missing` or `model_damaged`.
 */
export async function createToxicBertDetector(
  options: ToxicBertOptions,
  places: ModelPlaces,
): Promise<Detector> {
  const files = locateModelFiles(options.model ?? 'toxic-bert', places);
  const tokenizer = await loadTokenizer(files);
  const shas = [await files.sha256Of(MODEL_FILE), await files.sha256Of(TOKENIZER_FILE)];
  const model = await files.read(MODEL_FILE);
  const pool = await startPool(files.pathOf(MODEL_FILE), model, largeModelThreads(options.workers));
  const output = preferredName(pool.names.outputs, 'logits');
  const claims: readonly HazardCarrier[] = TOXIC_BERT_CLAIMS;

  async function judge(text: string, signal: AbortSignal): Promise<FindingResult> {
    const windows = splitIntoWindows(tokenizer.encode(text));
    const found = await Promise.all(
      windows.map(async (ids): Promise<ToxicLabels> => {
        const outputs = await pool.run(() => toBertInputs(ids, pool.names.inputs), signal);
        return readToxicLabels(floatOutput(outputs, output));
      }),
    );
    const labels = joinWindows(found);
    return { kind: 'scores', scores: scoreToxicLabels(labels), detail: { labels } };
  }

  async function look(
    subject: Subject,
    earlier: Parameters<typeof foundText>[0],
    signal: AbortSignal,
  ): Promise<FindingResult> {
    if (subject.kind === 'text') return judge(subject.text, signal);
    const found = foundText(earlier);
    switch (found.kind) {
      case 'text':
        return judge(found.text, signal);
      case 'nothing':
        return { kind: 'scores', scores: claims.map((claim) => ({ ...claim, score: 0 })) };
      case 'unread':
        return { kind: 'abstained', code: found.code, reason: found.reason };
    }
  }

  return {
    description: {
      id: 'toxic-bert',
      version: '1.0.0',
      weightsSha256: sha256Of(shas),
      claims: [...claims],
      reads: ['image', 'video', 'text'],
      licence: 'Apache-2.0',
      notes: [
        'obscene → profanity; toxic, severe_toxic and insult → harassment; threat → violence; identity_hate → hate.',
        'English comments of Wikipedia; of a picture the words that a reader before it found, which has to stand before it.',
      ],
      testDouble: false,
      unverified: true,
    },
    async detect(subject, { signal, earlier }) {
      signal.throwIfAborted();
      try {
        return [{ claims, result: await look(subject, earlier, signal) }];
      } catch (error) {
        signal.throwIfAborted();
        const reason = `the model failed: ${error instanceof Error ? error.message : error}`;
        return [{ claims, result: { kind: 'abstained', code: 'detector_error', reason } }];
      }
    },
    close: () => pool.close(),
  };
}
