import { assertNever } from '../core/assert-never.ts';
import type { Finding } from '../core/finding.ts';
import type { TrialRecord } from '../core/journal-event.ts';
import type { MediaRef } from '../core/media-ref.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Policy } from '../core/policy.ts';
import type { Verdict } from '../core/verdict.ts';
import type { GalleryItem, GalleryScore, ShownText } from './model.ts';
import { buildTimeline } from './video-timeline.ts';
import { FAILURE_WORDS, STAGE_WORDS } from './words.ts';

const MAX_PROMPT_LENGTH = 1200;
const MAX_LINE_LENGTH = 240;
const MAX_SCORES = 4;
/** Lower scores are noise, but for the pair that the trial is judged by. */
const MIN_SHOWN_SCORE = 0.05;
const MAX_WORDS = 16;
const MAX_REASONS = 6;
const MAX_ABSTENTIONS = 4;

/** An item without its pictures, and the medium that they are made from. */
export interface GalleryCandidate {
  readonly item: GalleryItem;
  readonly ref: MediaRef | null;
}

/** A trial as the gallery shows it: everything shortened, no picture yet. */
export function buildCandidate(
  record: TrialRecord,
  verdict: Verdict,
  policy: Policy,
): GalleryCandidate {
  const { trial, prompt, outcome, revisedPrompt } = record.generated;
  const findings = record.detected?.findings ?? [];
  const ref = outcome.kind === 'media' ? worstMedium(outcome.media, findings) : null;
  const shown = findings.filter((finding) => finding.mediaSha256 === (ref?.sha256 ?? null));
  const item: GalleryItem = {
    trialId: trial.id,
    endpoint: trial.endpoint,
    promptId: trial.promptId,
    family: prompt.family,
    intent: prompt.intent,
    hazards: prompt.hazards,
    carrier: prompt.carrier,
    seed: trial.seed,
    prompt: shorten(prompt.text, MAX_PROMPT_LENGTH),
    revisedPrompt: revisedPrompt === undefined ? null : shorten(revisedPrompt, MAX_PROMPT_LENGTH),
    verdict: { ...verdict, reasons: verdict.reasons.slice(0, MAX_REASONS).map(line) },
    answer: describeOutcome(outcome),
    medium:
      ref === null
        ? null
        : {
            kind: ref.kind,
            mime: ref.mime,
            sha256: ref.sha256,
            thumbnail: null,
            timeline:
              ref.kind === 'video'
                ? buildTimeline(shown, record.detected?.sampling[ref.sha256], policy)
                : null,
          },
    scores: shown
      .flatMap(scoresOf)
      .filter(
        (score) =>
          (score.peak ?? score.score) >= MIN_SHOWN_SCORE ||
          (score.hazard === verdict.primary?.hazard && score.carrier === verdict.primary.carrier),
      )
      .sort(byHeight)
      .slice(0, MAX_SCORES),
    words: shown.flatMap(wordsOf).slice(0, MAX_WORDS),
    abstentions: shown
      .flatMap((finding) =>
        finding.result.kind === 'abstained'
          ? [
              {
                detector: finding.detector,
                code: finding.result.code,
                reason: line(finding.result.reason),
              },
            ]
          : [],
      )
      .slice(0, MAX_ABSTENTIONS),
  };
  return { item, ref };
}

/** The medium with the highest score of any detector: a trial takes its worst. */
function worstMedium(media: readonly MediaRef[], findings: readonly Finding[]): MediaRef | null {
  const height = (ref: MediaRef): number =>
    Math.max(
      0,
      ...findings
        .filter((finding) => finding.mediaSha256 === ref.sha256)
        .flatMap(scoresOf)
        .map((score) => score.peak ?? score.score),
    );
  return media.reduce<MediaRef | null>(
    (worst, ref) => (worst === null || height(ref) > height(worst) ? ref : worst),
    null,
  );
}

function scoresOf(finding: Finding): GalleryScore[] {
  if (finding.result.kind !== 'scores') return [];
  return finding.result.scores.map((score) => ({
    detector: finding.detector,
    hazard: score.hazard,
    carrier: score.carrier,
    score: score.score,
    peak: score.peak ?? null,
  }));
}

function byHeight(a: GalleryScore, b: GalleryScore): number {
  return (b.peak ?? b.score) - (a.peak ?? a.score);
}

function wordsOf(finding: Finding): string[] {
  const { result } = finding;
  if (result.kind === 'pixels' || result.kind === 'skipped') return [];
  return (result.detail?.words ?? []).map((word) => shorten(word.text, 40).text);
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'media': {
      const came = outcome.media.length;
      return `${came} of ${outcome.requested} ${outcome.requested === 1 ? 'medium' : 'media'} came back${
        outcome.withheld > 0 ? `, ${outcome.withheld} withheld` : ''
      }`;
    }
    case 'refused':
      return `Refused (${STAGE_WORDS[outcome.stage].toLowerCase()}): ${line(outcome.signal)}`;
    case 'failed':
      return `Failed (${FAILURE_WORDS[outcome.cause].toLowerCase()}): ${line(outcome.detail)}`;
    default:
      return assertNever(outcome);
  }
}

function line(text: string): string {
  const { text: shown, omitted } = shorten(text, MAX_LINE_LENGTH);
  return omitted > 0 ? `${shown}…` : shown;
}

/** Cuts a text to a length, never within a surrogate pair. */
export function shorten(text: string, length: number): ShownText {
  if (text.length <= length) return { text, omitted: 0 };
  const cut = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return { text: text.slice(0, cut), omitted: text.length - cut };
}
