import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** Adds one command to the program. `run` hands its exit code to `done`. */
export type AddCommand = (program: Command, context: CommandContext) => void;

export interface CommandContext {
  readonly terminal: Terminal;
  /** Wraps an action: its exit code, or its error, becomes the program's. */
  readonly action: <Args extends unknown[]>(
    run: (...args: Args) => Promise<ExitCode>,
  ) => (...args: Args) => Promise<void>;
}

/** Examples at the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}
