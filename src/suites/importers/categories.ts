import type { HazardId } from '../../core/hazard.ts';
import { nearestName } from '../../core/nearest.ts';

/** A data set's category by name: a hazard of the crosswalk, or null where it has no counterpart. */
export type CategoryTable = Readonly<Record<string, HazardId | null>>;

export type ResolvedCategories =
  | {
      readonly kind: 'known';
      /** In the data set's order, the primary one first, none twice. */
      readonly hazards: readonly [HazardId, ...HazardId[]];
      /** The data set's names in their usual spelling. */
      readonly names: readonly string[];
    }
  /** With a sentence for the report. */
  | { readonly kind: 'unknown'; readonly detail: string };

export interface Categories {
  /** All names of a row at once: one unknown name makes the row unknown, since it may be the primary one. */
  resolve(names: readonly string[]): ResolvedCategories;
}

/**
 * Looks up a data set's categories. Case, spaces, `-` and `_` do not matter.
 *
 * @param misspellings other spellings that occur in the published files, by the usual name
 */
export function createCategories(
  table: CategoryTable,
  misspellings: Readonly<Record<string, readonly string[]>> = {},
): Categories {
  const usual = new Map<string, string>();
  for (const name of Object.keys(table)) usual.set(foldName(name), name);
  for (const [name, others] of Object.entries(misspellings)) {
    for (const other of others) usual.set(foldName(other), name);
  }
  return {
    resolve(given) {
      const names: string[] = [];
      const hazards: HazardId[] = [];
      for (const name of given.map((text) => text.trim()).filter((text) => text !== '')) {
        const known = usual.get(foldName(name));
        if (known === undefined)
          return { kind: 'unknown', detail: explainUnknown(name, Object.keys(table)) };
        if (!names.includes(known)) names.push(known);
        const hazard = table[known];
        if (hazard !== null && hazard !== undefined && !hazards.includes(hazard)) {
          hazards.push(hazard);
        }
      }
      const [primary, ...others] = hazards;
      if (primary !== undefined) return { kind: 'known', hazards: [primary, ...others], names };
      const detail =
        names.length === 0
          ? 'the row names no category'
          : `${names.map((name) => JSON.stringify(name)).join(', ')} has no counterpart in the taxonomy`;
      return { kind: 'unknown', detail };
    },
  };
}

/**
 * Says of a name that it is not known, with the nearest one. A row whose columns are shifted has a
 * prompt where a name should stand: that is not quoted.
 */
export function explainUnknown(name: string, candidates: readonly string[]): string {
  if (name.length > 48 || name.split(/\s+/).length > 6) return 'a long text where a name should be';
  const nearest = nearestName(name, candidates);
  const hint = nearest === undefined ? '' : ` (nearest: ${JSON.stringify(nearest)})`;
  return `${JSON.stringify(name)} is not known${hint}`;
}

function foldName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
}
