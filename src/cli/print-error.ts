import { SafelightError } from '../core/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/**
 * Prints what went wrong and what to do about it; never a stack trace, unless the user asks for it
 * with SAFELIGHT_DEBUG.
 */
export function printError(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  const known = error instanceof SafelightError;
  const code = known ? error.code : 'internal';
  const message = known ? error.message : describeUnknown(error);
  const hint = known
    ? error.hint
    : 'This is a fault in Safelight. Run again with SAFELIGHT_DEBUG=1 and report what it prints.';
  if (json) {
    terminal.out(JSON.stringify({ error: { code, message, hint: hint ?? null } }));
  } else {
    terminal.err(`error: ${message}`);
    if (hint !== undefined) terminal.err(`  ${hint}`);
  }
  if (terminal.env.SAFELIGHT_DEBUG !== undefined && error instanceof Error) {
    terminal.err(error.stack ?? error.message);
  }
  return EXIT.usage;
}

/** After Ctrl-C, before or after the trials: there everything acknowledged stands in the journal. */
export function printInterrupted(terminal: Terminal, json: boolean): ExitCode {
  const hint =
    'Nothing acknowledged is lost: run the same command again, with --resume if it has it.';
  if (json) {
    terminal.out(JSON.stringify({ error: { code: 'interrupted', message: 'interrupted', hint } }));
  } else {
    terminal.err(`Interrupted. ${hint}`);
  }
  return EXIT.interrupted;
}

/** Errors of the system name the operation, not the path: it may tell more than it should. */
function describeUnknown(error: unknown): string {
  if (error instanceof Error && 'code' in error && 'syscall' in error) {
    return `${String(error.syscall)} failed (${String(error.code)})`;
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unexpected failure';
}
