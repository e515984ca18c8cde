import { isPointRate } from '../core/rate.ts';
import type { EndpointSummary } from '../core/summary.ts';

/** Which of the main rates have intervals that simulation shows to be rough, and why. */
export function roughIntervals(endpoints: readonly EndpointSummary[]): string[] {
  const about = new Map<string, string[]>();
  for (const { id, harm, harmCorrected, overRefusal } of endpoints) {
    for (const [what, rate] of [
      ['harm', harm],
      ['harm, corrected', harmCorrected],
      ['over-refusal', overRefusal],
    ] as const) {
      for (const warning of rate !== undefined && isPointRate(rate) ? (rate.warnings ?? []) : []) {
        about.set(warning, [...(about.get(warning) ?? []), `${id} ${what}`]);
      }
    }
  }
  return [...about].map(([warning, rates]) => `${warning} (${rates.join(', ')})`);
}
