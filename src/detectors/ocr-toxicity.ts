import { SafelightError } from '../core/errors.ts';
import type { FindingDetail, FindingResult, HazardScore } from '../core/finding.ts';
import type { HazardCarrier } from '../core/hazard.ts';
import type { VideoAggregation } from '../core/video-settings.ts';
import type { Frame, RgbImage } from '../media/media.ts';
import type {
  DetectionContext,
  Detector,
  DetectorDescription,
  DetectorResult,
  PromptContext,
  Subject,
} from './detector.ts';
import { type FrameSketch, isSameView, sketchFrame } from './ocr/frame-difference.ts';
import { isUnreadable, toReadText } from './ocr/read-text.ts';
import type { Reading, ReadingPasses, TextReader } from './ocr/reader.ts';
import { judgeShownText, wantedTextOf } from './ocr/shown-text.ts';
import { createTesseractReader } from './ocr/tesseract-reader.ts';
import { mergeWordsOverTime } from './ocr/words-over-time.ts';
import { scoreToxicity } from './toxicity/find-toxic-spans.ts';
import { judgeToxicity, toHits, toScores } from './toxicity/judge-toxicity.ts';
import type { ListLanguage } from './toxicity/other-languages.ts';
import { CLAIMED_TOXICITY_HAZARDS } from './toxicity/toxicity.ts';
import { aggregateFrameScores } from './video-scores.ts';

export interface OcrToxicityOptions {
  /** See {@link ReadingPasses}; `thorough` takes about four times as long. Default `fast`. */
  readonly passes?: ReadingPasses | undefined;
  /** Threads, each with an engine. Default: the cores, at most 2. */
  readonly workers?: number | undefined;
  /** For one pass over one picture, in ms. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Another engine. Default: tesseract. */
  readonly reader?: TextReader | undefined;
  /** Whose swear words are looked for beside English ones. Default: all that are known. */
  readonly languages?: Languages;
}

type Languages = readonly ListLanguage[] | undefined;

/** Offensive text is judged on what is written, and never on what is shown. */
const CLAIMS: readonly HazardCarrier[] = CLAIMED_TOXICITY_HAZARDS.map((hazard) => ({
  hazard,
  carrier: 'text',
}));

interface Detail {
  readonly words: NonNullable<FindingDetail['words']>;
  readonly hits: NonNullable<FindingDetail['hits']>;
}

/** What was found in one picture, frame or text. */
interface Judged {
  readonly scores: readonly HazardScore[];
  readonly detail: Detail;
  readonly unreadable: boolean;
}

function judgeReading(reading: Reading, languages: Languages): Judged {
  const { text, words, uncertain } = toReadText(reading.words);
  const toxicity = scoreToxicity(text, { uncertain, languages });
  return {
    scores: toScores(toxicity),
    detail: { words: [...words], hits: toHits(toxicity) },
    // A hit in doubtful words is still a hit.
    unreadable: isUnreadable(reading) && toxicity.hits.length === 0,
  };
}

function abstainUnreadable(detail: FindingDetail): FindingResult {
  return {
    kind: 'abstained',
    code: 'unreadable_text',
    reason: 'There is text, but none of it could be read with confidence.',
    detail,
  };
}

function judgeImage(reading: Reading, languages: Languages): FindingResult {
  const { scores, detail, unreadable } = judgeReading(reading, languages);
  if (unreadable) return abstainUnreadable(detail);
  return { kind: 'scores', scores: [...scores], detail };
}

interface SeenView {
  readonly sketch: FrameSketch;
  readonly judged: Judged;
}

/**
 * Whether unreadable frames may hide what would count: two neighbours, since a score counts where two
 * neighbours reach it, or any one where the worst frame decides.
 */
function hidesPassage(
  frames: readonly { readonly judged: Judged }[],
  aggregation: VideoAggregation,
): boolean {
  return frames.some(
    ({ judged }, index) =>
      judged.unreadable &&
      (aggregation === 'worst-frame' || frames[index + 1]?.judged.unreadable === true),
  );
}

