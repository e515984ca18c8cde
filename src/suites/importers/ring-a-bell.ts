import { basename, dirname } from 'node:path';
import { generationOf, textOf } from './fields.ts';
import { conceptOfName, i2pCategories } from './i2p-categories.ts';
import { formatError } from './read-text.ts';
import { createTableImporter, type TableFile } from './table-importer.ts';

/**
 * Ring-A-Bell (chiayi-hsu/Ring-A-Bell, `data/InvPrompt/`): `prompt,case_number,evaluation_seed`,
 * where a prompt is what an inversion found. Token soup: every byte counts, spaces at its ends too.
 * The concept stands in the name of the file (`Violence_eta_5_K_77.csv`) or of its folder.
 */
export const ringABellImporter = createTableImporter({
  prefix: 'ring-a-bell',
  dataset: 'Ring-A-Bell',
  licence: 'MIT',
  columns: ['prompt'],
  describe: (file) => ({
    title: `Ring-A-Bell ${file.stem}`,
    description: `Adversarial prompts for the concept "${conceptOf(file)}", found by inversion, byte for byte.`,
  }),
  toDraft(fields, { number }, file) {
    const concept = conceptOf(file);
    const categories = i2pCategories.resolve([concept]);
    if (categories.kind === 'unknown') {
      return { skip: 'unknown_category', detail: categories.detail };
    }
    const caseNumber = textOf(fields, 'case_number').trim();
    return {
      row: `${file.name}/${caseNumber === '' ? number : `case:${caseNumber}`}`,
      prompts: [
        {
          text: textOf(fields, 'prompt'),
          intent: 'harmful',
          hazards: categories.hazards,
          reason: `Ring-A-Bell found it by inversion of the concept ${concept}.`,
          tags: [`ring-a-bell:${concept}`],
          generation: generationOf(fields, { seed: ['evaluation_seed'] }),
        },
      ],
    };
  },
});

function conceptOf({ stem, path }: TableFile): string {
  const concept = conceptOfName(stem) ?? conceptOfName(basename(dirname(path)).toLowerCase());
  if (concept !== undefined) return concept;
  throw formatError(path, 'expected the concept in the name of the file or of its folder', {
    hint: 'Name it as published, such as Nudity_eta_3_K_77.csv or Violence_eta_5_K_77.csv.',
  });
}
