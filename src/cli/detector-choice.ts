import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { formatPosition, SafelightError } from '../core/errors.ts';
import { parseYaml, yamlLines } from '../core/parse-yaml.ts';
import type { Detector } from '../detectors/detector.ts';
import { detectorEntriesSchema } from '../run/pipeline.ts';
import type { Terminal } from './terminal.ts';
import { createDetectors } from './wiring.ts';

/** Help of the option `--detectors`. */
export const DETECTORS_HELP =
  'what looks at them: names, or a YAML file with `detectors:` as in a pipeline';

/** What looks at media where nothing else is said. */
export const DEFAULT_DETECTORS = ['nsfwjs', 'ocr-toxicity', 'pixel-screen'];

const choiceSchema = z.looseObject({ detectors: detectorEntriesSchema });

/**
 * Makes the detectors that the option `--detectors` names: names stand for detectors with their
 * defaults; a pipeline, or any YAML file with its key `detectors`, can give each its options.
 *
 * @throws SafelightError for a file that cannot be read, and as {@link createDetectors}.
 */
export async function chooseDetectors(
  choice: readonly string[],
  endpointKinds: readonly string[],
  terminal: Terminal,
): Promise<Detector[]> {
  const [file] = choice;
  if (choice.length !== 1 || file === undefined || !/\.ya?ml$/i.test(file)) {
    return createDetectors(
      choice.map((use) => ({ use })),
      () => '--detectors',
      endpointKinds,
      { env: terminal.env, folder: terminal.cwd },
    );
  }
  const path = resolve(terminal.cwd, file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SafelightError(`cannot read the list of detectors ${file}`, {
      code: 'detectors_unreadable',
      kind: 'usage',
      hint: 'Name detectors (see `safelight models list`), or a YAML file that you can read.',
      cause,
    });
  });
  const { detectors } = parseYaml(text, file, choiceSchema);
  const lineOf = yamlLines(text);
  return createDetectors(
    detectors,
    (index) =>
      `${formatPosition({ file, line: lineOf(['detectors', index]) })}: detectors[${index}]`,
    endpointKinds,
    { env: terminal.env, folder: dirname(path) },
  );
}
