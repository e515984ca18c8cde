import type { Evidence } from '../core/evidence.ts';
import type { MediaRef } from '../core/media-ref.ts';
import type { Deadline } from '../net/deadline.ts';
import { fetchMedia, type MediaTrust } from '../net/fetch-media.ts';
import type { GenerationContext } from './endpoint.ts';
import { fault } from './gradio-client.ts';
import type { GradioConnection } from './gradio-connection.ts';
import type { EventRecord } from './gradio-events.ts';
import type { GradioOptions } from './gradio-options.ts';
import { findFiles, type GradioFile } from './gradio-results.ts';

export interface Collecting {
  readonly connection: GradioConnection;
  readonly options: GradioOptions;
  readonly context: GenerationContext;
  readonly record: EventRecord;
  readonly deadline: Deadline;
}

/** Fetches and stores the media of a finished job. The first problem is kept as the fault. */
export async function collectMedia(collecting: Collecting, evidence: Evidence): Promise<void> {
  const { connection, options, context, record, deadline } = collecting;
  const last = evidence.events.at(-1);
  if (last?.type === 'status' && isError(last.payload)) return;
  const trust: MediaTrust = {
    ownOrigin: connection.origin,
    ownAddressIsPrivate: connection.addressIsPrivate,
    credentials: connection.credentials,
    maxBytes: options.maxMediaBytes,
    timeoutMs: options.timeoutMs,
  };
  for (const file of findFiles(record.values(), connection.fileUrl)) {
    const bytes = await readFile(file, trust, deadline.signal);
    const stored = bytes instanceof Uint8Array ? await context.store(bytes) : bytes;
    if (stored.kind === 'problem') {
      evidence.fault ??= fault('media', stored.code, stored.message);
    } else if (stored.kind !== options.modality) {
      evidence.fault ??= fault('media', 'wrong_kind', `the answer is no ${options.modality}`);
    } else if (!evidence.media.some((known) => known.sha256 === stored.sha256)) {
      evidence.media.push(stored satisfies MediaRef);
    }
  }
}

async function readFile(
  file: GradioFile,
  trust: MediaTrust,
  signal: AbortSignal,
): Promise<
  Uint8Array | { readonly kind: 'problem'; readonly code: string; readonly message: string }
> {
  if (file.kind === 'inline') {
    return file.bytes.byteLength <= trust.maxBytes
      ? file.bytes
      : {
          kind: 'problem',
          code: 'too_large',
          message: `a medium is larger than ${trust.maxBytes} bytes`,
        };
  }
  const fetched = await fetchMedia(file.url, trust, signal);
  return fetched.kind === 'bytes' ? fetched.bytes : fetched;
}

function isError(payload: unknown): boolean {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'stage' in payload &&
    payload.stage === 'error'
  );
}
