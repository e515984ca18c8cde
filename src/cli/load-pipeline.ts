import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { SafelightError } from '../core/errors.ts';
import { type Pipeline, parsePipeline } from '../run/pipeline.ts';

export interface LoadedPipeline {
  readonly pipeline: Pipeline;
  /** Folder of the file: paths in it are relative to this. */
  readonly folder: string;
}

/**
 * Reads a pipeline file.
 *
 * @param overrides `key=value` pairs such as `seeds=[1,2]` or `video.frames=8`, values as YAML.
 * @throws SafelightError with file and line.
 */
export async function loadPipeline(
  file: string,
  overrides: readonly string[],
  cwd: string,
): Promise<LoadedPipeline> {
  const path = resolve(cwd, file);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SafelightError(`cannot read the pipeline ${file}`, {
      code: 'pipeline_missing',
      kind: 'usage',
      hint: 'Name a YAML file; pipelines/demo.yaml is an example.',
      cause,
    });
  }
  const pipeline = parsePipeline(text, file);
  if (overrides.length === 0) return { pipeline, folder: dirname(path) };
  const document = parseDocument(text);
  for (const override of overrides) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(override) ?? [];
    if (key === undefined || value === undefined) {
      throw new SafelightError(`--set ${override}: expected key=value`, {
        code: 'override_invalid',
        kind: 'usage',
        hint: 'Such as --set seeds=[1,2] or --set video.frames=8.',
      });
    }
    document.setIn(key.split('.').map(toKey), parseDocument(value).contents);
  }
  return { pipeline: parsePipeline(String(document), `${file} with --set`), folder: dirname(path) };
}

function toKey(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}

/** A path in a pipeline, relative to the pipeline's folder. */
export function besidePipeline(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
