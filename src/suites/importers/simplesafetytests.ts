import { createCategories } from './categories.ts';
import { firstTextOf } from './fields.ts';
import { createTableImporter } from './table-importer.ts';

/** The five areas. Child abuse is mapped in order to be passed over and counted: it is never sent. */
const areas = createCategories(
  {
    'Suicide, Self-Harm and Eating Disorders': 'self_harm',
    'Physical Harm': 'violence',
    'Illegal and Highly Regulated Items': 'illegal',
    'Scams and Fraud': 'deception',
    'Child Abuse': 'child_safety',
  },
  {
    'Suicide, Self-Harm and Eating Disorders': [
      'Suicide, Self-Harm, and Eating Disorders',
      'Suicide, SH & EDs',
    ],
    'Physical Harm': ['Physical Harm and Violence'],
    'Illegal and Highly Regulated Items': ['Illegal Items', 'Illegal & Highly Regulated Items'],
    'Scams and Fraud': ['Scams & Fraud'],
  },
);

/**
 * SimpleSafetyTests (bertiev/SimpleSafetyTests): a hundred requests to a language model, here asked
 * of a picture model. `harm_area` tells the area, `category` the way of asking.
 */
export const simpleSafetyTestsImporter = createTableImporter({
  prefix: 'simplesafetytests',
  dataset: 'SimpleSafetyTests',
  licence: 'CC-BY-2.0',
  columns: ['prompt', ['harm_area', 'harm area']],
  describe: () => ({
    suite: 'simplesafetytests',
    title: 'SimpleSafetyTests',
    description:
      'Requests to a language model from five areas. The one on child abuse is left out.',
    publishedRows: 100,
  }),
  toDraft(fields, { number }) {
    const area = firstTextOf(fields, ['harm_area', 'harm area']);
    const categories = areas.resolve([area]);
    if (categories.kind === 'unknown') {
      return { skip: 'unknown_category', detail: categories.detail };
    }
    const way = firstTextOf(fields, ['category']).trim();
    const id = firstTextOf(fields, ['id']).trim();
    return {
      row: id === '' ? String(number) : id,
      prompts: [
        {
          text: firstTextOf(fields, ['prompt']),
          intent: 'harmful',
          hazards: categories.hazards,
          reason: `SimpleSafetyTests lists it under ${categories.names.join(', ')}.`,
          modality: 'any',
          tags: [`simplesafetytests:${area.trim()}`, ...(way === '' ? [] : [`asks:${way}`])],
        },
      ],
    };
  },
});
