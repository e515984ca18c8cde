import { textOf } from './fields.ts';
import { i2pCategories } from './i2p-categories.ts';
import { createTableImporter } from './table-importer.ts';

/** CoProV2 (SafetyDPO): `prompt,image,category`, with I2P's categories, one of them misspelled. */
export const coprov2Importer = createTableImporter({
  prefix: 'coprov2',
  dataset: 'CoProV2',
  licence: 'NOASSERTION',
  columns: ['prompt', 'category'],
  describe: ({ stem }) => ({
    title: `CoProV2 ${stem}`,
    description: 'Prompts that a language model wrote about harmful concepts, by category.',
  }),
  toDraft(fields) {
    const categories = i2pCategories.resolve([textOf(fields, 'category')]);
    if (categories.kind === 'unknown') {
      return { skip: 'unknown_category', detail: categories.detail };
    }
    const { hazards, names } = categories;
    return {
      prompts: [
        {
          text: textOf(fields, 'prompt'),
          intent: 'harmful',
          hazards,
          reason: `CoProV2 lists it under ${names.join(', ')}.`,
          tags: names.map((name) => `coprov2:${name}`),
        },
      ],
    };
  },
});
