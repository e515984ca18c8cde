import { attackDraft } from './attack-prompts.ts';
import { createTableImporter } from './table-importer.ts';

const LABEL = { prefix: 'unlearn-diff-atk', dataset: 'UnlearnDiffAtk', licence: 'MIT' } as const;

/**
 * UnlearnDiffAtk (OPTML-Group/Diffusion-MU-Attack, `prompts/`): I2P-like files for nudity, violence
 * and illegal activity, and files with `case_number,prompt,evaluation_seed,evaluation_guidance` for
 * objects and a painter's style.
 */
export const unlearnDiffAtkImporter = createTableImporter({
  ...LABEL,
  columns: ['prompt'],
  describe: ({ stem }) => ({
    title: `UnlearnDiffAtk ${stem}`,
    description:
      'Prompts for concepts that a model was made to forget. Objects and styles are controls, since they are harmless.',
  }),
  toDraft: (fields, _row, file) => attackDraft(LABEL, fields, file),
});