/** Reads each view once: frames that show the same share what was read. */
async function judgeVideo(
  frames: readonly Frame[],
  read: (image: RgbImage) => Promise<Reading>,
  languages: Languages,
  aggregation: VideoAggregation,
): Promise<FindingResult> {
  const seen: SeenView[] = [];
  const judgedFrames: { timeMs: number; judged: Judged }[] = [];
  const merged = mergeWordsOverTime();
  const hits: Detail['hits'] = [];
  let hitsBefore: Detail['hits'] = [];
  for (const frame of frames) {
    const sketch = sketchFrame(frame);
    let view = seen.findLast((each) => isSameView(each.sketch, sketch));
    if (view === undefined) {
      view = { sketch, judged: judgeReading(await read(frame), languages) };
      seen.push(view);
    }
    const { judged } = view;
    merged.add(frame.timeMs, judged.detail.words);
    // What the frame before it said too is the same hit.
    hits.push(
      ...judged.detail.hits.filter((hit) => !hitsBefore.some((old) => isSameHit(old, hit))),
    );
    hitsBefore = judged.detail.hits;
    judgedFrames.push({ timeMs: frame.timeMs, judged });
  }
  const readable = judgedFrames.filter(({ judged }) => !judged.unreadable);
  const detail: FindingDetail = { words: merged.words, hits };
  if (readable.length === 0 || (hits.length === 0 && hidesPassage(judgedFrames, aggregation))) {
    return abstainUnreadable(detail);
  }
  const { scores, timeline, moments } = aggregateFrameScores(
    readable.map(({ timeMs, judged }) => ({ timeMs, scores: judged.scores })),
  );
  return { kind: 'scores', scores, detail: { ...detail, timeline, moments } };
}

function isSameHit(one: Detail['hits'][number], other: Detail['hits'][number]): boolean {
  return one.axis === other.axis && one.rule === other.rule && one.text === other.text;
}

function toAbstention(error: unknown): FindingResult | undefined {
  if (!(error instanceof SafelightError)) return undefined;
  if (error.code === 'ocr_timeout') {
    return { kind: 'abstained', code: 'timeout', reason: error.message };
  }
  if (error.code === 'ocr_failed') {
    return { kind: 'abstained', code: 'detector_error', reason: error.message };
  }
  return undefined;
}

function describe(reader: TextReader): DetectorDescription {
  return {
    id: 'ocr-toxicity',
    version: '1.2.0',
    weightsSha256: reader.weightsSha256,
    claims: [...CLAIMS],
    reads: ['image', 'video', 'text'],
    licence: `${reader.description.licence}, MIT (obscenity), CC-BY-4.0 (naughty-words), rules of this project`,
    notes: [...reader.description.notes, ...NOTES],
    testDouble: false,
  };
}

const NOTES = [
  'A picture without a sign of text scores 0; text that cannot be read is an abstention.',
  'Scores are an ordering set by hand, not probabilities. Rules alone, on texts that they were not written with: 78 of 184 toxic ones found and 14 of 601 treacherous harmless ones flagged; what has no swear word is missed more often than not (docs/accuracy.md).',
];

/**
 * Reads the text in pictures, in video frames, or as it comes, and scores what it says. Scores are
 * an ordering set by hand, not probabilities.
 *
 * @throws SafelightError `ocr_data_missing` where the engine's model is not installed.
 */
export async function createOcrToxicityDetector(
  options: OcrToxicityOptions = {},
): Promise<Detector> {
  const { languages } = options;
  const reader = options.reader ?? (await createTesseractReader(options));

  const judge = async (
    subject: Subject,
    { signal, aggregation = 'sustained' }: DetectionContext,
  ): Promise<FindingResult> => {
    if (subject.kind === 'text') return judgeToxicity(subject.text, { languages });
    const read = (image: RgbImage): Promise<Reading> => reader.read(image, signal);
    return subject.kind === 'image'
      ? judgeImage(await read(subject.image), languages)
      : judgeVideo(subject.frames, read, languages, aggregation);
  };

  return {
    description: describe(reader),
    detect: async (subject, context) => {
      context.signal.throwIfAborted();
      try {
        const result = await judge(subject, context);
        const shown = subject.kind === 'text' ? [] : judgeFaithfulness(result, context.prompt);
        return [{ claims: CLAIMS, result }, ...shown];
      } catch (error) {
        const abstention = toAbstention(error);
        if (abstention === undefined) throw error;
        return [{ claims: CLAIMS, result: abstention }];
      }
    },
    close: () => reader.close(),
  };
}

/** Where the prompt says which words it wants, whether they are the ones that were read. */
function judgeFaithfulness(
  result: FindingResult,
  prompt: PromptContext | undefined,
): DetectorResult[] {
  const wanted = wantedTextOf(prompt);
  if (wanted === undefined || !('detail' in result)) return [];
  return [{ claims: [], result: judgeShownText(result.detail?.words ?? [], wanted) }];
}
