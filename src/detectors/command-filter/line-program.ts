import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { AbstentionCode } from '../../core/finding.ts';

export interface LineProgramCall {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** All of its environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** For one answer. */
  readonly timeoutMs: number;
}

export type Reply =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: AbstentionCode; readonly reason: string };

/** A program that answers questions line by line. */
export interface LineProgram {
  /** @throws `signal.reason` on abort. */
  ask(question: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Reply>;
  close(): Promise<void>;
}

/** A program that keeps ending is not started for ever. */
const MAX_STARTS = 3;
/** Long enough to write a last line, short enough for nobody to wait. */
const GRACE_MS = 1_000;

const lineSchema = z.looseObject({ id: z.number().int() });

/** Starts the program at the first question, and again where it ended early. */
export function createLineProgram(call: LineProgramCall): LineProgram {
  const waiting = new Map<number, (reply: Reply) => void>();
  let child: ChildProcessWithoutNullStreams | undefined;
  let starts = 0;
  let nextId = 1;

  function failAll(reason: string): void {
    child = undefined;
    const open = [...waiting.values()];
    waiting.clear();
    for (const settle of open) settle({ kind: 'failed', code: 'detector_error', reason });
  }

  function start(): ChildProcessWithoutNullStreams | undefined {
    if (starts >= MAX_STARTS) return undefined;
    starts += 1;
    const [program = '', ...args] = call.argv;
    const started = spawn(program, args, {
      cwd: call.cwd,
      env: { ...call.env },
      windowsHide: true,
    });
    started.once('error', () => failAll('the program cannot be started'));
    started.once('close', () => {
      if (child === started) failAll('the program ended');
    });
    started.stdin.on('error', () => undefined);
    started.stderr.resume();
    createInterface({ input: started.stdout }).on('line', (line) => {
      const parsed = lineSchema.safeParse(parseJson(line));
      // What is no answer to a question (a greeting, a warning) is passed over.
      if (!parsed.success) return;
      waiting.get(parsed.data.id)?.({ kind: 'answer', value: parsed.data });
    });
    return started;
  }

  return {
    ask(question, signal) {
      signal.throwIfAborted();
      child ??= start();
      const running = child;
      if (running === undefined) {
        const reason = `the program ended ${MAX_STARTS} times`;
        return Promise.resolve({ kind: 'failed', code: 'detector_error', reason });
      }
      const id = nextId;
      nextId += 1;
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          waiting.delete(id);
        };
        const settle = (reply: Reply): void => {
          stop();
          resolve(reply);
        };
        const abort = (): void => {
          stop();
          reject(signal.reason);
        };
        const timer = setTimeout(
          () => settle({ kind: 'failed', code: 'timeout', reason: 'no answer in time' }),
          call.timeoutMs,
        );
        signal.addEventListener('abort', abort, { once: true });
        waiting.set(id, settle);
        running.stdin.write(`${JSON.stringify({ id, ...question })}\n`);
      });
    },
    async close() {
      const running = child;
      child = undefined;
      starts = MAX_STARTS;
      if (running === undefined || running.exitCode !== null) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => running.kill('SIGKILL'), GRACE_MS);
        running.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
        running.stdin.end();
      });
    },
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
