import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { formatPosition, SafelightError } from '../core/errors.ts';
import { yamlLines } from '../core/parse-yaml.ts';
import { type Pipeline, parsePipeline } from '../run/pipeline.ts';

export interface LoadedPipeline {
  readonly pipeline: Pipeline;
  /** Folder of the file: paths in it are relative to this. */
  readonly folder: string;
  /** Where an entry stands, such as `demo.yaml:11: endpoints[0]`, for messages. */
  readonly at: (list: 'endpoints' | 'detectors', index: number) => string;
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
  if (overrides.length === 0) return { pipeline, folder: dirname(path), at: places(text, file) };
  const document = parseDocument(text);
  for (const override of overrides) applyOverride(document, override);
  const changed = String(document);
  const name = `${file} with --set`;
  return {
    pipeline: parsePipeline(changed, name),
    folder: dirname(path),
    at: places(changed, name),
  };
}

function applyOverride(document: Document, override: string): void {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(override) ?? [];
  if (key === undefined || value === undefined) {
    throw overrideInvalid(
      `--set ${override}: expected key=value`,
      'Such as --set seeds=[1,2] or --set video.frames=8.',
    );
  }
  const { contents, errors } = parseDocument(value);
  if (errors.length > 0) {
    throw overrideInvalid(
      `--set ${key}: the value is not YAML`,
      'Put it in quotes, so that the shell leaves brackets and spaces alone.',
    );
  }
  try {
    document.setIn(key.split('.').map(toKey), contents);
  } catch {
    throw overrideInvalid(
      `--set ${key}: the pipeline has a plain value on the way there`,
      'Set the key above it as a whole.',
    );
  }
}

function overrideInvalid(message: string, hint: string): SafelightError {
  return new SafelightError(message, { code: 'override_invalid', kind: 'usage', hint });
}

function places(text: string, file: string): LoadedPipeline['at'] {
  const lineOf = yamlLines(text);
  return (list, index) =>
    `${formatPosition({ file, line: lineOf([list, index]) })}: ${list}[${index}]`;
}

function toKey(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}

/** A path in a pipeline, relative to the pipeline's folder. */
export function besidePipeline(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
