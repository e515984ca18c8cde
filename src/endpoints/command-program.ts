import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

/** How a program ended. */
export interface ProgramEnd {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** The last line on standard output that is a report, see `command-report.ts`. */
  readonly reportLine: string | undefined;
  /** The end of standard error. */
  readonly stderr: string;
}

export interface ProgramCall {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** All of its environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

const MAX_LINE_CHARACTERS = 64 * 1024;
const STDERR_TAIL_CHARACTERS = 4 * 1024;
// Long enough for a script to let go of its GPU, short enough for an abort to be soon.
const GRACE_MS = 1_000;

/**
 * Runs a program in a process group of its own, without a shell. An abort ends the whole group: it
 * is asked first, and killed a second later. What the program left running is killed when it ends.
 * Settles only after that.
 *
 * @throws the error of spawning, and `signal.reason` on abort.
 */
export function runInGroup(call: ProgramCall, signal: AbortSignal): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const [program, ...args] = call.argv;
    const child = spawn(program, args, {
      cwd: call.cwd,
      env: { ...call.env },
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const killGroup = (name: 'SIGTERM' | 'SIGKILL'): void => {
      if (child.pid === undefined) return;
      try {
        if (process.platform === 'win32') child.kill(name);
        else process.kill(-child.pid, name);
      } catch {
        // The group is gone already.
      }
    };
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      killGroup('SIGTERM');
      grace = setTimeout(() => killGroup('SIGKILL'), GRACE_MS);
    };
    const dispose = (): void => {
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
    };
    signal.addEventListener('abort', stop, { once: true });

    const lines = createLineReader();
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => lines.write(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_TAIL_CHARACTERS);
    });
    // A program that does not read its input has a right not to.
    child.stdin.on('error', () => {});
    child.stdin.end(call.stdin);
    child.once('error', (error) => {
      dispose();
      reject(error);
    });
    // What it started would hold its pipes open, and with them this call.
    child.once('exit', () => killGroup('SIGKILL'));
    child.once('close', (exitCode) => {
      dispose();
      if (signal.aborted) reject(signal.reason);
      else resolve({ exitCode, reportLine: lines.end(), stderr });
    });
  });
}

/** Keeps the last report among lines of any number; longer ones are none. */
function createLineReader(): { write(chunk: Buffer): void; end(): string | undefined } {
  const decoder = new StringDecoder('utf8');
  let line = '';
  let tooLong = false;
  let report: string | undefined;
  const endLine = (): void => {
    if (!tooLong && /^\s*\{.*"safelight"\s*:/.test(line)) report = line;
    line = '';
    tooLong = false;
  };
  const add = (text: string): void => {
    const [first = '', ...rest] = text.split('\n');
    line += first;
    for (const next of rest) {
      endLine();
      line = next;
    }
    if (line.length > MAX_LINE_CHARACTERS) {
      tooLong = true;
      line = '';
    }
  };
  return {
    write: (chunk) => add(decoder.write(chunk)),
    end: () => {
      add(decoder.end());
      endLine();
      return report;
    },
  };
}
