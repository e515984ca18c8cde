import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyProgram, programFolders } from '../../src/media/bundled-binary.ts';
import { type FfmpegTools, resolveFfmpeg } from '../../src/media/ffmpeg.ts';

const POSIX = process.platform !== 'win32';

let folder = '';
let tools: FfmpegTools;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-test-'));
  tools = await resolveFfmpeg(process.env);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function script(path: string, content: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${content}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('resolveFfmpeg', () => {
  test('finds a pair that runs, and keeps the answer', async () => {
    expect(tools.version).not.toBe('');
    expect(resolveFfmpeg(process.env)).toBe(resolveFfmpeg({ ...process.env }));
  });

  test('prefers the environment, with an ffprobe named or beside it', async () => {
    const { ffmpegPath, ffprobePath } = tools;
    const named = await resolveFfmpeg({
      SAFELIGHT_FFMPEG: ffmpegPath,
      SAFELIGHT_FFPROBE: ffprobePath,
    });
    expect(named).toMatchObject({ ffmpegPath, ffprobePath, source: 'environment' });
    expect(named.warning).toBeUndefined();
  });

  test.skipIf(!POSIX)('refuses an ffmpeg that does not run, without telling its path', async () => {
    const broken = await script(join(folder, 'broken'), 'exit 3');
    for (const path of [broken, join(folder, 'absent'), folder]) {
      const error = await resolveFfmpeg({ SAFELIGHT_FFMPEG: path }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'ffmpeg_unusable', kind: 'environment' });
      expect(String(error)).not.toContain(folder);
      expect(error).toHaveProperty('hint', expect.stringContaining('SAFELIGHT_FFMPEG'));
    }
  });

  test.skipIf(!POSIX)('refuses an ffmpeg without an ffprobe', async () => {
    const alone = join(folder, 'alone');
    await mkdir(alone);
    const path = await script(join(alone, 'ffmpeg'), `exec '${tools.ffmpegPath}' "$@"`);
    await expect(resolveFfmpeg({ SAFELIGHT_FFMPEG: path })).rejects.toMatchObject({
      code: 'ffmpeg_unusable',
    });
  });

  test.skipIf(!POSIX)('takes a pair on the PATH', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await script(join(bin, 'ffmpeg'), `exec '${tools.ffmpegPath}' "$@"`);
    await script(join(bin, 'ffprobe'), `exec '${tools.ffprobePath}' "$@"`);
    const found = await resolveFfmpeg({ PATH: `relative:${join(folder, 'absent')}:${bin}` });
    expect(found).toMatchObject({ source: 'path', ffmpegPath: join(bin, 'ffmpeg') });
  });

  test('falls back to the packages, with a warning', async () => {
    const found = await resolveFfmpeg({ PATH: '', XDG_CACHE_HOME: join(folder, 'cache') });
    expect(found.source).toBe('bundled');
    expect(found.warning).toMatch(/years old.*SAFELIGHT_FFMPEG/s);
  });
});

describe.skipIf(!POSIX)('copyProgram', () => {
  const program = (): Promise<string> => script(join(folder, 'program'), 'echo hello');

  test('makes a private, executable copy once, and leaves the original alone', async () => {
    const source = await program();
    await chmod(source, 0o644);
    const target = join(folder, 'private', 'bin');
    const copies = await Promise.all([1, 2, 3].map(() => copyProgram(source, 'tool-1', [target])));
    expect(new Set(copies)).toEqual(new Set([join(target, 'tool-1')]));
    expect((await stat(join(target, 'tool-1'))).mode & 0o777).toBe(0o755);
    expect((await stat(source)).mode & 0o111).toBe(0);
    expect(await readdir(target)).toEqual(['tool-1']);
  });

  test('replaces a copy that is not whole', async () => {
    const source = await program();
    const target = join(folder, 'torn');
    await mkdir(target, { mode: 0o700 });
    await writeFile(join(target, 'tool-1'), '#!');
    await copyProgram(source, 'tool-1', [target]);
    expect((await stat(join(target, 'tool-1'))).size).toBe((await stat(source)).size);
  });

  test('does not trust a folder that others can write to, nor one that cannot be made', async () => {
    const source = await program();
    const open = join(folder, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await copyFile(source, join(open, 'tool-1'));
    const safe = join(folder, 'safe');
    const impossible = join(source, 'below-a-file');
    expect(await copyProgram(source, 'tool-1', [open, impossible, safe])).toBe(
      join(safe, 'tool-1'),
    );
    expect(await copyProgram(source, 'tool-1', [open, impossible])).toBeUndefined();
  });
});

test('programFolders names folders of this user alone', () => {
  const [first, second] = programFolders({ XDG_CACHE_HOME: '/some/cache' });
  expect(first).toBe(join('/some/cache', 'safelight', 'bin'));
  expect(second).toContain('safelight-');
});
