import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { SafelightError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import { displayPath } from './display-path.ts';
import { IMPORTED_MANIFEST } from './open-suite.ts';
import { SEALED_SUFFIX } from './sealed-file.ts';
import type { Suite, SuiteManifest } from './suite.ts';

const PROMPTS = 'prompts.jsonl';

export interface WrittenSuite {
  readonly prompts: number;
  readonly families: number;
}

/**
 * Writes prompts as a suite into a folder of its own, which is there only when it is whole. The text
 * of a sealed suite is never written in the open.
 *
 * @throws SafelightError `suite_folder_taken` where the folder holds anything; `suite_sealed` at the
 * first sealed prompt.
 */
export async function writeSuite(
  folder: string,
  about: Pick<SuiteManifest, 'id' | 'title' | 'version' | 'licence' | 'description' | 'paired'>,
  prompts: AsyncIterable<Prompt> | Iterable<Prompt>,
): Promise<WrittenSuite> {
  await assertFree(folder);
  const draft = `${folder}.partial-${process.pid}`;
  await mkdir(draft, { recursive: true });
  const handle = await open(join(draft, PROMPTS), 'w');
  const hash = createHash('sha256');
  const families = new Set<string>();
  let count = 0;
  try {
    for await (const prompt of prompts) {
      if (prompt.sealed !== undefined) throw isSealed();
      const line = `${JSON.stringify(prompt)}\n`;
      hash.update(line);
      await handle.write(line);
      families.add(prompt.family);
      count += 1;
    }
    await handle.sync();
    await handle.close();
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  const counts = { prompts: count, families: families.size };
  const manifest = { ...about, sha256: hash.digest('hex'), taxonomy: '1', counts };
  await writeFile(join(draft, IMPORTED_MANIFEST), stringify(manifest));
  await mkdir(folder, { recursive: true });
  await rename(draft, folder);
  return counts;
}

function isSealed(): SafelightError {
  return new SafelightError('prompts of a sealed suite are not written in the open', {
    code: 'suite_sealed',
    kind: 'usage',
    hint: 'Its owner can `safelight suites unseal` it, do this with the open file, and `safelight suites seal` what comes of it.',
  });
}

/**
 * Refuses sealed suites before any work is done on them.
 *
 * @throws SafelightError `suite_sealed`.
 */
export function assertOpen(suites: readonly Pick<Suite, 'path'>[]): void {
  if (suites.some(({ path }) => path.endsWith(SEALED_SUFFIX))) throw isSealed();
}

/** @throws SafelightError `suite_folder_taken`. */
export async function assertFree(folder: string): Promise<void> {
  const held = await readdir(folder).catch(() => []);
  if (held.length === 0) return;
  throw new SafelightError(`${displayPath(folder)} holds files already`, {
    code: 'suite_folder_taken',
    kind: 'usage',
    hint: 'Name another folder with --out, or empty this one.',
  });
}
