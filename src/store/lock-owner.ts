import { hostname } from 'node:os';
import { z } from 'zod';
import { isProcessAlive } from '../core/process-alive.ts';

const ownerSchema = z.object({ pid: z.number().int(), host: z.string() });

/** What a lock file holds: who took it. */
export function lockOwnerText(): string {
  return JSON.stringify({ pid: process.pid, host: hostname() });
}

/**
 * Who holds a lock, by its text. `nameless` where a process was killed while it wrote the text,
 * `foreign` where another host wrote it, of whose processes nothing can be known here.
 */
export function lockOwner(text: string): 'nameless' | 'foreign' | 'self' | 'alive' | 'dead' {
  const owner = ownerSchema.safeParse(parse(text));
  if (!owner.success) return 'nameless';
  if (owner.data.host !== hostname()) return 'foreign';
  if (owner.data.pid === process.pid) return 'self';
  return isProcessAlive(owner.data.pid) ? 'alive' : 'dead';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
