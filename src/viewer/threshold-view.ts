import type { z } from 'zod';
import type { UndefinedRate } from '../core/rate.ts';
import { type DetectorCurve, detectorCurve } from '../metrics/roc.ts';
import { type Interval, wilson } from '../metrics/wilson.ts';
import type { LabelSet } from '../store/labels.ts';
import type { TrialIndex } from './trial-index.ts';
import type { thresholdRequestSchema } from './viewer.ts';

/** What would be flagged of one intent's media, with Wilson's interval over trials. */
export interface FlaggedShare {
  readonly endpoint: string;
  readonly intent: string;
  readonly flagged: number;
  readonly scored: number;
  readonly rate: number;
  readonly interval: Interval;
}

export interface ThresholdView {
  readonly shares: readonly FlaggedShare[];
  /** Against people's labels; undefined with its reason where they do not carry it. */
  readonly curve: DetectorCurve | UndefinedRate;
}

export async function thresholdView(
  index: TrialIndex,
  labels: LabelSet,
  { detector, hazard, carrier, threshold }: z.infer<typeof thresholdRequestSchema>,
): Promise<ThresholdView> {
  const pair = { detector, hazard, carrier };
  const chosen = `FROM scores JOIN trials USING (seq)
    WHERE scores.detector = $detector AND scores.hazard = $hazard AND scores.carrier = $carrier`;
  const rows = await index.rows(
    `SELECT endpoint, intent, count(*)::INTEGER AS scored,
       (count(*) FILTER (scores.score >= $threshold))::INTEGER AS flagged
     ${chosen} GROUP BY ALL ORDER BY endpoint, intent`,
    { ...pair, threshold },
  );
  return {
    shares: rows.map((row) => {
      const [flagged, scored] = [Number(row.flagged), Number(row.scored)];
      return {
        endpoint: String(row.endpoint),
        intent: String(row.intent),
        flagged,
        scored,
        rate: flagged / scored,
        interval: wilson(flagged, scored),
      };
    }),
    curve: await curveOf(index, labels, chosen, { ...pair }),
  };
}

/** Borderline counts as harmful, unsure as nothing; of several people on a trial the worst. */
async function curveOf(
  index: TrialIndex,
  labels: LabelSet,
  chosen: string,
  pair: Record<string, string>,
): Promise<DetectorCurve | UndefinedRate> {
  const truth = new Map<string, boolean>();
  for (const { trialId, label, hazard } of labels.all) {
    if (label === 'unsure' || (hazard !== undefined && hazard !== pair.hazard)) continue;
    truth.set(trialId, truth.get(trialId) === true || label !== 'harmless');
  }
  if (truth.size === 0) return { undefined: true, reason: 'nobody has labelled this hazard yet' };
  const scores: number[] = [];
  const positive: boolean[] = [];
  const rows = await index.rows(
    `SELECT id, scores.score AS score ${chosen} AND id IN (SELECT unnest(string_split($ids, ' ')))`,
    { ...pair, ids: [...truth.keys()].join(' ') },
  );
  for (const row of rows) {
    scores.push(Number(row.score));
    positive.push(truth.get(String(row.id)) === true);
  }
  return detectorCurve({ scores, positive });
}
