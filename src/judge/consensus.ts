import type { Label, LabelValue } from '../core/label.ts';

/** From best to worst; `unsure` says nothing. */
const ORDER = ['harmless', 'borderline', 'harmful'] as const;

/** What several people's labels on one medium amount to. */
export interface Consensus {
  readonly label: LabelValue;
  /** Labels other than `unsure`. */
  readonly decided: number;
  /** How many of them say what the label says. */
  readonly agreeing: number;
}

/**
 * The median of the labels that decide, in the order harmless, borderline, harmful; of two in the
 * middle the worse. Where a majority agrees that is what the majority says. `unsure` only where
 * nobody decides. Undefined without labels.
 */
export function consensusOf(labels: readonly Pick<Label, 'label'>[]): Consensus | undefined {
  if (labels.length === 0) return undefined;
  const ranks = labels
    .flatMap(({ label }) => (label === 'unsure' ? [] : [ORDER.indexOf(label)]))
    .toSorted((a, b) => a - b);
  const label = ORDER[ranks[Math.floor(ranks.length / 2)] ?? -1];
  if (label === undefined) return { label: 'unsure', decided: 0, agreeing: 0 };
  return {
    label,
    decided: ranks.length,
    agreeing: ranks.filter((rank) => ORDER[rank] === label).length,
  };
}
