import type { RgbImage } from '../../media/media.ts';
import type { Rib } from '../ocr/arc-strip.ts';
import { cropLine, cropStrip, turnOver } from './crop-line.ts';
import { decodeLine } from './decode-line.ts';
import { DEFAULT_PLACE_OPTIONS, findPlaces, type ProbabilityMap } from './find-places.ts';
import { resizeRgb, writePlanes } from './resize-rgb.ts';
import type { Point, TextLine, TextPlace, Turn } from './text-line.ts';

/** A loaded model: runs one batch. Its output's shape follows from the input's. */
export interface ModelRunner {
  run(shape: readonly number[], values: Float32Array): Promise<Float32Array>;
}

export interface PpocrModels {
  readonly detection: ModelRunner;
  readonly direction: ModelRunner;
  readonly recognition: ModelRunner;
  /** Of the recognition model: blank, dictionary, space. */
  readonly alphabet: readonly string[];
}

/** What was found in one picture: places, and the lines that were read there, in the same order. */
export interface PictureLines {
  readonly places: readonly TextPlace[];
  readonly lines: readonly TextLine[];
}

/** Detection works on multiples of this. */
const GRID_PX = 32;
/** Pictures with a shorter side than this are scaled up for the detection. */
const DETECTION_SIDE_MIN_PX = 736;
/** Larger pictures are scaled down before anything else, tiny ones up. */
const LONG_SIDE_MAX_PX = 2000;
const SHORT_SIDE_MIN_PX = 30;
/**
 * A first look goes over the picture at this share of its size, and this large at least. Measured on
 * 105 drawn pictures with text and 100 without: none of the first is let go, 95 of the others are.
 */
const FIRST_LOOK_RATE = 0.42;
const FIRST_LOOK_SIDE_MIN_PX = 320;
const LINE_HEIGHT_PX = 48;
const DIRECTION_WIDTH_PX = 192;
const RECOGNITION_WIDTH_MIN_PX = 320;
const LINES_A_BATCH = 6;
const UPSIDE_DOWN_FROM = 0.9;

/** Finds and reads the lines of a picture. */
export async function readLines(
  picture: RgbImage,
  models: PpocrModels,
  signal: AbortSignal,
): Promise<PictureLines> {
  const image = fitSides(picture);
  const places = await detect(image, models.detection);
  const crops = places.map(({ quad, ribs }) =>
    ribs === undefined ? cropLine(image, quad) : cropStrip(image, ribs),
  );
  const lines: TextLine[] = [];
  const order = crops
    .map((crop, index) => ({ index, ratio: crop.image.widthPx / crop.image.heightPx }))
    .sort((a, b) => a.ratio - b.ratio || a.index - b.index);
  const toPicture = scalePlace(picture.widthPx / image.widthPx, picture.heightPx / image.heightPx);
  for (let first = 0; first < order.length; first += LINES_A_BATCH) {
    signal.throwIfAborted();
    const batch = order.slice(first, first + LINES_A_BATCH);
    const images = batch.map(({ index }) => crops[index]?.image ?? image);
    const upsideDown = await findUpsideDown(images, models.direction);
    const turned = images.map((each, at) => (upsideDown[at] === true ? turnOver(each) : each));
    const decoded = await recognise(turned, models);
    batch.forEach(({ index }, at) => {
      const read = decoded[at];
      const place = places[index];
      if (read === undefined || place === undefined) return;
      const turn: Turn = {
        upright: crops[index]?.upright === true,
        upsideDown: upsideDown[at] === true,
      };
      const { score: _, ...placed } = toPicture(place);
      lines[index] = { ...placed, turn, ...read };
    });
  }
  return { places: places.map(toPicture), lines };
}

function scalePlace(x: number, y: number): (place: TextPlace) => TextPlace {
  const scale = (point: Point): Point => ({ x: point.x * x, y: point.y * y });
  const scaleRib = ([a, b]: Rib): Rib => [scale(a), scale(b)];
  return ({ quad: [a, b, c, d], score, ribs }) => ({
    quad: [scale(a), scale(b), scale(c), scale(d)],
    score,
    ...(ribs === undefined ? {} : { ribs: ribs.map(scaleRib) }),
  });
}

