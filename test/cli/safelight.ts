import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const binOf = (root: string): string => join(root, 'dist', 'cli', 'bin.js');

export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Run as this user. */
  readonly uid?: number;
  /** Folder of the package, default this checkout. */
  readonly root?: string;
}

/** Starts the built command line as a user would. */
export function startSafelight(args: readonly string[], options: StartOptions = {}): Running {
  const child = spawn(process.execPath, [binOf(options.root ?? checkout), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return { child, ended };
}

export function safelight(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return startSafelight(args, options).ended;
}

/** Whether another user may read this checkout: only root can try, and not below a private folder. */
export function isUsableBy(uid: number): boolean {
  if (process.getuid?.() !== 0) return false;
  return (
    spawnSync(process.execPath, [binOf(checkout), '--version'], { uid, gid: uid }).status === 0
  );
}
