import { join } from 'node:path';
import type { Media, RgbImage } from '../../media/media.ts';
import { openImageEncoder } from '../clip/image-encoder.ts';
import { encodeTexts } from '../clip/text-encoder.ts';
import { dot, toUnit } from '../clip/vectors.ts';
import { locateModelFiles, type ModelPlaces } from '../onnx/model-files.ts';

/** How alike pictures and some sentences are. */
export interface RelevanceScan {
  /** Cosine, for a video of the frame that is nearest. */
  cosine(media: Media, text: string, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

const SIDE_PX = 224;

/**
 * A relevance scan by a CLIP backbone.
 *
 * @param texts all that will be asked about.
 * @throws SafelightError `model_missing`, `model_damaged`.
 */
export async function openClipRelevance(
  backbone: string,
  texts: readonly string[],
  places: ModelPlaces,
): Promise<RelevanceScan> {
  const files = locateModelFiles(backbone, places);
  const { vectors } = await encodeTexts(texts, files, join(places.store, '.embeddings'));
  const units = new Map(
    texts.flatMap((text, index) => {
      const vector = vectors[index];
      return vector === undefined ? [] : [[text, toUnit(vector)] as const];
    }),
  );
  const encoder = await openImageEncoder(files, { sizePx: SIDE_PX, workers: undefined });
  return {
    async cosine(media, text, signal) {
      const vector = units.get(text);
      if (vector === undefined) throw new RangeError('a sentence that was not named before');
      const images: readonly RgbImage[] = media.kind === 'image' ? [media.image] : media.frames;
      const cosines: number[] = [];
      for (const image of images) {
        cosines.push(dot(toUnit(await encoder.embed(image, signal)), vector));
      }
      return Math.max(...cosines);
    },
    close: () => encoder.close(),
  };
}
