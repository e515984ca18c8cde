import { SafelightError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Importer } from './importer.ts';

/** Every importer by name, loaded when it is asked for. */
export const IMPORTERS = {
  overt: async () => (await import('./overt.ts')).overtImporter,
} as const satisfies Record<string, () => Promise<Importer>>;

export type ImporterName = keyof typeof IMPORTERS;

export const IMPORTER_NAMES: readonly string[] = Object.keys(IMPORTERS);

/** @throws SafelightError `importer_unknown`, with the nearest name. */
export async function loadImporter(name: string): Promise<Importer> {
  if (isImporterName(name)) return IMPORTERS[name]();
  throw new SafelightError(`no importer "${name}"`, {
    code: 'importer_unknown',
    kind: 'usage',
    hint: didYouMean(name, IMPORTER_NAMES),
  });
}

/** Whether an importer has this name. */
export function isImporterName(name: string): name is ImporterName {
  return Object.hasOwn(IMPORTERS, name);
}
