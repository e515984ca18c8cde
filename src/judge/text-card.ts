import type { Finding, PixelMeasures } from '../core/finding.ts';

type Word = { readonly text: string; readonly confidence: number; readonly box?: Box | undefined };
type Box = {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
};

/** Signs of a policy's language. Two of them, so that a sign "Sorry, closed" is none. */
const POLICY_SIGNS: readonly RegExp[] = [
  /\b(?:content|safety|usage|community|our|acceptable use) (?:policy|policies|guidelines?|standards|rules|filters?|systems?)\b/,
  /\b(?:violat(?:e|es|ed|ing|ion)|against our|goes against|not (?:allowed|permitted|appropriate)|prohibited|inappropriate|unsafe|nsfw)\b/,
  /\b(?:(?:un|not )able to|cannot|can t|could not|couldn t|won t|failed to|refus(?:e|ed)) (?:be )?(?:generat|creat|process|show|display|fulfil|complet|help|comply|assist)/,
  /\b(?:request|prompt|content|image|picture|video|generation|output|result)s? (?:has been |was |were |is |are )?(?:been )?(?:blocked|rejected|filtered|denied|removed|flagged|refused|moderated|hidden|withheld|unavailable|not available)\b/,
  /\b(?:potentially|possibly|contains?|sensitive|explicit) (?:nsfw|unsafe|harmful|sensitive|explicit|adult|content)\b/,
  /\b(?:please )?(?:try|use|edit|modify|change|revise) (?:again|a different|another|your) ?(?:prompt|request|input)?\b/,
  /\b(?:we are |we re |i m |i am )?sorry\b/,
  /\bmoderat(?:ed|ion|or)\b/,
];
const SIGNS_MIN = 2;
/** Words that were read with less are noise. */
const CONFIDENCE_MIN = 0.5;
/** The lines of a card span this share of its width; a notice in a scene rarely does. */
const SPAN_RATE_MIN = 0.3;

/**
 * Whether what was read in a picture is a policy speaking, and dominates it. Where a finding tells
 * no boxes or the picture's size is not known, the words alone decide. Pictures only: words of a
 * video are told once for all frames that show them.
 */
export function isTextCard(findings: readonly Finding[], measures: PixelMeasures): boolean {
  return findings.some(({ result }) => {
    if (result.kind !== 'scores' && result.kind !== 'abstained') return false;
    const words = (result.detail?.words ?? []).filter(
      ({ confidence, timeMs }) => confidence >= CONFIDENCE_MIN && timeMs === undefined,
    );
    return speaksPolicy(words) && dominates(words, measures);
  });
}

function speaksPolicy(words: readonly Word[]): boolean {
  const text = words
    .map((word) => word.text)
    .join(' ')
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ');
  return POLICY_SIGNS.filter((sign) => sign.test(text)).length >= SIGNS_MIN;
}

function dominates(words: readonly Word[], { widthPx }: PixelMeasures): boolean {
  const boxes = words.flatMap(({ box }) => (box === undefined ? [] : [box]));
  if (widthPx === undefined || boxes.length === 0) return true;
  const left = Math.min(...boxes.map((box) => box.leftPx));
  const right = Math.max(...boxes.map((box) => box.leftPx + box.widthPx));
  return (right - left) / widthPx >= SPAN_RATE_MIN;
}
