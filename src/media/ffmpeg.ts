import { stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { copyProgram, isExecutable, programFolders } from './bundled-binary.ts';
import { runProgram } from './run-program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A pair of programs that was seen to run. */
export interface FfmpegTools {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** Named by `SAFELIGHT_FFMPEG`, found on the `PATH`, or from the npm packages. */
  readonly source: 'environment' | 'path' | 'bundled';
  /** What `-version` says, such as `5.1.9` or `N-47683-g0e8eb07980-static`. */
  readonly version: string;
  /** Knows `-fps_mode`, which replaced `-vsync` in 5.1. */
  readonly hasFpsMode: boolean;
  /** `prlimit`, where the system has it: ffmpeg runs under its limits. */
  readonly limiterPath?: string;
  /** For the user to read: once, at the start of a run. */
  readonly warning?: string;
}

/** Starting the bundled program for the first time reads 70 MB from disk. */
const START_TIMEOUT_MS = 30_000;

const INSTALL_HINT =
  'Install ffmpeg (it brings ffprobe), or set SAFELIGHT_FFMPEG to the path of an ffmpeg with ffprobe beside it.';

const resolved = new Map<string, Promise<FfmpegTools>>();

/**
 * Finds ffmpeg and ffprobe: `SAFELIGHT_FFMPEG` (with `SAFELIGHT_FFPROBE`, else the ffprobe beside
 * it), then the `PATH`, then the npm packages with a warning. Each is started once to see that it
 * runs. The answer is kept for the life of the process; a failure is not.
 *
 * @throws SafelightError `ffmpeg_unusable` where the environment names something that does not
 *   run, `ffmpeg_missing` where there is none at all.
 */
export function resolveFfmpeg(env: Environment): Promise<FfmpegTools> {
  const key = JSON.stringify([env.SAFELIGHT_FFMPEG, env.SAFELIGHT_FFPROBE, env.PATH]);
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const finding = find(env);
  resolved.set(key, finding);
  finding.catch(() => resolved.delete(key));
  return finding;
}

async function find(env: Environment): Promise<FfmpegTools> {
  if (env.SAFELIGHT_FFMPEG) return fromEnvironment(env, env.SAFELIGHT_FFMPEG);
  const tools = (await fromPath(env)) ?? (await fromPackages(env));
  if (tools !== undefined) return tools;
  throw new SafelightError('No ffmpeg and ffprobe that run were found.', {
    code: 'ffmpeg_missing',
    kind: 'environment',
    hint: INSTALL_HINT,
  });
}

async function fromEnvironment(env: Environment, ffmpegPath: string): Promise<FfmpegTools> {
  const ffprobePath = env.SAFELIGHT_FFPROBE || join(dirname(ffmpegPath), programName('ffprobe'));
  const version = await versionOf(ffmpegPath, 'ffmpeg');
  if (version === undefined) throw unusable('SAFELIGHT_FFMPEG does not name an ffmpeg that runs.');
  if ((await versionOf(ffprobePath, 'ffprobe')) === undefined) {
    throw unusable(
      env.SAFELIGHT_FFPROBE
        ? 'SAFELIGHT_FFPROBE does not name an ffprobe that runs.'
        : 'There is no ffprobe that runs beside the ffmpeg that SAFELIGHT_FFMPEG names.',
    );
  }
  return describe(env, { ffmpegPath, ffprobePath, source: 'environment', version });
}

async function fromPath(env: Environment): Promise<FfmpegTools | undefined> {
  const ffmpegPath = await findOnPath(env, programName('ffmpeg'));
  const ffprobePath = await findOnPath(env, programName('ffprobe'));
  if (ffmpegPath === undefined || ffprobePath === undefined) return undefined;
  const version = await versionOf(ffmpegPath, 'ffmpeg');
  if (version === undefined || (await versionOf(ffprobePath, 'ffprobe')) === undefined) {
    return undefined;
  }
  return describe(env, { ffmpegPath, ffprobePath, source: 'path', version });
}

async function fromPackages(env: Environment): Promise<FfmpegTools | undefined> {
  const ffmpegPath = await bundledProgram('ffmpeg', env);
  const ffprobePath = await bundledProgram('ffprobe', env);
  if (ffmpegPath === undefined || ffprobePath === undefined) return undefined;
  const version = await versionOf(ffmpegPath, 'ffmpeg');
  if (version === undefined || (await versionOf(ffprobePath, 'ffprobe')) === undefined) {
    return undefined;
  }
  const warning =
    `Using the ffmpeg of the npm packages (${version}): it is years old, and media from elsewhere ` +
    `is untrusted. Where it could not run in place, it was copied to this user's cache. ${INSTALL_HINT}`;
  return describe(env, { ffmpegPath, ffprobePath, source: 'bundled', version, warning });
}

async function describe(
  env: Environment,
  tools: Omit<FfmpegTools, 'hasFpsMode' | 'limiterPath'>,
): Promise<FfmpegTools> {
  const help = await start(tools.ffmpegPath, ['-hide_banner', '-h', 'long']);
  const limiterPath = await findLimiter(env);
  return {
    ...tools,
    hasFpsMode: help?.includes('-fps_mode') ?? false,
    ...(limiterPath === undefined ? {} : { limiterPath }),
  };
}

/** Where a `PATH` leads nowhere, the usual places still have it. */
async function findLimiter(env: Environment): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const path = await findOnPath({ PATH: `${env.PATH ?? ''}:/usr/bin:/bin` }, 'prlimit');
  return path !== undefined && (await start(path, ['--core=0', 'true'])) !== undefined
    ? path
    : undefined;
}

async function bundledProgram(
  name: 'ffmpeg' | 'ffprobe',
  env: Environment,
): Promise<string | undefined> {
  const installed = await installedPackage(name);
  if (installed === undefined) return undefined;
  const { mode } = await stat(installed.path);
  if (isExecutable(mode)) return installed.path;
  // With install scripts off the package's own `chmod` never ran.
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const copyName = `${name}-${installed.version.replaceAll(/[^\w.-]/g, '_')}${suffix}`;
  return copyProgram(installed.path, copyName, programFolders(env));
}

/** The packages throw while they load where they have no program for the platform. */
async function installedPackage(
  name: 'ffmpeg' | 'ffprobe',
): Promise<{ readonly path: string; readonly version: string } | undefined> {
  try {
    const module =
      name === 'ffmpeg'
        ? await import('@ffmpeg-installer/ffmpeg')
        : await import('@ffprobe-installer/ffprobe');
    return module.default;
  } catch {
    return undefined;
  }
}

async function findOnPath(env: Environment, name: string): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    // A relative entry would run whatever lies in the folder that one happens to stand in.
    if (!isAbsolute(folder)) continue;
    const path = join(folder, name);
    try {
      const found = await stat(path);
      if (found.isFile() && isExecutable(found.mode)) return path;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

async function versionOf(path: string, name: string): Promise<string | undefined> {
  const answer = await start(path, ['-version']);
  return answer === undefined ? undefined : new RegExp(`^${name} version (\\S+)`).exec(answer)?.[1];
}

async function start(path: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const result = await runProgram(path, args, {
      signal: AbortSignal.timeout(START_TIMEOUT_MS),
      maxOutput: 1024 * 1024,
    });
    return result.exitCode === 0 ? result.stdout : undefined;
  } catch {
    return undefined;
  }
}

function programName(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

function unusable(message: string): SafelightError {
  return new SafelightError(message, {
    code: 'ffmpeg_unusable',
    kind: 'environment',
    hint: 'Point SAFELIGHT_FFMPEG at the program itself, or unset it to use the one on the PATH.',
  });
}
