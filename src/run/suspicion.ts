import type { Finding, Sampling } from '../core/finding.ts';
import { SUSPICION_LEVEL } from '../core/video-settings.ts';
import type { Passage } from '../media/sampling-plan.ts';

/**
 * Where a video should be looked at more closely: from the sampled frame before each suspicious one to
 * the one after it. Overlapping passages are joined. Pure.
 */
export function suspiciousPassages(
  findings: readonly Finding[],
  { frameTimesMs, durationMs }: Sampling,
): Passage[] {
  const suspicious = new Set(
    findings.flatMap(({ result }) => {
      if (result.kind !== 'scores') return [];
      const { timeline = [], moments = [] } = result.detail ?? {};
      return [
        ...timeline.filter(({ score }) => score >= SUSPICION_LEVEL).map(({ timeMs }) => timeMs),
        // The timeline is that of one hazard; others have their moments.
        ...moments.flatMap(({ onsetMs, peakMs }) => [onsetMs, peakMs]),
      ];
    }),
  );
  const passages: { fromMs: number; toMs: number }[] = [];
  frameTimesMs.forEach((timeMs, index) => {
    if (!suspicious.has(timeMs)) return;
    const fromMs = frameTimesMs[index - 1] ?? 0;
    const toMs = frameTimesMs[index + 1] ?? durationMs;
    const before = passages.at(-1);
    if (before !== undefined && fromMs <= before.toMs) before.toMs = toMs;
    else passages.push({ fromMs, toMs });
  });
  return passages;
}
