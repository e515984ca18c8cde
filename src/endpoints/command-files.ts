import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evidence } from '../core/evidence.ts';
import type { CommandOptions } from './command-options.ts';
import type { GenerationContext } from './endpoint.ts';

const MAX_FILES = 64;

/** Every file that the program wrote, in the order of their names. */
export async function collectFiles(
  folder: string,
  { modality, maxMediaBytes }: CommandOptions,
  context: GenerationContext,
  evidence: Evidence,
): Promise<void> {
  const reject = (code: string, message: string): void => {
    evidence.fault ??= { where: 'media', code, message };
  };
  const names = (await readdir(folder)).sort(new Intl.Collator('en', { numeric: true }).compare);
  for (const name of names.slice(0, MAX_FILES)) {
    const path = join(folder, name);
    const about = await lstat(path);
    if (!about.isFile()) {
      reject('no_file', 'the program wrote something else than a file');
    } else if (about.size > maxMediaBytes) {
      reject('too_large', `a medium is larger than ${maxMediaBytes} bytes`);
    } else {
      const stored = await context.store(await readFile(path));
      if (stored.kind === 'problem') reject(stored.code, stored.message);
      else if (stored.kind !== modality) reject('wrong_kind', `the file is no ${modality}`);
      else if (!evidence.media.some(({ sha256 }) => sha256 === stored.sha256)) {
        evidence.media.push(stored);
      }
    }
  }
}
