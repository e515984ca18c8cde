import sharp, { type Sharp, type SharpOptions } from 'sharp';

// Nothing is decoded twice, so a cache only holds untrusted pixels in memory. One thread a picture:
// several pictures are looked at side by side, which scales better than splitting one.
sharp.cache(false);
sharp.concurrency(1);

/** A sharp pipeline over untrusted bytes: a cut or damaged picture is an error, not a grey area. */
export function openWithSharp(bytes: Uint8Array, options: SharpOptions = {}): Sharp {
  return sharp(bytes, { failOn: 'error', limitInputPixels: false, ...options });
}

/** Whether an error of the decoders speaks of bytes that are missing rather than wrong. */
export function speaksOfTruncation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /premature|truncat|unexpected end|insufficient|libpng read error|outside of file/i.test(
    error.message,
  );
}
