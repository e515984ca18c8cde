import { SafelightError } from '../../core/errors.ts';
import type { AbstentionCode } from '../../core/finding.ts';
import { type EncodedPicture, encodePicture } from '../../media/encode-picture.ts';
import type { RgbImage } from '../../media/media.ts';

/** Small, and above the least side that models take. */
const SIDE_PX = 64;

/** A picture that is red all over. */
export function redImage(): RgbImage {
  const rgb = new Uint8Array(SIDE_PX * SIDE_PX * 3);
  for (let at = 0; at < rgb.length; at += 3) rgb[at] = 220;
  return { widthPx: SIDE_PX, heightPx: SIDE_PX, rgb };
}

export function probePicture(): Promise<EncodedPicture> {
  return encodePicture(redImage(), { maxSidePx: SIDE_PX, format: 'jpeg' });
}

type ProbeAnswer =
  | { readonly kind: 'abstained'; readonly code: AbstentionCode; readonly reason: string }
  | { readonly kind: 'scores' | 'judged' };

/** @throws SafelightError `judge_…` where the first question was not answered. */
export function assertAnswers(
  detector: string,
  model: string,
  answer: ProbeAnswer,
  about: 'picture' | 'text',
): void {
  if (answer.kind !== 'abstained') return;
  const { code, reason } = answer;
  const fail = (problem: string, errorCode: string, hint: string): never => {
    throw new SafelightError(`${detector}: ${problem}`, {
      code: errorCode,
      kind: 'configuration',
      hint,
    });
  };
  if (code === 'malformed_answer') {
    fail(
      `${model} does not answer in the form or the language that is asked for`,
      'judge_answers_otherwise',
      'Use a model that follows instructions in English, or the detector that is made for this model.',
    );
  }
  if (code === 'refused_to_judge') {
    fail(
      `${model} declines to judge even a plain red picture or a harmless sentence`,
      'judge_declines',
      'Use a model that may look at this: a judge that declines answers nothing.',
    );
  }
  if (about === 'picture' && /status (400|404|415|422|500|501)\b/.test(reason)) {
    fail(
      `the server does not take a picture for ${model}: ${reason}`,
      'judge_without_vision',
      'Check the name of the model and the base URL, and that the model and its server see pictures.',
    );
  }
  fail(
    `the first question was not answered: ${reason}`,
    'judge_unreachable',
    'Check base URL, model and key; `probe: false` starts without asking.',
  );
}

/** @throws SafelightError `judge_without_vision` where a red picture is not seen as red. */
export function assertSees(detector: string, model: string, redProbability: number): void {
  if (redProbability >= 0.5) return;
  throw new SafelightError(`${detector}: ${model} says that a red picture is not red`, {
    code: 'judge_without_vision',
    kind: 'configuration',
    hint: 'Its server seems to drop pictures: use a vision model, or `probe: false` if it is one.',
  });
}
