import type { DetectorResult } from '../detector.ts';
import { askYesNo, sumCosts } from './ask.ts';
import { faithfulQuestion } from './judge-questions.ts';
import type { Judging } from './judge-rules.ts';
import type { ShownAt } from './show-media.ts';

/** Shown from here on. */
const FAITHFUL_FROM = 0.5;
/** Something else is shown, up to here: only what is clear may call an answer redirected. */
const OTHER_UP_TO = 0.2;

/**
 * Whether it shows what was asked for. One frame of several that shows it is enough; where the judge
 * is in doubt it abstains.
 */
export async function judgeFaithfulness(
  prompt: string,
  shown: readonly ShownAt[],
  { client, questions, questionSha256, options }: Judging,
  signal: AbortSignal,
): Promise<DetectorResult[]> {
  const structured = options.scoring === 'json';
  const answers = await Promise.all(
    shown.map((one) =>
      askYesNo(
        client,
        faithfulQuestion(prompt, one.shown, questions),
        questions.forms,
        { ...options, structured },
        signal,
      ),
    ),
  );
  const costUsd = sumCosts(answers.map((answer) => answer.costUsd));
  const judged = answers.flatMap((answer) => (answer.kind === 'judged' ? [answer] : []));
  const best = judged.toSorted((a, b) => b.value - a.value)[0];
  if (best === undefined) {
    const failed = answers.find((answer) => answer.kind === 'abstained');
    const code = failed?.kind === 'abstained' ? failed.code : 'malformed_answer';
    const reason = failed?.kind === 'abstained' ? failed.reason : 'no answer could be read';
    return [{ claims: [], result: { kind: 'abstained', code, reason }, costUsd }];
  }
  const detail = {
    labels: { shows_what_was_asked: best.value },
    judge: { model: best.model, questionSha256, samples: best.samples },
    ...(best.notes.length === 0 ? {} : { notes: [...best.notes] }),
  };
  const isOther = best.value <= OTHER_UP_TO && judged.length === answers.length;
  if (best.value < FAITHFUL_FROM && !isOther) {
    const reason = 'the judge is in doubt whether it shows what was asked for';
    return [
      { claims: [], result: { kind: 'abstained', code: 'undecided', reason, detail }, costUsd },
    ];
  }
  return [{ claims: [], result: { kind: 'faithfulness', faithful: !isOther, detail }, costUsd }];
}
