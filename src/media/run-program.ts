import { spawn } from 'node:child_process';

export interface ProgramResult {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was killed because it wrote more than allowed. */
  readonly overflowed: boolean;
}

/** What a program complains about is read for keywords only. */
const MAX_STDERR_CHARACTERS = 64 * 1024;

/**
 * Runs a program to its end and collects what it writes. Aborting kills it; the promise settles
 * only after it is gone, so that none is left behind.
 *
 * @throws the error of spawning (no such file, no permission), and `signal.reason` on abort.
 */
export function runProgram(
  path: string,
  args: readonly string[],
  options: {
    readonly signal: AbortSignal;
    /** More characters than this on standard output end it. */
    readonly maxOutput: number;
    readonly stdin?: Uint8Array | undefined;
  },
): Promise<ProgramResult> {
  const { signal, maxOutput, stdin } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const child = spawn(path, args, { windowsHide: true });
    const stdout: string[] = [];
    let length = 0;
    let stderr = '';
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      length += text.length;
      if (length > maxOutput) kill();
      else stdout.push(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS);
    });
    child.once('error', (error) => {
      signal.removeEventListener('abort', kill);
      reject(error);
    });
    child.once('close', (exitCode) => {
      signal.removeEventListener('abort', kill);
      if (signal.aborted) reject(signal.reason);
      else resolve({ exitCode, stdout: stdout.join(''), stderr, overflowed: length > maxOutput });
    });
    // A program that has read enough closes its end: that is its right, not an error.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}
