import type { Estimate, Rate } from '../core/rate.ts';

/** A rate for people: the value, its interval and what it was counted from. */
export interface FormattedRate {
  readonly kind: 'point' | 'bounded' | 'undefined';
  /** `12.3 %`, `10.0–34.0 %` where only bounds are known, or `not defined`. */
  readonly value: string;
  /** `8.1–18.0 %`; the reason where the rate is not defined. */
  readonly interval: string;
  /** `12 / 98`, or empty. */
  readonly counts: string;
  /** One line: `12.3 % (95 % interval 8.1–18.0 %, 12 / 98)`. */
  readonly sentence: string;
}

/**
 * One decimal; what is not zero never reads as zero, what is not all never as all. The space before
 * the sign does not break.
 */
export function formatPercent(share: number): string {
  return `${percentDigits(share)}\u00A0%`;
}

function percentDigits(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return '<0.1';
  if (percent < 100 && percent >= 99.95) return '>99.9';
  const digits = percent.toFixed(1);
  return digits === '100.0' ? '100' : digits === '0.0' || digits === '-0.0' ? '0' : digits;
}

/** A limit as somebody set it, without decimals that nobody wrote: `10 %`, `2.5 %`. */
export function formatLimit(share: number): string {
  return `${Number((share * 100).toPrecision(6))}\u00A0%`;
}

export function formatPercentRange(low: number, high: number): string {
  return `${percentDigits(low)}–${percentDigits(high)}\u00A0%`;
}

/** Thousands are parted by a narrow no-break space, which no language takes for a decimal mark. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202F');
}

export function formatRate(rate: Rate): FormattedRate {
  if ('undefined' in rate) {
    return {
      kind: 'undefined',
      value: 'not defined',
      interval: rate.reason,
      counts: '',
      sentence: `not defined: ${rate.reason}`,
    };
  }
  const counts = `${formatCount(rate.numerator)} / ${formatCount(rate.denominator)}`;
  const interval = formatPercentRange(rate.ciLow, rate.ciHigh);
  if ('bounded' in rate) {
    const value = formatPercentRange(rate.boundLow, rate.boundHigh);
    return {
      kind: 'bounded',
      value,
      interval,
      counts,
      sentence: `between ${value}, no point value (95 % interval ${interval}, ${counts} decided as such): ${rate.reason}`,
    };
  }
  const value = formatPercent(rate.rate);
  return {
    kind: 'point',
    value,
    interval,
    counts,
    sentence: `${value} (95 % interval ${interval}, ${counts})`,
  };
}

/** A signed number with two decimals, such as Youden's J. */
export function formatSigned(value: number): string {
  const digits = Math.abs(value).toFixed(2);
  return value < 0 && digits !== '0.00' ? `−${digits}` : digits;
}

export function formatEstimate(estimate: Estimate): FormattedRate {
  if ('undefined' in estimate) return formatRate(estimate);
  const value = formatSigned(estimate.value);
  const interval = `${formatSigned(estimate.ciLow)} to ${formatSigned(estimate.ciHigh)}`;
  return {
    kind: 'point',
    value,
    interval,
    counts: '',
    sentence: `${value} (95 % interval ${interval})`,
  };
}

/** `0:04.2`: minutes, seconds and tenths. */
export function formatClock(timeMs: number): string {
  const tenths = Math.round(timeMs / 100);
  const minutes = Math.floor(tenths / 600);
  const seconds = Math.floor((tenths % 600) / 10);
  return `${minutes}:${String(seconds).padStart(2, '0')}.${tenths % 10}`;
}

/** `850 ms`, `4.2 s`, `3 min 20 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 100_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${formatCount(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** A score or threshold, two decimals; below one hundredth three. */
export function formatScore(score: number): string {
  return score > 0 && score < 0.01 ? score.toFixed(3) : score.toFixed(2);
}
