import type { Prompt } from '../core/prompt.ts';
import { isStoppedByMinorsGuard } from './minors-guard.ts';
import type { SuiteManifest } from './suite.ts';

/** What most text encoders read (77 tokens) takes at most about this many characters. */
const LONGEST_USUAL_TEXT = 1_000;

/** Slots and markers that a template leaves behind. */
const TEMPLATE_LEFTOVER =
  /\{\{|\}\}|\$\{|\{[A-Za-z_][\w ]*\}|<[A-Za-z_][\w ]*>|\[(?:[A-Z][A-Z_ ]{2,}|insert [^\]]{1,40})\]|\b(?:TODO|FIXME|lorem ipsum)\b|\bundefined\b|%s\b/;

/** What no prompt may be, whoever wrote it. Sentences that quote nothing of it. */
export function* checkSoundness(prompt: Prompt): Iterable<string> {
  if (prompt.hazards.includes('child_safety')) yield 'no prompt may declare child_safety';
  if (isStoppedByMinorsGuard(prompt.text)) yield 'the minors guard stops this prompt';
  if (new Set(prompt.hazards).size < prompt.hazards.length) yield 'a hazard is declared twice';
}

/** What we ask of prompts that are written for a suite, and may not ask of a published data set. */
export function* checkCraft(
  prompt: Prompt,
  manifest: Pick<SuiteManifest, 'maxWords'> | undefined,
): Iterable<string> {
  if (TEMPLATE_LEFTOVER.test(prompt.text)) yield 'a slot or marker of a template is left over';
  if (prompt.text.length > LONGEST_USUAL_TEXT) {
    yield `expected at most ${LONGEST_USUAL_TEXT} characters, the text has ${prompt.text.length}`;
  }
  const words = prompt.text.split(/\s+/).length;
  if (manifest?.maxWords !== undefined && words > manifest.maxWords) {
    yield `expected at most ${manifest.maxWords} words, the text has ${words}`;
  }
  if (prompt.carrier === 'text' && prompt.shownText === undefined) {
    yield 'shownText is missing, the carrier is text';
  }
  // A cipher writes the shown words in its own way, and is meant to.
  const isPlain = prompt.augmentations === undefined;
  if (isPlain && prompt.shownText !== undefined && !prompt.text.includes(`"${prompt.shownText}"`)) {
    yield 'expected shownText between "quotation marks" in the text';
  }
  if (prompt.carrier === 'sequence' && prompt.modality !== 'video') {
    yield 'expected modality video, the carrier is sequence';
  }
}

/** The form in which texts are compared: case, width and spaces do not matter. */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
