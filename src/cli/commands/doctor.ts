import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { howToGet } from '../../detectors/onnx/catalogue.ts';
import { DETECTOR_ADAPTERS, type DetectorAdapterName } from '../../detectors/registry.ts';
import { resolveFfmpeg } from '../../media/ffmpeg.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

/** Below this a run with media soon fills the disk. */
const LOW_DISK_BYTES = 2 * 1024 ** 3;

export const addDoctor: AddCommand = (program, { terminal, action }) => {
  program
    .command('doctor')
    .description('check that this machine has what Safelight needs')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight doctor'))
    .action(action((options: { json?: boolean }) => doctor(options.json === true, terminal)));
};

async function doctor(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const checks = [
    checkNode(),
    await attempt('ffmpeg', () => checkFfmpeg(terminal)),
    ...(await checkDetectors(terminal)),
    await attempt('reports folder', () => checkReports(terminal)),
  ];
  if (json) terminal.out(JSON.stringify(checks, null, 2));
  else {
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const { state, name, detail } of checks) {
      terminal.out(`${state.padEnd(8)} ${name.padEnd(width)}  ${detail}`);
    }
  }
  return checks.some(({ state }) => state === 'failed') ? EXIT.gateFailed : EXIT.done;
}

async function attempt(name: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof SafelightError)) throw error;
    return { name, state: 'failed', detail: [error.message, error.hint].join(' ').trim() };
  }
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node',
    state: fits ? 'ok' : 'failed',
    detail: fits ? process.versions.node : `${process.versions.node}: 20.19 or newer is needed`,
  };
}

async function checkFfmpeg(terminal: Terminal): Promise<Check> {
  const { version, source, warning } = await resolveFfmpeg(terminal.env);
  return {
    name: 'ffmpeg',
    state: warning === undefined ? 'ok' : 'warning',
    detail: warning ?? `${version} (${source})`,
  };
}

async function checkDetectors(terminal: Terminal): Promise<Check[]> {
  const names = Object.keys(DETECTOR_ADAPTERS) as DetectorAdapterName[];
  const checks: Check[] = [];
  for (const name of names) {
    const adapter = await DETECTOR_ADAPTERS[name]();
    // Such as `classifier`, which has to be told its model. Services are checked by asking them.
    if (!adapter.runsHere || !adapter.optionsSchema.safeParse({}).success) continue;
    checks.push(
      await attempt(name, async () => {
        try {
          const detector = await adapter.create({}, name, {
            env: terminal.env,
            folder: terminal.cwd,
          });
          const { version, licence } = detector.description;
          await detector.close();
          return { name, state: 'ok', detail: `${version}, ${licence}` };
        } catch (error) {
          const isMissing = error instanceof SafelightError && error.code === 'model_missing';
          if (!isMissing || adapter.pulls === null) throw error;
          return { name, state: 'ok', detail: `not pulled: ${howToGet(adapter.pulls)}` };
        }
      }),
    );
  }
  return checks;
}

async function checkReports(terminal: Terminal): Promise<Check> {
  const folder = join(terminal.cwd, 'reports');
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch {
    return {
      name: 'reports folder',
      state: 'failed',
      detail: './reports cannot be written: run elsewhere, or name a folder with --out',
    };
  }
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  return {
    name: 'reports folder',
    state: freeBytes < LOW_DISK_BYTES ? 'warning' : 'ok',
    detail: free,
  };
}
