import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Whether the running user may execute a file. */
export function isExecutable(mode: number): boolean {
  return (mode & 0o111) !== 0 || process.platform === 'win32';
}

/** Folders of this user that can hold programs, the best first. */
export function programFolders(env: Readonly<Record<string, string | undefined>>): string[] {
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const user = process.platform === 'win32' ? userInfo().username : String(process.getuid?.() ?? 0);
  return [join(cache, 'safelight', 'bin'), join(tmpdir(), `safelight-${user}`, 'bin')];
}

/**
 * Copies a program that lacks its run bit to the first of the folders that takes it. The package
 * itself stays as it was installed: it may be shared or read-only.
 *
 * The copy appears under its name only when it is complete and executable, so that several
 * may do this at once. A folder that others can write to is not used: a program lying there could
 * be anyone's.
 *
 * @param name file name of the copy, with the version in it
 * @returns the path of the copy, undefined where no folder takes it
 */
export async function copyProgram(
  source: string,
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const { size } = await stat(source);
  for (const folder of folders) {
    const target = join(folder, name);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (!(await isPrivate(folder))) continue;
      if (await isUsableCopy(target, size)) return target;
      const partial = `${target}.${randomUUID()}.part`;
      try {
        await copyFile(source, partial, constants.COPYFILE_FICLONE);
        await chmod(partial, 0o755);
        await rename(partial, target);
      } finally {
        await rm(partial, { force: true });
      }
      return target;
    } catch {
      // Read-only, full, or not ours: the next folder may do.
    }
  }
  return undefined;
}

async function isPrivate(folder: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const { uid, mode } = await lstat(folder);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

async function isUsableCopy(target: string, size: number): Promise<boolean> {
  try {
    const found = await lstat(target);
    const own = process.platform === 'win32' || found.uid === process.getuid?.();
    return found.isFile() && own && found.size === size && isExecutable(found.mode);
  } catch {
    return false;
  }
}
