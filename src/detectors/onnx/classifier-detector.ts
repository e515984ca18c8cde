import { availableParallelism } from 'node:os';
import type { Frame, RgbImage, VideoMedia } from '../../media/media.ts';
import type {
  DetectionContext,
  Detector,
  DetectorDescription,
  DetectorResult,
} from '../detector.ts';
import { aggregateFrameScores } from '../video-scores.ts';
import type { ClassifierDeclaration } from './classifier-declaration.ts';
import { type LabelProbabilities, readLabels, scoreLabels } from './classifier-output.ts';
import { bundledModelsFolder, damaged, loadModel, type StoredModel } from './model-store.ts';
import { createOnnxPool, type OnnxPool } from './onnx-pool.ts';
import { preprocess, sampleShape } from './preprocess.ts';

export interface ClassifierOptions {
  /** Worker threads. Default: half of the processors, at most 4. */
  readonly workers?: number | undefined;
  /** Where the model lies; ends in a slash. Default: the build's `models/`. */
  readonly modelsFolder?: URL | undefined;
}

/**
 * A detector from a declaration and a model file.
 *
 * @throws SafelightError `model_missing` or `model_damaged`, see {@link loadModel}.
 */
export async function createClassifierDetector(
  declaration: ClassifierDeclaration,
  options: ClassifierOptions = {},
): Promise<Detector> {
  const { modelName } = declaration;
  const model = await loadModel(modelName, options.modelsFolder ?? bundledModelsFolder());
  if (model.card.labels.join() !== declaration.labels.join()) {
    throw damaged(modelName, 'its labels are not the declared ones');
  }
  const pool = await startPool(declaration, model, options);
  const claims = declaration.scores.map(({ hazard, carrier }) => ({ hazard, carrier }));
  let closed = false;

  async function classify(image: RgbImage, signal: AbortSignal): Promise<LabelProbabilities> {
    const output = await pool.run(() => preprocess(image, declaration.input), signal);
    return readLabels(output, declaration);
  }

  async function look(
    subject: Parameters<Detector['detect']>[0],
    signal: AbortSignal,
  ): Promise<DetectorResult['result']> {
    switch (subject.kind) {
      case 'image': {
        const labels = await classify(subject.image, signal);
        return { kind: 'scores', scores: scoreLabels(labels, declaration), detail: { labels } };
      }
      case 'video':
        return scoreVideo(subject, declaration, (frame) => classify(frame, signal));
      case 'text':
        return { kind: 'abstained', code: 'unsupported_media', reason: 'not a picture or a video' };
    }
  }

  return {
    description: describe(declaration, model),
    async detect(subject, context: DetectionContext): Promise<readonly DetectorResult[]> {
      if (closed) throw new Error(`the detector ${declaration.id} is closed`);
      try {
        return [{ claims, result: await look(subject, context.signal) }];
      } catch (error) {
        if (closed || context.signal.aborted) throw error;
        const reason = `the classifier failed: ${error instanceof Error ? error.message : error}`;
        return [{ claims, result: { kind: 'abstained', code: 'detector_error', reason } }];
      }
    },
    async close() {
      closed = true;
      await pool.close();
    },
  };
}

async function scoreVideo(
  video: VideoMedia,
  declaration: ClassifierDeclaration,
  classify: (frame: Frame) => Promise<LabelProbabilities>,
): Promise<DetectorResult['result']> {
  const frames = await Promise.all(
    video.frames.map(async (frame) => {
      const labels = await classify(frame);
      return { timeMs: frame.timeMs, labels, scores: scoreLabels(labels, declaration) };
    }),
  );
  const { scores, timeline, worstFrame } = aggregateFrameScores(frames);
  return {
    kind: 'scores',
    scores,
    detail: { labels: { ...frames[worstFrame]?.labels }, timeline: [...timeline] },
  };
}

async function startPool(
  declaration: ClassifierDeclaration,
  model: StoredModel,
  options: ClassifierOptions,
): Promise<OnnxPool> {
  try {
    return await createOnnxPool({
      model: model.bytes,
      sampleShape: sampleShape(declaration.input),
      workers: options.workers ?? Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))),
      threadsPerWorker: 1,
      // Measured: on a CPU larger batches are no faster, and a batch of one gives a picture the
      // same score whatever else is being looked at.
      maxBatch: 1,
    });
  } catch (cause) {
    throw damaged(declaration.modelName, 'the runtime cannot load it', cause);
  }
}

function describe(declaration: ClassifierDeclaration, { card }: StoredModel): DetectorDescription {
  const { package: name, version, model } = card.source;
  return {
    id: declaration.id,
    version: declaration.version,
    weightsSha256: card.sha256,
    claims: declaration.scores.map(({ hazard, carrier }) => ({ hazard, carrier })),
    reads: ['image', 'video'],
    licence: card.licence,
    notes: [`Weights: ${name} ${version}, ${model}, run in ONNX.`, ...declaration.notes],
    testDouble: false,
  };
}
