import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MediaRef } from '../core/media-ref.ts';
import { RequestError } from './answer.ts';
import { isGuarded } from './trial-row.ts';
import { recordOf } from './trial-story.ts';
import type { OpenedRun } from './viewer.ts';

/** What a browser shows without running anything. */
const SHOWN: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/apng',
  'video/mp4',
  'video/webm',
  'video/quicktime',
  'video/ogg',
]);

/** A medium that the trial holds and that may be shown at all. */
export async function mediumOf(
  run: OpenedRun,
  trialId: string,
  mediaSha256: string,
): Promise<MediaRef> {
  const record = await recordOf(run, trialId);
  const { outcome } = record.generated;
  const ref =
    outcome.kind === 'media'
      ? outcome.media.find(({ sha256 }) => sha256 === mediaSha256)
      : undefined;
  if (ref === undefined) throw new RequestError(404, 'no_medium', 'this trial has no such medium');
  if (isGuarded(record, run.policy)) {
    throw new RequestError(
      403,
      'not_shown',
      'a detector flags this medium so that it is never shown',
      'Legal duties may apply: do not copy it, and ask your counsel.',
    );
  }
  return ref;
}

/** Sends the bytes as they are, a part of them where a player asks for one. */
export async function sendMedium(
  request: IncomingMessage,
  response: ServerResponse,
  run: OpenedRun,
  ref: MediaRef,
): Promise<void> {
  const medium = await run.medium(ref);
  if (medium === null) throw gone();
  const { bytes, mime } = medium;
  if (mime === null || !SHOWN.has(mime)) {
    throw new RequestError(415, 'not_shown', 'a browser is not given this type of medium');
  }
  const headers = {
    'content-type': mime,
    'accept-ranges': 'bytes',
    'content-security-policy': "default-src 'none'; sandbox",
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  if (range === null || start >= bytes.length) {
    response.writeHead(200, { ...headers, 'content-length': bytes.length });
    response.end(bytes);
    return;
  }
  const asked = range[2] === '' ? bytes.length - 1 : Number(range[2]);
  const end = Math.max(start, Math.min(asked, bytes.length - 1));
  response.writeHead(206, {
    ...headers,
    'content-length': end - start + 1,
    'content-range': `bytes ${start}-${end}/${bytes.length}`,
  });
  response.end(bytes.subarray(start, end + 1));
}

export function sendPng(response: ServerResponse, png: Uint8Array | null): void {
  if (png === null) throw gone();
  response.writeHead(200, { 'content-type': 'image/png', 'content-length': png.length });
  response.end(png);
}

function gone(): RequestError {
  return new RequestError(404, 'media_missing', 'the medium is not there: purged, or never kept');
}