/** To the nearest multiple of the grid, halves to the even one, as the reference does. */
function toGrid(lengthPx: number): number {
  const cells = Math.floor(lengthPx) / GRID_PX;
  const low = Math.floor(cells);
  const up = cells - low > 0.5 || (cells - low === 0.5 && low % 2 === 1);
  return Math.max(GRID_PX, (up ? low + 1 : low) * GRID_PX);
}

function resizeBy(image: RgbImage, ratio: number): RgbImage {
  return resizeRgb(image, toGrid(image.widthPx * ratio), toGrid(image.heightPx * ratio));
}

function fitSides(picture: RgbImage): RgbImage {
  const longPx = Math.max(picture.widthPx, picture.heightPx);
  const fitted = longPx > LONG_SIDE_MAX_PX ? resizeBy(picture, LONG_SIDE_MAX_PX / longPx) : picture;
  const shortPx = Math.min(fitted.widthPx, fitted.heightPx);
  return shortPx < SHORT_SIDE_MIN_PX ? resizeBy(fitted, SHORT_SIDE_MIN_PX / shortPx) : fitted;
}

async function detect(image: RgbImage, model: ModelRunner): Promise<TextPlace[]> {
  const shortPx = Math.min(image.widthPx, image.heightPx);
  const firstSidePx = Math.max(FIRST_LOOK_SIDE_MIN_PX, shortPx * FIRST_LOOK_RATE);
  if (firstSidePx < shortPx) {
    const glance = await mapText(resizeBy(image, firstSidePx / shortPx), model);
    if (glance.probabilities.every((each) => each < DEFAULT_PLACE_OPTIONS.pixelFrom)) return [];
  }
  const ratio = Math.max(1, DETECTION_SIDE_MIN_PX / shortPx);
  return findPlaces(await mapText(resizeBy(image, ratio), model), image);
}

async function mapText(image: RgbImage, model: ModelRunner): Promise<ProbabilityMap> {
  const { widthPx, heightPx } = image;
  const values = new Float32Array(3 * widthPx * heightPx);
  writePlanes(image, values, 0, widthPx);
  const probabilities = await model.run([1, 3, heightPx, widthPx], values);
  return { widthPx, heightPx, probabilities };
}

/** Lines of one height behind one another, padded with zeros on the right. */
function toBatch(images: readonly RgbImage[], widthPx: number): Float32Array {
  const length = 3 * LINE_HEIGHT_PX * widthPx;
  const values = new Float32Array(images.length * length);
  images.forEach((image, index) => {
    const resized = resizeRgb(image, lineWidth(image, widthPx), LINE_HEIGHT_PX);
    writePlanes(resized, values, index * length, widthPx);
  });
  return values;
}

function lineWidth(image: RgbImage, widthMaxPx: number): number {
  return Math.min(widthMaxPx, Math.ceil((LINE_HEIGHT_PX * image.widthPx) / image.heightPx));
}

async function findUpsideDown(images: readonly RgbImage[], model: ModelRunner): Promise<boolean[]> {
  const shape = [images.length, 3, LINE_HEIGHT_PX, DIRECTION_WIDTH_PX];
  const output = await model.run(shape, toBatch(images, DIRECTION_WIDTH_PX));
  return images.map((_, index) => {
    const [upright = 0, over = 0] = output.subarray(index * 2, index * 2 + 2);
    return over > upright && over > UPSIDE_DOWN_FROM;
  });
}

async function recognise(
  images: readonly RgbImage[],
  { recognition, alphabet }: PpocrModels,
): Promise<ReturnType<typeof decodeLine>[]> {
  const ratio = Math.max(
    RECOGNITION_WIDTH_MIN_PX / LINE_HEIGHT_PX,
    ...images.map(({ widthPx, heightPx }) => widthPx / heightPx),
  );
  const widthPx = Math.floor(LINE_HEIGHT_PX * ratio);
  const shape = [images.length, 3, LINE_HEIGHT_PX, widthPx];
  const output = await recognition.run(shape, toBatch(images, widthPx));
  const length = output.length / images.length;
  return images.map((image, index) =>
    decodeLine({
      probabilities: output.subarray(index * length, (index + 1) * length),
      alphabet,
      coveredRate: lineWidth(image, widthPx) / widthPx,
    }),
  );
}
