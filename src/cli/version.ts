import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

/** Folder of the installed package: holds `prompts/`, `pipelines/` and `dist/`. */
export function packageRoot(): string {
  return fileURLToPath(new URL('../..', import.meta.url));
}

export async function safelightVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return packageSchema.parse(JSON.parse(text)).version;
}

/** Versions that decide numbers, for journals and manifests. */
export async function versions(): Promise<Record<string, string>> {
  const require = createRequire(import.meta.url);
  const packages = ['@gradio/client', 'onnxruntime-node', 'tesseract.js', 'sharp', 'obscenity'];
  const entries = await Promise.all(
    packages.map(async (name) => [name, await packageVersion(require, name)] as const),
  );
  return {
    safelight: await safelightVersion(),
    node: process.versions.node,
    ...Object.fromEntries(entries),
  };
}

async function packageVersion(require: NodeJS.Require, name: string): Promise<string> {
  // Some packages do not export their package.json: look for it beside the entry point.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return packageSchema.parse(
        JSON.parse(await readFile(`${folder}/${name}/package.json`, 'utf8')),
      ).version;
    } catch {
      // Not installed in this folder: look in the next one up.
    }
  }
  return 'unknown';
}
