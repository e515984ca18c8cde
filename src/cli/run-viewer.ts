import { randomBytes } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { readTaxonomy } from '../suites/manifest.ts';
import type { LabelStudy } from '../viewer/label-study.ts';
import { startViewer } from '../viewer/server.ts';
import type { KnownRun } from '../viewer/viewer.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { createProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { packageRoot } from './version.ts';

export interface ViewerFlags {
  readonly host: string;
  readonly port: number;
  readonly passwordEnv?: string;
  readonly json?: boolean;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

/** Serves until Ctrl-C. */
export async function runViewer(
  runs: readonly KnownRun[],
  flags: ViewerFlags,
  terminal: Terminal,
  labelling: { readonly study: LabelStudy; readonly who?: string } | undefined,
): Promise<ExitCode> {
  const json = flags.json === true;
  const isLocal = LOOPBACK.has(flags.host);
  const password = passwordOf(flags, isLocal, terminal);
  const taxonomy = await readTaxonomy(join(packageRoot(), 'prompts', 'taxonomy.yaml'));
  const viewer = await startViewer({
    runs,
    host: flags.host,
    port: flags.port,
    names: isLocal ? [...LOOPBACK] : [...LOOPBACK, ...namesOfThisMachine()],
    secrets: { token: secret(), session: secret(), password },
    appFolder: join(packageRoot(), 'dist', 'viewer', 'app'),
    progress: createProgress('reading', terminal, json),
    now: () => new Date(),
    definitions: Object.fromEntries(taxonomy.hazards.map(({ id, definition }) => [id, definition])),
    ...(labelling ?? {}),
  }).catch((error: unknown) => {
    throw toListenError(error, flags);
  });
  const { address } = viewer;
  terminal.out(json ? JSON.stringify({ address }) : `Viewer: ${address}\nCtrl-C ends it.`);
  await new Promise<void>((resolve) => {
    if (terminal.signal.aborted) resolve();
    else terminal.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await viewer.close();
  return EXIT.done;
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

function passwordOf(flags: ViewerFlags, isLocal: boolean, terminal: Terminal): string | undefined {
  if (flags.passwordEnv === undefined) {
    if (isLocal) return undefined;
    throw new SafelightError('a viewer beyond this machine needs a password', {
      code: 'password_missing',
      kind: 'usage',
      hint: 'Put one into a variable, and name it: --password-env NAME.',
    });
  }
  const password = terminal.env[flags.passwordEnv];
  if (password !== undefined && password.length >= 8) return password;
  throw new SafelightError(`the variable ${flags.passwordEnv} holds no password`, {
    code: 'password_missing',
    kind: 'usage',
    hint: 'It must be set, and have at least 8 characters.',
  });
}

function namesOfThisMachine(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [hostname(), ...addresses.map(({ address }) => address)];
}

function toListenError(error: unknown, { host, port }: ViewerFlags): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  return new SafelightError(`cannot listen on ${host}, port ${port} (${String(error.code)})`, {
    code: 'cannot_listen',
    kind: 'environment',
    hint: 'Choose another with --host or --port; port 0 takes any that is free.',
    cause: error,
  });
}
