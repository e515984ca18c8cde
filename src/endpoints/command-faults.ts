import type { Evidence } from '../core/evidence.ts';
import { DeadlineExceeded } from '../net/deadline.ts';

/** A program that could not be started, as opposed to our own faults with files. */
class StartFault extends Error {
  readonly fault: NonNullable<Evidence['fault']>;

  constructor(code: string) {
    super('the program could not be started');
    this.name = 'StartFault';
    this.fault = { where: 'request', code, message: this.message };
  }
}

const START_CODES: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ENOEXEC',
  // Arguments that no program can get: too long, or with a NUL.
  'E2BIG',
  'ERR_INVALID_ARG_VALUE',
]);

/** Undefined for our own faults. */
export function startFault(error: unknown): StartFault | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return START_CODES.has(code) ? new StartFault(code) : undefined;
}

/** What an error of a trial says about the program, undefined where it is our own fault. */
export function faultOf(error: unknown, signal: AbortSignal): Evidence['fault'] {
  if (error instanceof StartFault) return error.fault;
  if (!signal.aborted || error !== signal.reason) return undefined;
  return error instanceof DeadlineExceeded
    ? { where: 'deadline', code: 'timeout', message: error.message }
    : { where: 'abort', code: 'aborted', message: 'stopped by the caller' };
}
