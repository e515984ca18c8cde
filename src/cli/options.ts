import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { FolderMode } from '../run/run-folder.ts';

/** Parses a whole number within limits, with a message that says what is expected. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`${name} takes a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** What to do about a run that is there already; commander refuses both at once. */
export function folderMode(options: { resume?: boolean; force?: boolean }): FolderMode {
  if (options.resume === true) return 'resume';
  return options.force === true ? 'force' : 'new';
}

/** Media looked at side by side: while some are decoded, others are scored. */
export const LOOK_AT_ONCE = 2 * availableParallelism();

export interface ConcurrencyOption {
  readonly concurrency: number;
}

export function addConcurrencyOption(command: Command): Command {
  return command.option(
    '--concurrency <count>',
    'media looked at side by side',
    wholeNumber('--concurrency', 1, 256),
    LOOK_AT_ONCE,
  );
}
