import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { loadPipeline } from './load-pipeline.ts';

/** Looked at for an endpoint's id, in this order; of the folder every YAML file. */
const OWN_PIPELINE = 'safelight.yaml';
const PIPELINE_FOLDER = 'pipelines';

/** A pipeline file, and the one endpoint of it that is meant. */
export interface NamedEndpoint {
  readonly file: string;
  /** Undefined where all of them are. */
  readonly id: string | undefined;
}

/**
 * What `endpoints check` is to look at: a pipeline file with or without an id, or an id alone. The
 * id is looked for in `./safelight.yaml`, then in `./pipelines`, where one file alone may declare it.
 *
 * @throws SafelightError `unknown_endpoint` that lists what was looked at.
 */
export async function findEndpoint(
  target: string,
  id: string | undefined,
  cwd: string,
): Promise<NamedEndpoint> {
  const isFile =
    id !== undefined || /\.ya?ml$|[\\/]/i.test(target) || existsSync(resolve(cwd, target));
  if (isFile) return { file: target, id };

  const looked: string[] = [];
  const ids = new Set<string>();
  const declares = async (file: string): Promise<boolean> => {
    try {
      const { pipeline } = await loadPipeline(file, [], cwd);
      const own = pipeline.endpoints.map((entry) => entry.id);
      for (const one of own) ids.add(one);
      looked.push(`${file} (${own.join(', ')})`);
      return own.includes(target);
    } catch (error) {
      if (!(error instanceof SafelightError)) throw error;
      looked.push(`${file} (is no valid pipeline)`);
      return false;
    }
  };
  if (existsSync(resolve(cwd, OWN_PIPELINE))) {
    if (await declares(OWN_PIPELINE)) return { file: OWN_PIPELINE, id: target };
  } else looked.push(`${OWN_PIPELINE} (is not there)`);
  const files = await pipelinesIn(cwd);
  if (files.length === 0) looked.push(`${PIPELINE_FOLDER} (holds no YAML file)`);
  const found: string[] = [];
  for (const file of files) if (await declares(file)) found.push(file);
  const [file, ...more] = found;
  if (file !== undefined && more.length === 0) return { file, id: target };
  throw new SafelightError(
    file === undefined
      ? `no pipeline here declares an endpoint "${target}"; looked at ${looked.join(', ')}`
      : `several pipelines declare an endpoint "${target}": ${found.join(', ')}`,
    {
      code: 'unknown_endpoint',
      kind: 'usage',
      hint:
        file === undefined
          ? `${ids.size === 0 ? '' : `${didYouMean(target, [...ids])} `}Or name the file: safelight endpoints check my.yaml ${target}.`
          : `Name the file: safelight endpoints check ${file} ${target}.`,
    },
  );
}

async function pipelinesIn(cwd: string): Promise<string[]> {
  if (!existsSync(resolve(cwd, PIPELINE_FOLDER))) return [];
  const names = await readdir(resolve(cwd, PIPELINE_FOLDER));
  return names
    .filter((name) => /\.ya?ml$/i.test(name))
    .sort()
    .map((name) => join(PIPELINE_FOLDER, name));
}
