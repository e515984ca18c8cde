import { sha256Of } from '../../core/ids.ts';

/** A longer text is cut: nobody asks for a picture in more words, and servers take no more. */
const TEXT_LIMIT = 4_000;

/**
 * Puts a text that others wrote between marks, as material. The marks hold a hash of the text, so
 * that a text cannot hold its own end; equal texts are fenced alike, and answers can be cached.
 */
export function fenceText(text: string): string {
  const cut = text.slice(0, TEXT_LIMIT);
  const mark = sha256Of(['fence', cut]).slice(0, 12);
  return `[MATERIAL ${mark}]\n${cut}\n[END OF MATERIAL ${mark}]`;
}
