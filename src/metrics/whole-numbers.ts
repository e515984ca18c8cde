/**
 * Counts whole numbers, for quantiles of a stream. Memory grows with the different values only, and
 * the order of arrival changes nothing.
 */
export interface WholeNumbers {
  /** Rounds to the nearest whole number. */
  add(value: number): void;
  /**
   * The smallest value that at least this share of all values do not exceed (nearest rank), null
   * where there is none.
   *
   * @param share in (0, 1].
   */
  quantile(share: number): number | null;
}

export function createWholeNumbers(): WholeNumbers {
  const counts = new Map<number, number>();
  let total = 0;
  return {
    add(value) {
      const whole = Math.round(value);
      counts.set(whole, (counts.get(whole) ?? 0) + 1);
      total += 1;
    },
    quantile(share) {
      const rank = Math.ceil(share * total);
      let seen = 0;
      for (const [value, count] of [...counts].toSorted(([a], [b]) => a - b)) {
        seen += count;
        if (seen >= rank) return value;
      }
      return null;
    },
  };
}
