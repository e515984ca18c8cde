import { sha256OfBytes } from '../../../core/ids.ts';
import type { Modality } from '../../../core/prompt.ts';

/** Enough for several hundred pictures that nobody has fetched yet. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface ServedFile {
  readonly path: string;
  readonly name: string;
  readonly mime: string;
  readonly bytes: Uint8Array;
}

export interface ServedFiles {
  add(bytes: Uint8Array, modality: Modality): ServedFile;
  get(path: string): ServedFile | undefined;
}

/** What was drawn lately, in memory by content; the oldest goes when there is too much. */
export function createServedFiles(): ServedFiles {
  const files = new Map<string, ServedFile>();
  let total = 0;
  return {
    add(bytes, modality) {
      const name = modality === 'image' ? 'image.png' : 'video.mp4';
      const path = `/tmp/gradio/${sha256OfBytes(bytes)}/${name}`;
      const mime = modality === 'image' ? 'image/png' : 'video/mp4';
      const file: ServedFile = { path, name, mime, bytes };
      if (!files.has(path)) total += bytes.length;
      // Deleted first, so that a file drawn again counts as young.
      files.delete(path);
      files.set(path, file);
      for (const [oldPath, old] of files) {
        if (total <= MAX_BYTES || oldPath === path) break;
        files.delete(oldPath);
        total -= old.bytes.length;
      }
      return file;
    },
    get: (path) => files.get(path),
  };
}
