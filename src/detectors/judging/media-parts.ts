import { assertNever } from '../../core/assert-never.ts';
import { contactSheet } from '../../media/contact-sheet.ts';
import { type EncodedPicture, encodePicture } from '../../media/encode-picture.ts';
import type { Frame, RgbImage } from '../../media/media.ts';
import type { ChatPart } from '../../net/chat.ts';

/** How the frames of a video reach a judge. */
export const FRAME_WAYS = ['together', 'tiled', 'single'] as const;
export type FrameWay = (typeof FRAME_WAYS)[number];

export function picturePart({ bytes, contentType }: EncodedPicture): ChatPart {
  return { kind: 'image', bytes, contentType };
}

/** A picture as a part of a message. Judges share its encoding. */
export async function imageParts(image: RgbImage, maxSidePx: number): Promise<ChatPart[]> {
  return [picturePart(await encodePicture(image, { maxSidePx, format: 'jpeg' }))];
}

/** Frames in their order with their times, as one message. */
export async function frameParts(
  frames: readonly Frame[],
  way: Exclude<FrameWay, 'single'>,
  maxSidePx: number,
): Promise<ChatPart[]> {
  switch (way) {
    case 'together': {
      const parts = await Promise.all(frames.map((frame) => imageParts(frame, maxSidePx)));
      return parts.flatMap((part, index) => [
        {
          kind: 'text',
          text: `Frame ${index + 1} of ${frames.length}, at ${seconds(frames[index])}:`,
        } as const,
        ...part,
      ]);
    }
    case 'tiled': {
      const { picture, columns, rows } = await contactSheet(frames, maxSidePx);
      const times = frames.map(seconds).join(', ');
      const text = `${frames.length} frames of one video in a sheet of ${columns} columns and ${rows} rows, in order from left to right and top to bottom, at ${times}:`;
      return [{ kind: 'text', text }, picturePart(picture)];
    }
    default:
      return assertNever(way);
  }
}

function seconds(frame: Frame | undefined): string {
  return `${((frame?.timeMs ?? 0) / 1000).toFixed(2)} s`;
}
