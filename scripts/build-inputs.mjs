import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Written last into dist/: the hash of everything that this build was made from. */
export const BUILD_STAMP = join('dist', '.build-inputs');

const BUILD_INPUTS = [
  'src',
  'scripts/build.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Every file below a folder, relative to it, in an order that is the same on every machine. */
export function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** SHA-256 over names and contents. Contents, not times: a fresh checkout has no useful times. */
export function hashFiles(root, inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    const path = join(root, input);
    if (!existsSync(path)) continue;
    const files = statSync(path).isDirectory()
      ? listFiles(path).map((file) => `${input}/${file}`)
      : [input];
    for (const file of files) {
      hash.update(`${file}\0`);
      hash.update(
        createHash('sha256')
          .update(readFileSync(join(root, file)))
          .digest(),
      );
    }
  }
  return hash.digest('hex');
}

export function hashBuildInputs(root) {
  return hashFiles(root, BUILD_INPUTS);
}

export function readStamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
