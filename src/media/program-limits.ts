import type { ChildProcess } from 'node:child_process';
import type { FfmpegTools } from './ffmpeg.ts';
import type { MediaLimits } from './media.ts';
import { runProgram } from './run-program.ts';

/** A 48-megapixel stream with all its reference frames takes half of this. Address space. */
const MAX_MEMORY_BYTES = 4 * 1024 ** 3;

/** Threads of one program that may be busy at a time. */
const BUSY_THREADS = 4;

/** `prlimit` itself is over in milliseconds. */
const LIMITER_TIMEOUT_MS = 10_000;

/**
 * What the system holds ffmpeg to, beside the deadline that kills it: memory, CPU seconds, the size of
 * a file that it may write (its own cache of standard input), and no core dump. As flags of `prlimit`.
 */
function limitFlags({ maxBytes, timeoutMs }: MediaLimits): string[] {
  return [
    `--as=${MAX_MEMORY_BYTES}`,
    `--cpu=${Math.ceil(timeoutMs / 1000) * BUSY_THREADS}`,
    `--fsize=${maxBytes}`,
    '--core=0',
  ];
}

/** The same program under limits; as it is where the system has no `prlimit` (it is Linux's). */
export function withLimits(
  path: string,
  args: readonly string[],
  limits: MediaLimits,
  { limiterPath }: Pick<FfmpegTools, 'limiterPath'>,
): readonly [string, readonly string[]] {
  return limiterPath === undefined
    ? [path, args]
    : [limiterPath, [...limitFlags(limits), path, ...args]];
}

/**
 * Puts a process that something else has just started under limits. It is stopped meanwhile, so that
 * it does next to nothing without them.
 */
export async function limitProcess(
  child: ChildProcess,
  limits: MediaLimits,
  { limiterPath }: Pick<FfmpegTools, 'limiterPath'>,
): Promise<void> {
  if (limiterPath === undefined || child.pid === undefined) return;
  child.kill('SIGSTOP');
  try {
    const { exitCode } = await runProgram(
      limiterPath,
      [`--pid=${child.pid}`, ...limitFlags(limits)],
      { signal: AbortSignal.timeout(LIMITER_TIMEOUT_MS), maxOutput: 1024 },
    );
    // Untrusted media is not decoded without the limits that this system can give.
    if (exitCode !== 0) child.kill('SIGKILL');
  } catch {
    child.kill('SIGKILL');
  } finally {
    child.kill('SIGCONT');
  }
}
