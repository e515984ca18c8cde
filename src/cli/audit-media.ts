import { readFile, stat } from 'node:fs/promises';
import type { AuditInputs } from '../audit/run-audit.ts';
import { sha256OfBytes } from '../core/ids.ts';
import { openMedia } from '../media/open-media.ts';
import { sniffMedia } from '../media/sniff.ts';
import { ffmpegTools } from './ffmpeg-tools.ts';
import { mediaLimits } from './open-stored-media.ts';
import type { Terminal } from './terminal.ts';

/** Opens labelled media where it lies: it is hashed and sniffed, and never copied. */
export function createMediaOpener(frames: number, terminal: Terminal): AuditInputs['openMedia'] {
  const limits = mediaLimits(frames);
  return async (source, signal) => {
    let bytes: Uint8Array;
    if ('bytes' in source) bytes = source.bytes;
    else {
      const size = (await stat(source.path).catch(() => undefined))?.size;
      if (size === undefined) return { kind: 'missing' };
      if (size > limits.maxBytes) {
        return { kind: 'problem', code: 'too_large', message: 'the file is larger than the limit' };
      }
      bytes = await readFile(source.path);
    }
    const sniffed = await sniffMedia(bytes);
    if (sniffed.kind === 'problem') return sniffed;
    const ref = { ...sniffed, sha256: sha256OfBytes(bytes), sizeBytes: bytes.byteLength };
    const opened = sniffed.kind === 'image' ? { bytes } : source;
    return openMedia(opened, ref, limits, () => ffmpegTools(terminal), signal);
  };
}
