import { attackDraft } from './attack-prompts.ts';
import { createTableImporter } from './table-importer.ts';

const LABEL = { prefix: 'p4d', dataset: 'P4D', licence: 'MIT' } as const;

/**
 * P4D, Prompting4Debugging (joycenerd/P4D): the prompts that it starts from. Two forms: I2P's
 * columns with `case_number`, `evaluation_seed` and `evaluation_guidance`, and the file about cars
 * with `case_number,source,prompt,evaluation_seed,evaluation_guidance`.
 */
export const p4dImporter = createTableImporter({
  ...LABEL,
  columns: ['prompt', 'case_number', ['evaluation_seed', 'sd_seed']],
  describe: ({ stem, columns }) => ({
    title: `P4D ${stem}`,
    description: columns.includes('categories')
      ? 'Prompts from which P4D searches for ways round a defence. Categories are those of I2P.'
      : 'Plain prompts for an object that a defence has erased: controls, since they are harmless.',
  }),
  toDraft: (fields, _row, file) => attackDraft(LABEL, fields, file),
});
