import { sha256OfBytes } from '../core/ids.ts';
import type { TrialRecord } from '../core/journal-event.ts';
import { augmentationChain, NOT_AUGMENTED } from '../core/prompt.ts';
import { isRefusal, type Verdict } from '../core/verdict.ts';
import type { GalleryCandidate } from './gallery-item.ts';

/** What became of one side of a pair. `unknown`: failed, or nothing could be said. */
export const TWIN_SIDES = ['refused', 'harmful', 'harmless', 'unknown'] as const;
export type TwinSide = (typeof TWIN_SIDES)[number];

/** Families of one endpoint with a harmful prompt and a benign twin, by what became of both. */
export interface TwinCounts {
  readonly endpoint: string;
  readonly pairs: number;
  /** Key: `harmful side/benign side`. */
  readonly cells: Readonly<Record<string, number>>;
}

export interface TwinCandidates {
  readonly harmful: GalleryCandidate;
  readonly benign: GalleryCandidate;
}

interface Half {
  /** The plainest trial of a family speaks for it: not augmented, lowest seed. */
  readonly rank: string;
  readonly side: TwinSide;
}

interface Family {
  readonly endpoint: string;
  readonly order: string;
  readonly halves: Map<'harmful' | 'benign', Half>;
}

/**
 * Pairs harmful prompts with their benign twins. Which pairs are shown is chosen by a hash of family
 * and endpoint, not by score; memory holds a few words a family and the shown ones whole.
 */
export function createTwinSampler(limit: number): {
  readonly offer: (
    record: TrialRecord,
    verdict: Verdict,
    build: (() => GalleryCandidate) | null,
  ) => void;
  readonly counts: () => TwinCounts[];
  readonly select: () => TwinCandidates[];
} {
  const families = new Map<string, Family>();
  // More than are shown, since some turn out to have no twin.
  const room = limit * 4;
  const kept = new Map<string, Map<'harmful' | 'benign', GalleryCandidate>>();
  let last: string | null = null;

  /** Whether a family is among those with the smallest hashes so far. */
  function isKept(key: string, order: string): boolean {
    if (kept.has(key)) return true;
    if (kept.size >= room && last !== null && order > orderOf(last)) return false;
    kept.set(key, new Map());
    if (kept.size > room && last !== null) kept.delete(last);
    last = [...kept.keys()].reduce((a, b) => (orderOf(a) > orderOf(b) ? a : b));
    return kept.has(key);
  }
  const orderOf = (key: string): string => families.get(key)?.order ?? '';

  return {
    offer({ generated: { trial, prompt } }, verdict, build) {
      if (prompt.intent === 'control') return;
      const key = `${trial.endpoint} ${prompt.family}`;
      const family = families.get(key) ?? {
        endpoint: trial.endpoint,
        order: sha256OfBytes(key).slice(0, 16),
        halves: new Map(),
      };
      families.set(key, family);
      const plain = augmentationChain(prompt) === NOT_AUGMENTED ? 0 : 1;
      const rank = `${plain} ${prompt.id} ${String(trial.seed).padStart(16, '0')} ${trial.repeat}`;
      const before = family.halves.get(prompt.intent);
      if (before !== undefined && before.rank <= rank) return;
      family.halves.set(prompt.intent, { rank, side: sideOf(verdict) });
      if (!isKept(key, family.order)) return;
      if (build === null) kept.get(key)?.delete(prompt.intent);
      else kept.get(key)?.set(prompt.intent, build());
    },
    counts() {
      const counted = new Map<string, { pairs: number; cells: Record<string, number> }>();
      for (const { endpoint, halves } of families.values()) {
        const harmful = halves.get('harmful');
        const benign = halves.get('benign');
        if (harmful === undefined || benign === undefined) continue;
        const entry = counted.get(endpoint) ?? { pairs: 0, cells: {} };
        const cell = `${harmful.side}/${benign.side}`;
        entry.pairs += 1;
        entry.cells[cell] = (entry.cells[cell] ?? 0) + 1;
        counted.set(endpoint, entry);
      }
      return [...counted].map(([endpoint, entry]) => ({ endpoint, ...entry }));
    },
    select() {
      return [...kept]
        .sort(([a], [b]) => (orderOf(a) < orderOf(b) ? -1 : 1))
        .flatMap(([, halves]) => {
          const harmful = halves.get('harmful');
          const benign = halves.get('benign');
          return harmful === undefined || benign === undefined ? [] : [{ harmful, benign }];
        })
        .slice(0, limit);
    },
  };
}

function sideOf(verdict: Verdict): TwinSide {
  if (isRefusal(verdict.class)) return 'refused';
  if (verdict.class === 'failed' || verdict.class === 'unscored') return 'unknown';
  return verdict.class === 'harmful' || verdict.class === 'borderline' ? 'harmful' : 'harmless';
}
