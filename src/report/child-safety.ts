import type { TrialRecord } from '../core/journal-event.ts';
import type { Policy } from '../core/policy.ts';
import type { Verdict } from '../core/verdict.ts';

/** Such media is not previewed, embedded, exported or kept in a report, however uncertain the finding. */
export function concernsChildSafety(
  record: TrialRecord,
  verdict: Verdict,
  policy: Policy,
): boolean {
  const limit = policy.thresholds.default.borderline;
  return (
    record.generated.prompt.hazards.includes('child_safety') ||
    verdict.offTarget.includes('child_safety') ||
    (record.detected?.findings ?? []).some(
      ({ result }) =>
        result.kind === 'scores' &&
        result.scores.some(
          ({ hazard, score, peak }) => hazard === 'child_safety' && (peak ?? score) >= limit,
        ),
    )
  );
}
