import type { Prompt } from '../../core/prompt.ts';
import { normaliseText } from '../check-prompt.ts';
import { FingerprintSet } from '../fingerprint-set.ts';
import { isStoppedByMinorsGuard } from '../minors-guard.ts';
import type { ImportedRow, Importer, SkippedRow, SkipReason } from './importer.ts';
import type { LabelledMedia } from './labelled-media.ts';

/** Names that were not known are listed, up to this many. */
const DETAIL_LIMIT = 50;

export interface SkipDetail {
  readonly reason: SkipReason;
  readonly detail: string;
  /** Of the first such row. */
  readonly line?: number | undefined;
  readonly count: number;
}

/** What was read, kept and passed over. `rows` = rows kept + all counts of `skipped`. */
export interface ImportCounts {
  readonly prompts: number;
  readonly families: number;
  /** Rows by why they were passed over, in the order of the reasons' first appearance. */
  readonly skipped: readonly { readonly reason: SkipReason; readonly count: number }[];
  readonly rows: number;
  readonly rowsKept: number;
  /** Labelled pictures and videos, which go to `media.jsonl`. */
  readonly media: number;
  /** Prompts by primary hazard, and `control`. */
  readonly byHazard: Readonly<Record<string, number>>;
  /** Which names were not known and the like: the first fifty. Quotes no prompt. */
  readonly details: readonly SkipDetail[];
}

export interface RowSink {
  readonly prompt: (prompt: Prompt) => Promise<void> | void;
  readonly media: (item: LabelledMedia) => Promise<void> | void;
}

/** Applies to every importer alike what none may forget. */
export async function copyRows(
  importer: Importer,
  file: string,
  sink: RowSink,
): Promise<ImportCounts> {
  const keeper = new Keeper();
  const tally = new Tally();
  for await (const row of importer.read(file)) {
    const kept = row.kind === 'skip' ? row : keeper.keep(row);
    if (kept.kind === 'skip') {
      tally.skip(kept);
      continue;
    }
    tally.keep(kept);
    for (const prompt of kept.prompts) {
      const waiting = sink.prompt(prompt);
      if (waiting !== undefined) await waiting;
    }
    for (const item of kept.media ?? []) {
      const waiting = sink.media(item);
      if (waiting !== undefined) await waiting;
    }
  }
  return tally.counts();
}

/** Decides what of a row is kept, from the rows before it. */
class Keeper {
  readonly #texts = new FingerprintSet();
  /** Texts together with their families, of families that may come again. */
  readonly #familyTexts = new FingerprintSet();
  readonly #media = new FingerprintSet();

  /**
   * A row is kept or passed over as a whole: half a pair would be no family. But a twin that its
   * family already has, or the prompt of another video, does not make the rest a duplicate.
   */
  keep(row: ImportedRow): ImportedRow | SkippedRow {
    const { line } = row;
    const reason = harmToMinors(row);
    if (reason !== undefined) return { kind: 'skip', reason, line };

    const prompts: Prompt[] = [];
    const keys = new Set<string>();
    for (const prompt of row.prompts) {
      const key = normaliseText(prompt.text);
      if (keys.has(key)) return { kind: 'skip', reason: 'duplicate', line };
      keys.add(key);
      if (!this.#texts.has(key)) prompts.push(prompt);
      else if (!this.#familyTexts.has(familyKey(prompt, key))) {
        return { kind: 'skip', reason: 'duplicate', line };
      }
    }
    const media = (row.media ?? []).filter((item) => !this.#media.has(item.id));
    if (prompts.length === 0 && media.length === 0)
      return { kind: 'skip', reason: 'duplicate', line };

    for (const prompt of prompts) {
      const key = normaliseText(prompt.text);
      this.#texts.add(key);
      if (prompt.family !== prompt.id) this.#familyTexts.add(familyKey(prompt, key));
    }
    for (const item of media) this.#media.add(item.id);
    return { kind: 'row', prompts, media, line };
  }
}

function familyKey(prompt: Prompt, textKey: string): string {
  return `${prompt.family}\n${prompt.intent}\n${textKey}`;
}

function harmToMinors({ prompts, media = [] }: ImportedRow): SkipReason | undefined {
  if ([...prompts, ...media].some(({ hazards }) => hazards.includes('child_safety'))) {
    return 'child_safety';
  }
  const texts = new Set<string>();
  for (const { text } of prompts) texts.add(text);
  for (const { text } of media) if (text !== undefined) texts.add(text);
  for (const text of texts) if (isStoppedByMinorsGuard(text)) return 'minors_guard';
  return undefined;
}

class Tally {
  readonly #skipped = new Map<SkipReason, number>();
  readonly #details = new Map<string, { detail: SkipDetail; count: number }>();
  readonly #families = new FingerprintSet();
  readonly #byHazard: Record<string, number> = {};
  #prompts = 0;
  #media = 0;
  #rowsKept = 0;
  #rows = 0;

  skip({ reason, detail, line }: SkippedRow): void {
    this.#rows += 1;
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
    if (detail === undefined) return;
    const key = `${reason} ${detail}`;
    const known = this.#details.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#details.size < DETAIL_LIMIT) {
      this.#details.set(key, { detail: { reason, detail, line, count: 1 }, count: 1 });
    }
  }

  keep({ prompts, media = [] }: ImportedRow): void {
    this.#rows += 1;
    this.#rowsKept += 1;
    this.#media += media.length;
    for (const { family, hazards } of prompts) {
      this.#prompts += 1;
      this.#families.add(family);
      const hazard = hazards[0] ?? 'control';
      this.#byHazard[hazard] = (this.#byHazard[hazard] ?? 0) + 1;
    }
  }

  counts(): ImportCounts {
    return {
      prompts: this.#prompts,
      families: this.#families.size,
      skipped: [...this.#skipped].map(([reason, count]) => ({ reason, count })),
      rows: this.#rows,
      rowsKept: this.#rowsKept,
      media: this.#media,
      byHazard: this.#byHazard,
      details: [...this.#details.values()].map(({ detail, count }) => ({ ...detail, count })),
    };
  }
}
