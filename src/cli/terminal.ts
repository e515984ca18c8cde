import { EXIT } from './exit-codes.ts';

/** What a command may touch of the world outside, so that tests can stand in for it. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person looks at standard error. */
  readonly isInteractive: boolean;
  /** Columns of standard output. */
  readonly widthColumns: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * A reader that goes away (`safelight … | head`) is no failure: the work goes on and is journalled.
 * Output that cannot be written otherwise ends the process, since nobody would see the result.
 */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`error: the output cannot be written (${error.code ?? error.name})\n`);
  process.exit(EXIT.usage);
}

/** The real terminal. The second Ctrl-C ends the process as usual. */
export function processTerminal(): Terminal {
  const controller = new AbortController();
  const interrupt = (): void => {
    process.stderr.write(
      '\nStopping; what was acknowledged is kept. Press Ctrl-C again to quit.\n',
    );
    controller.abort();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', () => undefined);
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    err: (text) => process.stderr.write(`${text}\n`),
    isInteractive: process.stderr.isTTY === true && process.env.CI === undefined,
    widthColumns: process.stdout.columns ?? 120,
    cwd: process.cwd(),
    env: process.env,
    signal: controller.signal,
  };
}
