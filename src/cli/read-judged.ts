import type { DetectorDescription } from '../core/journal-event.ts';
import type { Policy } from '../core/policy.ts';
import type { Summary } from '../core/summary.ts';
import { createTrialsByPrompt, type TrialsByPromptFold } from '../judge/gate-difference.ts';
import { gatherFacts, judgeRun, summariseRun } from '../run/judge-run.ts';
import { runFolder } from '../run/run-folder.ts';
import { openRun } from '../store/run-reader.ts';
import type { GatedRun } from './gate-formats.ts';

/** A run with its verdicts, judged now. */
export interface ReadRun {
  readonly summary: Summary;
  readonly gated: GatedRun;
  readonly trials: TrialsByPromptFold;
  readonly detectors: string;
}

/** Judges a run anew from its journal: a summary on the disk may be older, or changed by hand. */
export async function readRun(
  folder: string,
  policy: Policy,
  withTrials: boolean,
): Promise<ReadRun> {
  const reader = await openRun(runFolder(folder).journal);
  try {
    const facts = await gatherFacts(reader, policy);
    const summary = await summariseRun(reader, facts, policy);
    const trials = createTrialsByPrompt();
    if (withTrials) {
      for await (const { record, verdict } of judgeRun(reader, facts, policy)) {
        trials.add(record, verdict);
      }
    }
    const { id, invalidBecause, finishedAt } = summary.run;
    const problems = [
      ...invalidBecause,
      ...(finishedAt === null ? ['The run is not finished: go on with it with --resume.'] : []),
    ];
    return {
      summary,
      gated: { id, valid: problems.length === 0, invalidBecause: problems },
      trials,
      detectors: JSON.stringify(reader.detectors.map(identityOf).toSorted()),
    };
  } finally {
    await reader.close();
  }
}

function identityOf({ id, version, weightsSha256 }: DetectorDescription): string {
  return `${id} ${version} ${weightsSha256 ?? ''}`;
}
