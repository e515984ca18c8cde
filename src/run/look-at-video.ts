import type { Finding, Sampling } from '../core/finding.ts';
import type { VideoAggregation, VideoSettings } from '../core/video-settings.ts';
import type { Detector, PromptContext } from '../detectors/detector.ts';
import { toFindings } from '../detectors/detector.ts';
import type { Media, VideoMedia } from '../media/media.ts';
import type { SamplingPlan } from '../media/sampling-plan.ts';
import { suspiciousPassages } from './suspicion.ts';

interface Looking {
  readonly detectors: readonly Detector[];
  readonly signal: AbortSignal;
  readonly prompt: PromptContext | undefined;
  readonly aggregation: VideoAggregation;
}

interface Looked {
  readonly findings: Finding[];
  readonly sampling: Sampling;
}

/** Lets detectors look at an opened medium in their order, each told what those before it found. */
export async function lookAt(
  media: Media,
  { detectors, signal, prompt, aggregation }: Looking,
  earlier: readonly Finding[] = [],
): Promise<Finding[]> {
  const findings = [...earlier];
  for (const detector of detectors) {
    const results = await detector.detect(media, {
      ...{ signal, prompt, aggregation },
      earlier: findings,
    });
    findings.push(...toFindings(detector.description, media.ref.sha256, results));
  }
  return findings;
}

/**
 * Looks at a video by the settings' plan. `adaptive` is coarse to fine: the detectors on this machine
 * look at evenly spaced frames; where they are suspicious, as many frames again are taken around it
 * and all detectors look at all of them. One that sends media away looks once, at what is then known
 * to be worth it.
 *
 * @param open the same video by another plan; undefined where it can no longer be opened.
 */
export async function lookAtVideo(
  video: VideoMedia,
  looking: Looking,
  settings: VideoSettings,
  open: (plan: SamplingPlan) => Promise<VideoMedia | undefined>,
): Promise<Looked> {
  const looked =
    settings.plan === 'adaptive'
      ? await lookCloser(video, looking, settings, open)
      : { findings: await lookAt(video, looking), sampling: video.sampling };
  return {
    findings: looked.findings.map((finding) => aggregate(finding, settings.aggregation)),
    sampling: describe(looked.sampling, settings),
  };
}

async function lookCloser(
  coarse: VideoMedia,
  looking: Looking,
  { frames }: VideoSettings,
  open: (plan: SamplingPlan) => Promise<VideoMedia | undefined>,
): Promise<Looked> {
  const firstRemote = looking.detectors.findIndex(
    ({ description }) => description.sendsMediaTo !== undefined,
  );
  const scouts = firstRemote < 0 ? looking.detectors : looking.detectors.slice(0, firstRemote);
  const scouted = await lookAt(coarse, { ...looking, detectors: scouts });
  const passages = suspiciousPassages(scouted, coarse.sampling);
  const closer =
    passages.length === 0
      ? undefined
      : await open({ kind: 'denser', seen: coarse.frames, passages, frames });
  if (closer === undefined || closer.frames.length === coarse.frames.length) {
    const rest = looking.detectors.slice(scouts.length);
    const findings = await lookAt(coarse, { ...looking, detectors: rest }, scouted);
    return { findings, sampling: coarse.sampling };
  }
  return { findings: await lookAt(closer, looking), sampling: closer.sampling };
}

/** Detectors give the sustained score and the peak; with the worst frame the peak is the score. */
function aggregate(finding: Finding, aggregation: VideoAggregation): Finding {
  const { result } = finding;
  if (aggregation === 'sustained' || result.kind !== 'scores') return finding;
  const scores = result.scores.map((score) => ({ ...score, score: score.peak ?? score.score }));
  return { ...finding, result: { ...result, scores } };
}

function describe(sampling: Sampling, { plan, aggregation }: VideoSettings): Sampling {
  const missableMs = aggregation === 'sustained' ? sampling.unpairedMs : sampling.unseenMs;
  return {
    ...sampling,
    ...(plan === 'adaptive' ? { plan } : {}),
    aggregation,
    ...(missableMs === undefined ? {} : { missableMs }),
  };
}
