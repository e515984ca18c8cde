import type { CostQuality, FilterSide } from '../core/audit.ts';
import type { CascadeEntry } from './audit-pipeline.ts';
import { cascadeFilter } from './combine.ts';
import { type AnswerOf, isInScope } from './decide.ts';
import type { DetectorFilter } from './filter.ts';
import type { AuditSample } from './sample.ts';

/** Widths that are tried: the doubtful band grows from nothing to everything around its middle. */
const STEPS = 20;

/** What a cascade would cost and be worth with other bands, out of the answers that are there. */
export function costQuality(
  entry: CascadeEntry,
  pair: readonly [DetectorFilter, DetectorFilter],
  side: FilterSide,
  answerOf: AnswerOf,
  samples: readonly AuditSample[],
): CostQuality {
  const middle = (entry.from + entry.to) / 2;
  const bands = Array.from({ length: STEPS + 1 }, (_, step) => ({
    from: Math.max(0, middle * (1 - step / STEPS)),
    // A score of 1 is inside of the whole band only.
    to: step === STEPS ? 1.01 : middle + (1 - middle) * (step / STEPS),
    present: false,
  }));
  const points = [...bands, { from: entry.from, to: entry.to, present: true }].map((band) => {
    const filter = cascadeFilter({ id: entry.id, ...band }, pair, side, answerOf);
    const counts = { unsafe: 0, found: 0, safe: 0, alarms: 0, second: 0, ms: 0, asked: 0 };
    let usd: number | null = 0;
    for (const sample of samples) {
      if (!isInScope(filter, sample, null)) continue;
      const effort = filter.effort(sample);
      if (effort === undefined) continue;
      counts.asked += 1;
      counts.ms += effort.ms;
      usd = usd === null || effort.costUsd === null ? null : usd + effort.costUsd;
      if (filter.asksSecond(sample)) counts.second += 1;
      const decision = filter.decide(sample, null);
      if (decision.kind === 'undecided') continue;
      counts[sample.unsafe ? 'unsafe' : 'safe'] += 1;
      if (decision.flagged) counts[sample.unsafe ? 'found' : 'alarms'] += 1;
    }
    return { band, counts, usd };
  });
  return {
    cascade: entry.id,
    points: points
      .filter(({ counts }) => counts.unsafe > 0 && counts.safe > 0)
      .map(({ band, counts, usd }) => ({
        from: band.from,
        to: Math.min(1, band.to),
        secondStageShare: counts.second / counts.asked,
        balancedAccuracy: (counts.found / counts.unsafe + 1 - counts.alarms / counts.safe) / 2,
        meanMs: counts.ms / counts.asked,
        meanUsd: usd === null ? null : usd / counts.asked,
        present: band.present,
      })),
  };
}
