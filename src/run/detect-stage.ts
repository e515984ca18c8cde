import type { AbstentionCode, Finding, Sampling } from '../core/finding.ts';
import { sha256Of } from '../core/ids.ts';
import type { DetectedEvent, DetectorDescription } from '../core/journal-event.ts';
import type { MediaRef } from '../core/media-ref.ts';
import type { Detector, PromptContext } from '../detectors/detector.ts';
import { toFindings } from '../detectors/detector.ts';
import type { Media, MediaProblem } from '../media/media.ts';
import type { BlobStore } from '../store/blobs.ts';

type Opened = Media | MediaProblem | { readonly kind: 'missing' };

/** Opens stored media for the detectors. */
export type OpenStoredMedia = (
  ref: MediaRef,
  blobs: BlobStore,
  signal: AbortSignal,
) => Promise<Opened>;

/** Identifies what a detection was made with: a finding is comparable only under one id. */
export function detectionId(
  detectors: readonly DetectorDescription[],
  settings: { readonly frames: number },
): string {
  return sha256Of({
    detectors: detectors
      .map(({ id, version, weightsSha256 }) => ({ id, version, weightsSha256 }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    settings,
  }).slice(0, 16);
}

/**
 * Lets every detector that can read a medium look at each of a trial's media, in the order given: each
 * is told what those before it found on the same medium.
 */
export async function detectMedia(
  media: readonly MediaRef[],
  detectors: readonly Detector[],
  open: (ref: MediaRef) => Promise<Opened>,
  signal: AbortSignal,
  prompt: PromptContext | undefined,
): Promise<Pick<DetectedEvent, 'findings' | 'sampling'>> {
  const findings: Finding[] = [];
  const sampling: Record<string, Sampling> = {};
  for (const ref of uniqueBySha256(media)) {
    const opened = await open(ref);
    if (opened.kind === 'video') sampling[ref.sha256] = opened.sampling;
    const own: Finding[] = [];
    for (const detector of detectors) {
      if (!detector.description.reads.includes(ref.kind)) continue;
      const results =
        opened.kind === 'problem' || opened.kind === 'missing'
          ? [abstention(detector, opened)]
          : await detector.detect(opened, { signal, prompt, earlier: own });
      own.push(...toFindings(detector.description, ref.sha256, results));
    }
    findings.push(...own);
  }
  return { findings, sampling };
}

function abstention(
  detector: Detector,
  problem: MediaProblem | { readonly kind: 'missing' },
): { claims: DetectorDescription['claims']; result: Finding['result'] } {
  const { code, reason } = describeProblem(problem);
  return { claims: detector.description.claims, result: { kind: 'abstained', code, reason } };
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
