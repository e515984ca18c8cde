import type { FindingDetail, FindingResult, HazardScore } from '../../core/finding.ts';
import type { RgbImage, VideoMedia } from '../../media/media.ts';
import type { Detector, DetectorDescription } from '../detector.ts';
import { aggregateFrameScores } from '../video-scores.ts';

/** What a model says of one picture or frame. */
export interface PictureLook {
  /** The same pairs for every picture. */
  readonly scores: readonly HazardScore[];
  readonly labels?: Readonly<Record<string, number>>;
  readonly boxes?: NonNullable<FindingDetail['boxes']>;
}

export interface PictureModel {
  readonly description: DetectorDescription;
  look(image: RgbImage, signal: AbortSignal): Promise<PictureLook>;
  /** Frees the model. Idempotent. */
  close(): Promise<void>;
}

/**
 * A detector from a model that looks at single pictures: a video's frames are looked at one by one
 * and put together. What the model throws is an abstention.
 */
export function createPictureDetector(model: PictureModel): Detector {
  const { description } = model;
  const { claims } = description;
  let closed = false;

  return {
    description,
    async detect(subject, { signal }) {
      if (closed) throw new Error(`the detector ${description.id} is closed`);
      try {
        const result: FindingResult =
          subject.kind === 'text'
            ? { kind: 'abstained', code: 'unsupported_media', reason: 'not a picture or a video' }
            : subject.kind === 'video'
              ? await lookAtVideo(subject, (frame) => model.look(frame, signal))
              : ofPicture(await model.look(subject.image, signal));
        return [{ claims, result }];
      } catch (error) {
        if (closed || signal.aborted) throw error;
        const reason = `the classifier failed: ${error instanceof Error ? error.message : error}`;
        return [{ claims, result: { kind: 'abstained', code: 'detector_error', reason } }];
      }
    },
    async close() {
      closed = true;
      await model.close();
    },
  };
}

function ofPicture({ scores, labels, boxes }: PictureLook): FindingResult {
  return { kind: 'scores', scores: [...scores], detail: toDetail(labels, boxes) };
}

async function lookAtVideo(
  video: VideoMedia,
  look: (frame: RgbImage) => Promise<PictureLook>,
): Promise<FindingResult> {
  const frames = await Promise.all(
    video.frames.map(async (frame) => ({ timeMs: frame.timeMs, ...(await look(frame)) })),
  );
  const { scores, timeline, moments, worstFrame } = aggregateFrameScores(frames);
  const hasBoxes = frames.some(({ boxes }) => boxes !== undefined);
  const boxes = frames.flatMap((frame) =>
    (frame.boxes ?? []).map((box) => ({ ...box, timeMs: frame.timeMs })),
  );
  const detail = toDetail(frames[worstFrame]?.labels, hasBoxes ? boxes : undefined);
  return { kind: 'scores', scores, detail: { ...detail, timeline, moments } };
}

function toDetail(labels: PictureLook['labels'], boxes: PictureLook['boxes']): FindingDetail {
  return {
    ...(labels === undefined ? {} : { labels: { ...labels } }),
    ...(boxes === undefined ? {} : { boxes: [...boxes] }),
  };
}
