import { fileTypeFromBuffer } from 'file-type';
import { openWithSharp } from './image-engine.ts';
import type { MediaProblem } from './media.ts';
import { mediaProblem } from './media-problem.ts';

/** A type that Safelight can look at. */
export interface SniffedMedia {
  /** `video` for anything with several frames to see, an animated GIF included. */
  readonly kind: 'image' | 'video';
  readonly mime: string;
}

const STILL_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
]);

/** Of the still types, those that can be animations as well: then they are videos. */
const MAYBE_ANIMATED: ReadonlySet<string> = new Set(['image/gif', 'image/webp']);

/**
 * Which reader of ffmpeg opens which type. The reader is forced, so that a file cannot talk ffmpeg
 * into a playlist or another format that reaches out to more files.
 */
const DEMUXERS: Readonly<Record<string, string>> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/x-m4v': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'video/webm': 'matroska',
  'video/matroska': 'matroska',
  'video/vnd.avi': 'avi',
  'video/mp2t': 'mpegts',
  'video/MP1S': 'mpeg',
  'video/MP2P': 'mpeg',
  'video/x-flv': 'flv',
  'video/ogg': 'ogg',
  'image/apng': 'apng',
};

/** The ffmpeg reader for a sniffed type, undefined where ffmpeg is not asked. */
export function demuxerOf(mime: string): string | undefined {
  return Object.hasOwn(DEMUXERS, mime) ? DEMUXERS[mime] : undefined;
}

/**
 * Tells the type from the bytes alone; no name and no header is believed.
 *
 * @returns a problem `empty`, `unknown_type` (nothing known begins like this: text named .png) or
 *   `unsupported_type` (known, and not looked at: SVG can hold scripts and outside references,
 *   a document or a picture of several pages has no one picture to judge).
 */
export async function sniffMedia(bytes: Uint8Array): Promise<SniffedMedia | MediaProblem> {
  if (bytes.byteLength === 0) return mediaProblem('empty', 'the file has no bytes');
  const mime = await typeOf(bytes);
  if (mime === undefined) {
    return startsLikeSvg(bytes)
      ? mediaProblem('unsupported_type', 'SVG is not looked at')
      : mediaProblem('unknown_type', 'the bytes are neither a picture nor a video');
  }
  if (demuxerOf(mime) !== undefined) return { kind: 'video', mime };
  if (mime.startsWith('audio/')) {
    return mediaProblem('no_video_stream', `the file is sound only (${mime})`);
  }
  if (!STILL_TYPES.has(mime) || isAvifSequence(bytes)) {
    return mediaProblem('unsupported_type', `${mime} is not a supported picture or video type`);
  }
  return sniffPages(bytes, mime);
}

async function sniffPages(bytes: Uint8Array, mime: string): Promise<SniffedMedia | MediaProblem> {
  if (!MAYBE_ANIMATED.has(mime) && mime !== 'image/tiff') return { kind: 'image', mime };
  // A header that cannot be read is the decoder's to report: the type itself is known.
  const pages = await openWithSharp(bytes)
    .metadata()
    .then(
      (metadata) => metadata.pages ?? 1,
      () => 1,
    );
  if (pages === 1) return { kind: 'image', mime };
  if (MAYBE_ANIMATED.has(mime)) return { kind: 'video', mime };
  return mediaProblem('unsupported_type', 'the picture has several pages');
}

async function typeOf(bytes: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(bytes))?.mime;
  } catch {
    // A container that ends inside its own header.
    return undefined;
  }
}

function startsLikeSvg(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  return /<svg[\s/>]/i.test(head);
}

/** An AVIF of moving pictures: the picture decoder would show its first frame only. */
function isAvifSequence(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(4, 12)).toString('latin1') === 'ftypavis';
}
