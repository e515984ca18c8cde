import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Texts that turned a filter: for whoever mends it, in the audit's folder and nowhere else. */
export interface FoundPrompts {
  add(found: {
    readonly sample: string;
    readonly filter: string;
    readonly chain: string;
    readonly text: string;
  }): Promise<void>;
}

export function createFoundPrompts(folder: string): FoundPrompts {
  const path = join(folder, 'found-prompts.jsonl');
  return {
    // Readable by their owner alone: they are what a report must not hold.
    add: (found) => appendFile(path, `${JSON.stringify(found)}\n`, { mode: 0o600 }),
  };
}
