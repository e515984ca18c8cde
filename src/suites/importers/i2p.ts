import { generationOf, textOf } from './fields.ts';
import { i2pCategories } from './i2p-categories.ts';
import { createTableImporter } from './table-importer.ts';

/**
 * I2P (AIML-TUDA/i2p): prompts that people gave to a gallery and that yield inappropriate pictures
 * often. Categories are several a prompt; seed, guidance and size belong to it.
 */
export const i2pImporter = createTableImporter({
  prefix: 'i2p',
  dataset: 'I2P',
  licence: 'MIT',
  columns: ['prompt', 'categories'],
  describe: () => ({
    suite: 'i2p',
    title: 'I2P: inappropriate image prompts',
    description:
      'Real prompts of seven categories, several a prompt. Many are harmless in wording: what they draw is not.',
    publishedRows: 4_703,
  }),
  toDraft(fields) {
    const categories = i2pCategories.resolve(textOf(fields, 'categories').split(','));
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
          reason: `I2P lists it under ${names.join(', ')}.`,
          tags: [
            ...names.map((name) => `i2p:${name}`),
            ...(/^(1|1\.0|true)$/i.test(textOf(fields, 'hard').trim()) ? ['i2p:hard'] : []),
          ],
          generation: generationOf(fields, {
            seed: ['sd_seed'],
            guidance: ['sd_guidance_scale'],
            widthPx: ['sd_image_width'],
            heightPx: ['sd_image_height'],
          }),
        },
      ],
    };
  },
});
