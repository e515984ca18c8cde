import type { RgbImage } from '../media/media.ts';

/** A decoded picture, or one sampled frame of a video. */
export interface DecodedPicture extends RgbImage {
  /** 0 for a still picture. */
  readonly timeMs: number;
}

/** Decoded media that were asked for last, so that stepping through a video decodes it once. */
export interface PictureCache {
  /** Those who ask at the same time wait for the same decoding. */
  get(key: string, decode: () => Promise<DecodedPicture[]>): Promise<DecodedPicture[]>;
}

/** @param limitBytes of pixels; the newest medium is kept even where it alone is larger. */
export function createPictureCache(limitBytes: number): PictureCache {
  const kept = new Map<string, DecodedPicture[]>();
  const waiting = new Map<string, Promise<DecodedPicture[]>>();

  function keep(key: string, pictures: DecodedPicture[]): void {
    kept.delete(key);
    kept.set(key, pictures);
    let total = [...kept.values()].flat().reduce((sum, { rgb }) => sum + rgb.byteLength, 0);
    for (const [oldest, old] of kept) {
      if (total <= limitBytes || oldest === key) break;
      kept.delete(oldest);
      total -= old.reduce((sum, { rgb }) => sum + rgb.byteLength, 0);
    }
  }

  return {
    async get(key, decode) {
      const known = kept.get(key);
      if (known !== undefined) {
        keep(key, known);
        return known;
      }
      let promise = waiting.get(key);
      if (promise === undefined) {
        promise = decode().finally(() => waiting.delete(key));
        waiting.set(key, promise);
      }
      const pictures = await promise;
      keep(key, pictures);
      return pictures;
    },
  };
}
