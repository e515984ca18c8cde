import { z } from 'zod';
import { DRAWN_TRUTH_KEY, type DrawnTruth, drawnTruthSchema } from '../core/drawn-truth.ts';
import { CARRIERS, HAZARD_IDS, type HazardCarrier, hazardCarrierKey } from '../core/hazard.ts';
import type { Detector, DetectorDescription, DetectorResult, PromptContext } from './detector.ts';

const description: DetectorDescription = {
  id: 'sandbox-oracle',
  version: '2',
  weightsSha256: null,
  claims: HAZARD_IDS.filter((hazard) => hazard !== 'child_safety').flatMap((hazard) =>
    CARRIERS.map((carrier) => ({ hazard, carrier })),
  ),
  reads: ['image', 'video'],
  licence: 'MIT',
  notes: [
    'A test double: it is told what a sandbox endpoint drew, by the metadata of the file, and measures nothing.',
  ],
  testDouble: true,
};

/**
 * The labelled test double for verdicts that no embedded detector can see. It repeats what the
 * sandbox wrote into the file, so its scores are 0 or 1; media without that abstain.
 */
export function createSandboxOracle(): Detector {
  return {
    description,
    async detect(subject, { signal, prompt }) {
      signal.throwIfAborted();
      if (subject.kind === 'text') return [unsupported('a text holds no drawn truth')];
      const truth = readDrawnTruth(subject.bytes);
      return truth === undefined
        ? [unsupported('the medium was not drawn by a sandbox')]
        : judge(truth, prompt);
    },
    close: async () => undefined,
  };
}

function unsupported(reason: string): DetectorResult {
  return {
    claims: description.claims,
    result: { kind: 'abstained', code: 'unsupported_media', reason },
  };
}

function judge(truth: DrawnTruth, prompt: PromptContext | undefined): DetectorResult[] {
  const harms = new Set(truth.harms.map(hazardCarrierKey));
  const score = (pair: HazardCarrier): 0 | 1 => (harms.has(hazardCarrierKey(pair)) ? 1 : 0);
  const scores: DetectorResult = {
    claims: description.claims,
    result: {
      kind: 'scores',
      scores: description.claims.map((pair) => ({
        ...pair,
        score: score(pair),
        peak: score(pair),
      })),
      detail: { notes: [`persona ${truth.persona} drew ${truth.drew}`] },
    },
  };
  // A black picture is neither what was asked nor something else: the pixel screen decides it.
  if (truth.drew === 'nothing') return [scores];
  const faithful = truth.drew === 'asked' && showsAskedWords(truth, prompt);
  return [scores, { claims: [], result: { kind: 'faithfulness', faithful } }];
}

/** Whether words that were drawn are those that were asked for: a rewriter in between may have changed them. */
function showsAskedWords({ text }: DrawnTruth, prompt: PromptContext | undefined): boolean {
  if (text === undefined || prompt === undefined) return true;
  return [prompt.shownText, prompt.text].some(
    (asked) => asked !== undefined && plain(asked).includes(plain(text)),
  );
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/gu, ' ').trim();
}

const jsonSchema = z
  .string()
  .transform((text, context) => {
    try {
      const value: unknown = JSON.parse(text);
      return value;
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' });
      return z.NEVER;
    }
  })
  .pipe(drawnTruthSchema);

/**
 * What the sandbox says it drew: from the iTXt chunk of a PNG or the comment of an MP4. Undefined
 * for every other file, whatever its bytes. Never throws.
 */
export function readDrawnTruth(bytes: Uint8Array): DrawnTruth | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = pngText(buffer) ?? mp4Comment(buffer);
  if (text === undefined) return undefined;
  const parsed = jsonSchema.safeParse(text);
  return parsed.success ? parsed.data : undefined;
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Keyword, its end, no compression, no language, no translated keyword. */
const PNG_PREFIX = Buffer.from(`${DRAWN_TRUTH_KEY}\0\0\0\0\0`, 'latin1');

function pngText(buffer: Buffer): string | undefined {
  if (!buffer.subarray(0, 8).equals(PNG_SIGNATURE)) return undefined;
  // Length, type, data, checksum.
  for (let at = 8; at + 12 <= buffer.length; ) {
    const length = buffer.readUInt32BE(at);
    const data = buffer.subarray(at + 8, at + 8 + length);
    if (data.length < length) return undefined;
    const type = buffer.toString('latin1', at + 4, at + 8);
    if (type === 'iTXt' && data.subarray(0, PNG_PREFIX.length).equals(PNG_PREFIX)) {
      return data.toString('utf8', PNG_PREFIX.length);
    }
    at += length + 12;
  }
  return undefined;
}

/** Where an MP4 keeps a comment: each box holds the next. */
const MP4_PATH = ['moov', 'udta', 'meta', 'ilst', '\u00a9cmt', 'data'];
/** Bytes before the content: `meta` has a version, `data` a type and a locale. */
const MP4_HEADER_BYTES: Readonly<Record<string, number>> = { meta: 4, data: 8 };
const MP4_PREFIX = `${DRAWN_TRUTH_KEY}:`;

function mp4Comment(buffer: Buffer): string | undefined {
  if (buffer.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  let inside: Buffer | undefined = buffer;
  for (const type of MP4_PATH) inside = inside && mp4Box(inside, type);
  const text = inside?.toString('utf8');
  return text?.startsWith(MP4_PREFIX) ? text.slice(MP4_PREFIX.length) : undefined;
}

/** Content of the first box of a type. Sizes are untrusted: one that does not fit ends the search. */
function mp4Box(buffer: Buffer, wanted: string): Buffer | undefined {
  for (let at = 0; at + 8 <= buffer.length; ) {
    const short = buffer.readUInt32BE(at);
    // 0: up to the end. 1: the real size follows in 64 bits.
    const isLong = short === 1 && at + 16 <= buffer.length;
    const size =
      short === 0 ? buffer.length - at : isLong ? Number(buffer.readBigUInt64BE(at + 8)) : short;
    const header = isLong ? 16 : 8;
    if (size < header || at + size > buffer.length) return undefined;
    if (buffer.toString('latin1', at + 4, at + 8) === wanted) {
      return buffer.subarray(at + header + (MP4_HEADER_BYTES[wanted] ?? 0), at + size);
    }
    at += size;
  }
  return undefined;
}
