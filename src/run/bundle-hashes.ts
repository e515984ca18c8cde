import { sha256OfBytes } from '../core/ids.ts';
import type { MediaRef } from '../core/media-ref.ts';
import type { RunReader } from '../store/run-reader.ts';

/** What a run sent and got, each once, sorted: equal runs give equal lists. */
export interface RunHashes {
  /** SHA-256 of a prompt's text, or its keyed hash, by id. */
  readonly prompts: readonly {
    readonly id: string;
    readonly hash: string;
    readonly keyed: boolean;
  }[];
  readonly media: readonly MediaRef[];
}

export async function hashesOf(reader: RunReader): Promise<RunHashes> {
  const prompts = new Map<string, RunHashes['prompts'][number]>();
  const media = new Map<string, MediaRef>();
  for await (const { generated } of reader.records()) {
    const { id, text, sealed } = generated.prompt;
    prompts.set(id, {
      id,
      hash: sealed?.hash ?? sha256OfBytes(text),
      keyed: sealed !== undefined,
    });
    if (generated.outcome.kind !== 'media') continue;
    for (const ref of generated.outcome.media) media.set(ref.sha256, ref);
  }
  return {
    prompts: [...prompts.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    media: [...media.values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
  };
}

/** One object a line. */
export function hashLines(list: readonly object[]): string {
  return list.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
