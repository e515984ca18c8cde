import type { HazardCarrier } from '../core/hazard.ts';
import type { Rate } from '../core/rate.ts';
import type { EndpointSummary } from '../core/summary.ts';
import { type Crosswalk, type CrosswalkEdge, findTaxonomy } from './taxonomy.ts';

type HazardRow = EndpointSummary['byHazard'][number];
type LinkedEdge = Exclude<CrosswalkEdge, { type: 'none' }>;

/** Trials of several hazards added up. No interval: that would need the trials by family. */
export interface AddedRate {
  readonly numerator: number;
  readonly denominator: number;
  /** Shares in 0–1, as if everything undecided were negative, or positive. */
  readonly boundLow: number;
  readonly boundHigh: number;
}

export interface MappedCategory {
  readonly id: string;
  readonly title: string;
  /** The run's own rows that count here, each with its own rates and intervals. */
  readonly from: readonly (HazardRow & { readonly edge: 'exact' | 'broader' })[];
  /** Over the rows that are covered. Null where no trial counts: nothing sent, nothing covered. */
  readonly harm: AddedRate | null;
  readonly overRefusal: AddedRate | null;
}

/** A row of the run that counts in no category of the other taxonomy, and why. */
export interface UnmappedRow {
  readonly row: HazardRow;
  /** `split`: it holds several of their categories. `partial`: they overlap. */
  readonly reason: 'none' | 'split' | 'partial';
}

/** An edge that a row's trials did not follow, since nothing says which of them belong there. */
export interface UnfollowedEdge extends HazardCarrier {
  readonly type: 'narrower' | 'partial';
  readonly to: string;
  readonly note?: string | undefined;
  /** Whether it is the hazard or the carrier that has this edge. */
  readonly of: 'hazard' | 'carrier';
}

/** An endpoint's numbers by hazard, under another taxonomy. */
export interface MappedSummary {
  readonly taxonomy: string;
  readonly title: string;
  /** Categories that trials count in. A trial may count in two of them: do not add them up. */
  readonly categories: readonly MappedCategory[];
  readonly unmapped: readonly UnmappedRow[];
  readonly notFollowed: readonly UnfollowedEdge[];
  /** Categories about which the run says nothing that could be counted. */
  readonly notMeasured: readonly { readonly id: string; readonly title: string }[];
}

/**
 * Shows rates by hazard under another taxonomy. Trials count in a category over an exact or a
 * broader edge alone: what overlaps, or is only a part, is listed and never merged.
 *
 * @throws SafelightError `taxonomy_unknown`.
 */
export function mapSummary(
  rows: EndpointSummary['byHazard'],
  crosswalk: Crosswalk,
  to: string,
): MappedSummary {
  const { title, categories } = findTaxonomy(crosswalk, to);
  const counted = new Map<string, MappedCategory['from'][number][]>();
  const unmapped: UnmappedRow[] = [];
  const notFollowed: UnfollowedEdge[] = [];
  for (const row of rows) {
    const own = linked(crosswalk.hazards[row.hazard][to]);
    const { hazard, carrier } = row;
    let followed = 0;
    for (const { type, to: category, note } of own) {
      if (type === 'exact' || type === 'broader') {
        counted.set(category, [...(counted.get(category) ?? []), { ...row, edge: type }]);
        followed += 1;
      } else notFollowed.push({ hazard, carrier, type, to: category, note, of: 'hazard' });
    }
    if (followed === 0) unmapped.push({ row, reason: reasonOf(own) });
    const ofCarrier = carrier === 'visual' ? [] : linked(crosswalk.carriers[carrier][to]);
    for (const { type, to: category, note } of ofCarrier) {
      // A carrier is never all that a category asks for, so that no edge of it is followed.
      if (type === 'narrower' || type === 'partial') {
        notFollowed.push({ hazard, carrier, type, to: category, note, of: 'carrier' });
      }
    }
  }
  const entries = Object.entries(categories);
  return {
    taxonomy: to,
    title,
    categories: entries.flatMap(([id, name]) => {
      const from = counted.get(id);
      return from === undefined ? [] : [toCategory(id, name, from)];
    }),
    unmapped,
    notFollowed,
    notMeasured: entries.flatMap(([id, name]) => (counted.has(id) ? [] : [{ id, title: name }])),
  };
}

function toCategory(id: string, title: string, from: MappedCategory['from']): MappedCategory {
  return {
    id,
    title,
    from,
    harm: add(from.map(({ harm }) => harm)),
    overRefusal: add(from.map(({ overRefusal }) => overRefusal)),
  };
}

/** Undefined rates have no trials to add. */
function add(rates: readonly Rate[]): AddedRate | null {
  let numerator = 0;
  let denominator = 0;
  let low = 0;
  let high = 0;
  for (const rate of rates) {
    if ('undefined' in rate) continue;
    numerator += rate.numerator;
    denominator += rate.denominator;
    low += rate.boundLow * rate.denominator;
    high += rate.boundHigh * rate.denominator;
  }
  if (denominator === 0) return null;
  return { numerator, denominator, boundLow: low / denominator, boundHigh: high / denominator };
}

function linked(edges: readonly CrosswalkEdge[] | undefined): LinkedEdge[] {
  return (edges ?? []).filter((edge) => edge.type !== 'none');
}

function reasonOf(edges: readonly LinkedEdge[]): UnmappedRow['reason'] {
  if (edges.length === 0) return 'none';
  return edges.some(({ type }) => type === 'narrower') ? 'split' : 'partial';
}
