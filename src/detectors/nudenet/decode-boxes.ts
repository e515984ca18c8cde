import type { Box } from '../../core/finding.ts';

/** NudeNet's classes, in the order of the model's output. */
export const NUDENET_LABELS = [
  'FEMALE_GENITALIA_COVERED',
  'FACE_FEMALE',
  'BUTTOCKS_EXPOSED',
  'FEMALE_BREAST_EXPOSED',
  'FEMALE_GENITALIA_EXPOSED',
  'MALE_BREAST_EXPOSED',
  'ANUS_EXPOSED',
  'FEET_EXPOSED',
  'BELLY_COVERED',
  'FEET_COVERED',
  'ARMPITS_COVERED',
  'ARMPITS_EXPOSED',
  'FACE_MALE',
  'BELLY_EXPOSED',
  'MALE_GENITALIA_EXPOSED',
  'ANUS_COVERED',
  'FEMALE_BREAST_COVERED',
  'BUTTOCKS_COVERED',
] as const;
export type NudenetLabel = (typeof NUDENET_LABELS)[number];

export interface BodyPart {
  readonly label: NudenetLabel;
  readonly score: number;
  /** In the pixels of the picture. */
  readonly box: Box;
}

/** A box takes part with this, and stays when it is above the other. */
const CANDIDATE_FROM = 0.2;
const SCORE_ABOVE = 0.25;
/** A box that overlaps a better one by more of their union is the same thing. */
const OVERLAP_MAX = 0.45;
const BOX_ROWS = 4;

/**
 * Reads a YOLOv8 output: of `[1, 4 + classes, places]`, four rows for the boxes (centre and size in
 * the model's pixels), then one a class. The steps and their order are those of the Python package.
 *
 * @param modelPx the side of the model's input.
 * @param picture whose longer side was scaled to it.
 * @returns best first.
 * @throws RangeError where the output has another shape, or holds what is no number.
 */
export function decodeBoxes(
  output: Float32Array,
  modelPx: number,
  picture: { readonly widthPx: number; readonly heightPx: number },
): BodyPart[] {
  const places = output.length / (BOX_ROWS + NUDENET_LABELS.length);
  if (places === 0 || !Number.isInteger(places)) {
    throw new RangeError(`the model gave ${output.length} values, which are no rows of 22`);
  }
  const at = (row: number, place: number): number => output[row * places + place] ?? Number.NaN;
  const scale = Math.max(picture.widthPx, picture.heightPx) / modelPx;
  const candidates: BodyPart[] = [];
  for (let place = 0; place < places; place += 1) {
    let best = 0;
    for (let index = 0; index < NUDENET_LABELS.length; index += 1) {
      const score = at(BOX_ROWS + index, place);
      if (!(score >= 0 && score <= 1)) throw new RangeError('the model gave no probability');
      if (score > at(BOX_ROWS + best, place)) best = index;
    }
    const score = at(BOX_ROWS + best, place);
    const label = NUDENET_LABELS[best];
    if (score < CANDIDATE_FROM || label === undefined) continue;
    const [x, y, width, height] = [at(0, place), at(1, place), at(2, place), at(3, place)];
    const leftPx = between(0, (x - width / 2) * scale, picture.widthPx);
    const topPx = between(0, (y - height / 2) * scale, picture.heightPx);
    const widthPx = Math.min(width * scale, picture.widthPx - leftPx);
    const heightPx = Math.min(height * scale, picture.heightPx - topPx);
    candidates.push({ label, score, box: { leftPx, topPx, widthPx, heightPx } });
  }
  return suppressOverlaps(candidates);
}

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

/** Whatever their classes: of boxes that lie upon one another only the best stays. */
function suppressOverlaps(candidates: readonly BodyPart[]): BodyPart[] {
  const kept: BodyPart[] = [];
  const ordered = candidates
    .filter(({ score }) => score > SCORE_ABOVE)
    .sort((a, b) => b.score - a.score);
  for (const candidate of ordered) {
    if (kept.every(({ box }) => overlap(box, candidate.box) <= OVERLAP_MAX)) kept.push(candidate);
  }
  return kept;
}

/** Share of the union that both cover. Two boxes without area are the same. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.leftPx + a.widthPx, b.leftPx + b.widthPx) - Math.max(a.leftPx, b.leftPx);
  const height = Math.min(a.topPx + a.heightPx, b.topPx + b.heightPx) - Math.max(a.topPx, b.topPx);
  const both = width <= 0 || height <= 0 ? 0 : width * height;
  const areas = a.widthPx * a.heightPx + b.widthPx * b.heightPx;
  return areas === 0 ? 1 : both / (areas - both);
}
