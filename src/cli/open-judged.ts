import type { Policy } from '../core/policy.ts';
import type { Summary } from '../core/summary.ts';
import { gatherFacts, type JudgedTrial, judgeRun, summariseRun } from '../run/judge-run.ts';
import { runFolder } from '../run/run-folder.ts';
import { openRun, type RunReader } from '../store/run-reader.ts';
import { storedPolicy } from './finish-run.ts';

/** A run, judged as it was last judged; its trials can be read again and again. */
export interface JudgedRun {
  readonly reader: RunReader;
  readonly policy: Policy;
  readonly summary: Summary;
  readonly trials: () => AsyncGenerator<JudgedTrial>;
}

/** Judges anew: a summary on the disk may be older, or changed by hand. Close the reader. */
export async function openJudged(folder: string): Promise<JudgedRun> {
  const reader = await openRun(runFolder(folder).journal);
  try {
    const policy = await storedPolicy(folder);
    const facts = await gatherFacts(reader, policy);
    const summary = await summariseRun(reader, facts, policy);
    return { reader, policy, summary, trials: () => judgeRun(reader, facts, policy) };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
