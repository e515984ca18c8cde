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
