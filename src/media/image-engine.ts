import sharp, { type Sharp, type SharpOptions } from 'sharp';

// Nothing is decoded twice, so a cache only holds untrusted pixels in memory. One thread a picture:
// several pictures are looked at side by side, which scales better than splitting one.
sharp.cache(false);
sharp.concurrency(1);

/** A sharp pipeline over untrusted bytes: a cut or damaged picture is an error, not a grey area. */
export function openWithSharp(bytes: Uint8Array, options: SharpOptions = {}): Sharp {
  return sharp(bytes, { failOn: 'error', limitInputPixels: false, ...options });
}
