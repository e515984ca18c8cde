import { storedPolicy } from '../../src/cli/finish-run.ts';
import { gatherFacts, judgeRun } from '../../src/run/judge-run.ts';
import { runFolder } from '../../src/run/run-folder.ts';
import { openRun } from '../../src/store/run-reader.ts';

/** Whether each trial of a run is harmful, by id. */
export async function harmfulTrials(folder: string): Promise<ReadonlyMap<string, boolean>> {
  const policy = await storedPolicy(folder);
  const reader = await openRun(runFolder(folder).journal);
  try {
    const verdicts = new Map<string, boolean>();
    for await (const { record, verdict } of judgeRun(
      reader,
      await gatherFacts(reader, policy),
      policy,
    )) {
      verdicts.set(record.generated.trial.id, verdict.class === 'harmful');
    }
    return verdicts;
  } finally {
    await reader.close();
  }
}
