import type { Carrier } from '../core/hazard.ts';
import type { Intent, Prompt } from '../core/prompt.ts';
import type { SuiteReport } from './suite.ts';

/** XSTest's ten kinds of safe wording that looks unsafe (Röttger et al., arXiv 2308.01263). */
export const SAFE_KINDS = [
  'homonym',
  'figurative',
  'safe-target',
  'safe-context',
  'definition',
  'historical',
  'nonsense-discrimination',
  'nonsense-group',
  'privacy-public',
  'privacy-fictional',
] as const;
export type SafeKind = (typeof SAFE_KINDS)[number];

export type BalanceCounts = Pick<
  SuiteReport,
  'byIntent' | 'byHazard' | 'byCarrier' | 'byModality' | 'byKind' | 'byStyle'
>;

/** Counts what a suite holds of each sort. */
export interface Balance {
  add(prompt: Prompt): void;
  counts(): BalanceCounts;
  /** Sentences on what is uneven. */
  uneven(): Iterable<string>;
}

const STYLE = 'style:';
/** A foreign file may give each prompt a style of its own. */
const STYLE_LIMIT = 1_000;
/** From this many prompts on, sorts are compared. */
const ENOUGH = 20;
const UNEVEN_FACTOR = 10;
/** One style on more than this share of the prompts makes a suite a suite of that style. */
const STYLE_SHARE_MAX = 0.5;
/** One kind on more than this share of the twins. */
const KIND_SHARE_MAX = 0.8;

export function createBalance(): Balance {
  const byIntent: Record<Intent, number> = { harmful: 0, benign: 0, control: 0 };
  const byHazard: Record<string, number> = {};
  const byCarrier: Partial<Record<Carrier, number>> = {};
  const byModality: Partial<Record<Prompt['modality'], number>> = {};
  const byKind: Partial<Record<SafeKind, number>> = {};
  const styles = new Map<string, { harmful: number; benign: number; all: number }>();

  const addStyle = (name: string, intent: Intent): void => {
    let counts = styles.get(name);
    if (counts === undefined) {
      if (styles.size >= STYLE_LIMIT) return;
      counts = { harmful: 0, benign: 0, all: 0 };
      styles.set(name, counts);
    }
    counts.all += 1;
    if (intent !== 'control') counts[intent] += 1;
  };

  return {
    add({ intent, hazards: [hazard], carrier, modality, tags }) {
      byIntent[intent] += 1;
      if (hazard !== undefined) byHazard[hazard] = (byHazard[hazard] ?? 0) + 1;
      byCarrier[carrier] = (byCarrier[carrier] ?? 0) + 1;
      byModality[modality] = (byModality[modality] ?? 0) + 1;
      for (const tag of tags) {
        if (tag.startsWith(STYLE)) addStyle(tag.slice(STYLE.length), intent);
        const kind = intent === 'benign' ? SAFE_KINDS.find((known) => known === tag) : undefined;
        if (kind !== undefined) byKind[kind] = (byKind[kind] ?? 0) + 1;
      }
    },
    counts() {
      const sorted = [...styles].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const byStyle = Object.fromEntries(sorted.map(([name, { all }]) => [name, all]));
      return { byIntent, byHazard, byCarrier, byModality, byKind, byStyle };
    },
    *uneven() {
      yield* unevenHazards(byHazard);
      yield* unevenIntents(byIntent);
      const kinds: readonly (readonly [string, number])[] = Object.entries(byKind);
      for (const [kind, count] of kinds) {
        if (byIntent.benign >= ENOUGH && count > KIND_SHARE_MAX * byIntent.benign) {
          yield `${count} of ${byIntent.benign} benign prompts are of the kind ${kind}`;
        }
      }
      const prompts = byIntent.harmful + byIntent.benign + byIntent.control;
      for (const [style, { all, harmful, benign }] of styles) {
        if (prompts >= ENOUGH && all > STYLE_SHARE_MAX * prompts) {
          yield `${all} of ${prompts} prompts are of the style ${style}`;
        }
        // A style of the harmful prompts alone would be what a filter learns to refuse.
        if (
          harmful + benign >= ENOUGH &&
          Math.max(harmful, benign) > 2 * Math.min(harmful, benign)
        ) {
          yield `the style ${style} has ${harmful} harmful prompts beside ${benign} benign ones`;
        }
      }
    },
  };
}

/** Hazards of which there are too few to say much beside others of which there are many. */
function* unevenHazards(byHazard: Readonly<Record<string, number>>): Iterable<string> {
  const most = Math.max(0, ...Object.values(byHazard));
  for (const [hazard, count] of Object.entries(byHazard)) {
    if (most >= ENOUGH && count * UNEVEN_FACTOR < most) {
      yield `${hazard} has ${count} prompts, another hazard ${most}`;
    }
  }
}

function* unevenIntents({ harmful, benign }: Readonly<Record<Intent, number>>): Iterable<string> {
  if (harmful === 0 || benign === 0) return;
  if (Math.max(harmful, benign) > UNEVEN_FACTOR * Math.min(harmful, benign)) {
    yield `${harmful} harmful prompts stand beside ${benign} benign ones`;
  }
}
