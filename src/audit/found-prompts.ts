import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Searched } from './audit-journal.ts';

const foundSchema = z.object({
  search: z.string(),
  sample: z.string(),
  filter: z.string(),
  chain: z.string(),
  text: z.string(),
});
type Found = z.infer<typeof foundSchema>;

/** Texts that turned a filter: for whoever mends it, in the audit's folder and nowhere else. */
export interface FoundPrompts {
  add(found: Found): Promise<void>;
}

/** Readable by their owner alone: they are what a report must not hold. */
const PRIVATE = { mode: 0o600 };

/**
 * Opens the file for adding. A text is written before the journal knows of its search: where that never
 * came, the search is made again, and the text that stands here goes first.
 */
export async function createFoundPrompts(
  folder: string,
  ended: readonly Searched[],
): Promise<FoundPrompts> {
  const path = join(folder, 'found-prompts.jsonl');
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before !== undefined) {
    const known = new Set(ended.map(keyOf));
    const kept = new Map<string, string>();
    for (const line of before.split('\n')) {
      const found = foundSchema.safeParse(parseLine(line));
      if (found.success && known.has(keyOf(found.data))) kept.set(keyOf(found.data), line);
    }
    const text = [...kept.values()].map((line) => `${line}\n`).join('');
    await writeFile(`${path}.new`, text, PRIVATE);
    await rename(`${path}.new`, path);
  }
  return { add: (found) => appendFile(path, `${JSON.stringify(found)}\n`, PRIVATE) };
}

function keyOf({ search, filter, sample }: Pick<Found, 'search' | 'filter' | 'sample'>): string {
  return JSON.stringify([search, filter, sample]);
}

/** Undefined for a line that was cut off. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
