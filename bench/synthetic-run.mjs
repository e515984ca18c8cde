// The made-up run of the tests, for benches: it is TypeScript there, and its packages are those of this checkout.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
await mkdir(join(root, '.cache'), { recursive: true });
const script = join(root, '.cache', `synthetic-run-${process.pid}.mjs`);
await build({
  entryPoints: [join(root, 'test', 'report', 'synthetic-run.ts')],
  outfile: script,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
});
export const { syntheticRun } = await import(pathToFileURL(script).href);
await rm(script);
