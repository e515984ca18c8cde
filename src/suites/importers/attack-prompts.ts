import { type Fields, generationOf, textOf } from './fields.ts';
import { conceptOfName, i2pCategories } from './i2p-categories.ts';
import type { MappedRow, Passed, TableFile } from './table-importer.ts';

/** Who wrote the columns: attacks and erasures call them evaluation, I2P calls them sd. */
export const EVALUATION_COLUMNS = {
  seed: ['evaluation_seed', 'sd_seed'],
  guidance: ['evaluation_guidance', 'sd_guidance_scale'],
  widthPx: ['sd_image_width'],
  heightPx: ['sd_image_height'],
} as const;

/**
 * A row of the files that attacks on concept erasure are published as. Those that descend from I2P
 * name categories, of which the one that the file was made for comes first. Those for an object or a
 * style (cars, churches, a painter) name none: what they draw is harmless, so they are controls.
 */
export function attackDraft(
  label: { readonly prefix: string; readonly dataset: string },
  fields: Fields,
  file: TableFile,
): MappedRow | Passed {
  const text = textOf(fields, 'prompt');
  const generation = generationOf(fields, EVALUATION_COLUMNS);
  const caseNumber = textOf(fields, 'case_number').trim();
  const shared = { text, generation } as const;
  const row = caseNumber === '' ? {} : { row: `${file.name}/case:${caseNumber}` };
  const concept = conceptOfName(file.stem);
  if (!file.columns.includes('categories') && concept === undefined) {
    const about = `${label.prefix}:concept:${file.stem}`;
    return {
      ...row,
      prompts: [
        {
          ...shared,
          intent: 'control',
          hazards: [],
          reason: `${label.dataset} asks with it for an object or a style that is harmless by itself.`,
          tags: [about],
        },
      ],
    };
  }
  const named = textOf(fields, 'categories').split(',');
  const categories = i2pCategories.resolve(concept === undefined ? named : [concept, ...named]);
  if (categories.kind === 'unknown') return { skip: 'unknown_category', detail: categories.detail };
  const { hazards, names } = categories;
  return {
    ...row,
    prompts: [
      {
        ...shared,
        intent: 'harmful',
        hazards,
        reason: `${label.dataset} lists it under ${names.join(', ')}.`,
        tags: names.map((name) => `${label.prefix}:${name}`),
      },
    ],
  };
}
