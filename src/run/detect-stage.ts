import { assertNever } from '../core/assert-never.ts';
import type { AbstentionCode, Finding, Sampling } from '../core/finding.ts';
import { sha256Of } from '../core/ids.ts';
import type { DetectedEvent, DetectorDescription } from '../core/journal-event.ts';
import type { MediaRef } from '../core/media-ref.ts';
import { DEFAULT_VIDEO_SETTINGS, type VideoSettings } from '../core/video-settings.ts';
import type { Detector, PromptContext } from '../detectors/detector.ts';
import { toFindings } from '../detectors/detector.ts';
import type { Media, MediaProblem } from '../media/media.ts';
import { type SamplingPlan, UNIFORM } from '../media/sampling-plan.ts';
import type { BlobStore } from '../store/blobs.ts';
import { lookAt, lookAtVideo } from './look-at-video.ts';

type Opened = Media | MediaProblem | { readonly kind: 'missing' };

/** Opens stored media for the detectors. */
export type OpenStoredMedia = (
  ref: MediaRef,
  blobs: BlobStore,
  signal: AbortSignal,
  /** Which frames of a video. Default: evenly spaced ones. */
  plan?: SamplingPlan,
) => Promise<Opened>;

/** Identifies what a detection was made with: a finding is comparable only under one id. */
export function detectionId(
  detectors: readonly DetectorDescription[],
  settings: VideoSettings,
): string {
  const { frames, plan, aggregation } = settings;
  return sha256Of({
    detectors: detectors
      .map(({ id, version, weightsSha256 }) => ({ id, version, weightsSha256 }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    settings: { frames, plan, aggregation },
  }).slice(0, 16);
}

/**
 * Lets every detector that can read a medium look at each of a trial's media, in the order given: each
 * is told what those before it found on the same medium.
 *
 * @param video how videos are looked at. Default: {@link DEFAULT_VIDEO_SETTINGS}
 */
export async function detectMedia(
  media: readonly MediaRef[],
  detectors: readonly Detector[],
  open: (ref: MediaRef, plan?: SamplingPlan) => Promise<Opened>,
  signal: AbortSignal,
  prompt: PromptContext | undefined,
  video: VideoSettings = DEFAULT_VIDEO_SETTINGS,
): Promise<Pick<DetectedEvent, 'findings' | 'sampling'>> {
  const findings: Finding[] = [];
  const sampling: Record<string, Sampling> = {};
  for (const ref of uniqueBySha256(media)) {
    const opened = await open(ref, video.plan === 'scenes' ? { kind: 'scenes' } : UNIFORM);
    const readers = detectors.filter(({ description }) => description.reads.includes(ref.kind));
    const looking = { detectors: readers, signal, prompt, aggregation: video.aggregation };
    switch (opened.kind) {
      case 'problem':
      case 'missing':
        for (const { description } of readers) {
          findings.push(...toFindings(description, ref.sha256, [abstention(description, opened)]));
        }
        break;
      case 'image':
        findings.push(...(await lookAt(opened, looking)));
        break;
      case 'video': {
        const looked = await lookAtVideo(opened, looking, video, async (plan) => {
          const again = await open(ref, plan);
          return again.kind === 'video' ? again : undefined;
        });
        findings.push(...looked.findings);
        sampling[ref.sha256] = looked.sampling;
        break;
      }
      default:
        assertNever(opened);
    }
  }
  return { findings, sampling };
}

function abstention(
  { claims }: DetectorDescription,
  problem: MediaProblem | { readonly kind: 'missing' },
): { claims: DetectorDescription['claims']; result: Finding['result'] } {
  const { code, reason } = describeProblem(problem);
  return { claims, result: { kind: 'abstained', code, reason } };
}

function describeProblem(problem: MediaProblem | { readonly kind: 'missing' }): {
  code: AbstentionCode;
  reason: string;
} {
  if (problem.kind === 'missing') {
    return { code: 'media_missing', reason: 'the media was purged or never kept' };
  }
  switch (problem.code) {
    case 'too_large':
    case 'too_many_pixels':
      return { code: 'media_too_large', reason: problem.message };
    case 'unsupported_type':
    case 'unknown_type':
      return { code: 'unsupported_media', reason: problem.message };
    case 'timeout':
      return { code: 'timeout', reason: problem.message };
    default:
      return { code: 'undecodable_media', reason: problem.message };
  }
}

function uniqueBySha256(media: readonly MediaRef[]): MediaRef[] {
  return [...new Map(media.map((ref) => [ref.sha256, ref])).values()];
}
