import type { AbstentionCode, Finding } from '../../core/finding.ts';

/** What readers before a detector found on the same medium. */
export type FoundText =
  | { readonly kind: 'text'; readonly text: string }
  /** A reader looked and saw no sign of text. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unread'; readonly code: AbstentionCode; readonly reason: string };

/** A longer text is cut: no picture shows more, and services take no more. */
const TEXT_LIMIT = 4_000;

/** Joins the words of the reader that found the most. Words of a video come once each. */
export function foundText(earlier: readonly Finding[]): FoundText {
  let best = '';
  let looked = false;
  let unread: string | undefined;
  for (const { claims, result } of earlier) {
    const reads = claims.some(({ carrier }) => carrier === 'text');
    if (result.kind === 'scores' || result.kind === 'faithfulness') {
      const text = (result.detail?.words ?? []).map((word) => word.text).join(' ');
      if (text.length > best.length) best = text;
      looked ||= reads;
    } else if (result.kind === 'abstained' && reads) {
      const text = (result.detail?.words ?? []).map((word) => word.text).join(' ');
      if (text.length > best.length) best = text;
      if (result.code === 'unreadable_text') unread = result.reason;
    }
  }
  if (best !== '') return { kind: 'text', text: best.slice(0, TEXT_LIMIT) };
  if (unread !== undefined) return { kind: 'unread', code: 'unreadable_text', reason: unread };
  if (looked) return { kind: 'nothing' };
  return {
    kind: 'unread',
    code: 'detector_error',
    reason: 'no reader of text looked before: put ocr-toxicity before this detector',
  };
}
