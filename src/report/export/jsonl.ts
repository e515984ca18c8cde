import type { ExportedTrial, TrialColumn } from './trial-columns.ts';

/** One object a line, with the same keys in every one; null where there is no value. */
export async function* jsonLines(
  columns: readonly TrialColumn[],
  trials: AsyncIterable<ExportedTrial>,
): AsyncGenerator<string> {
  for await (const trial of trials) {
    yield `${JSON.stringify(Object.fromEntries(columns.map(({ name, cell }) => [name, cell(trial)])))}\n`;
  }
}
