import { type Arc, arcRibs, fitArc, type Rib } from '../ocr/arc-strip.ts';
import type { ProbabilityMap } from './find-places.ts';

/** Writing is taken for bent where its middle rises over its ends by this share of its thickness. */
const BENT_FROM = 0.4;
/** And where it fills this share of its strip: a patch of any shape has a circle. */
const FILLED_FROM = 0.7;
/** A band is bent where it is this many times as long as thick; what is shorter has no direction. */
const BENT_LENGTH_FROM = 3;
/** An even band's thickness over the deviation of its pixels from its middle. */
const THICKNESS_OVER_SPREAD = Math.sqrt(12);
/** Pixels of a patch that its circle is fitted to, at most. */
const FITTED_PIXELS_MAX = 1500;

/** The arc along which a patch runs, and its mean probability; undefined where it runs straight. */
export function findBend(
  map: ProbabilityMap,
  pixels: readonly number[],
): { readonly arc: Arc; readonly score: number } | undefined {
  const step = Math.ceil(pixels.length / FITTED_PIXELS_MAX);
  const points = pixels
    .filter((_, index) => index % step === 0)
    .map((at) => ({ x: at % map.widthPx, y: Math.floor(at / map.widthPx) }));
  const arc = fitArc(points);
  if (arc === undefined) return undefined;
  const thickness = thicknessOf(arc);
  // A block has a circle too, as narrow as it is thick.
  if (arc.radiusPx < thickness) return undefined;
  const rise = arc.radiusPx * (1 - Math.cos(arc.halfAngle));
  if (rise < BENT_FROM * thickness) return undefined;
  if (pixels.length < FILLED_FROM * lengthOf(arc) * thickness) return undefined;
  if (lengthOf(arc) < BENT_LENGTH_FROM * thickness) return undefined;
  const sum = pixels.reduce((total, at) => total + (map.probabilities[at] ?? 0), 0);
  return { arc, score: sum / pixels.length };
}

function thicknessOf(arc: Arc): number {
  return Math.max(1, THICKNESS_OVER_SPREAD * arc.spreadPx);
}

function lengthOf({ radiusPx, halfAngle }: Arc): number {
  return 2 * radiusPx * halfAngle;
}

/** The strip of a bent line, grown outwards as a straight one is. */
export function bendRibs(arc: Arc, unclipRatio: number): Rib[] {
  const [length, thickness] = [lengthOf(arc), thicknessOf(arc)];
  const growth = (length * thickness * unclipRatio) / (2 * (length + thickness));
  return arcRibs(arc, thickness / 2 + growth, growth + thickness / 2);
}
