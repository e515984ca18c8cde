import { main } from '../../src/cli/main.ts';
import type { Ended } from './safelight.ts';
import { testTerminal } from './test-terminal.ts';

/** Runs one command line in this process: nothing to start, nothing built. */
export async function inProcess(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  signal?: AbortSignal,
): Promise<Ended> {
  const plain = testTerminal(cwd, env);
  const terminal = signal === undefined ? plain : { ...plain, signal };
  const exitCode = await main(args, terminal);
  return { exitCode, stdout: terminal.printed.out, stderr: terminal.printed.err };
}
