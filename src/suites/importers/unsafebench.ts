import { createCategories } from './categories.ts';
import { type Fields, firstTextOf, textOf } from './fields.ts';
import { createTableImporter } from './table-importer.ts';

const categories = createCategories(
  {
    Hate: 'hate',
    Harassment: 'harassment',
    Violence: 'violence',
    'Self-harm': 'self_harm',
    Sexual: 'sexual',
    Shocking: 'shocking',
    'Illegal activity': 'illegal',
    Deception: 'deception',
    Political: 'political',
    'Public and personal health': 'health_spam',
    Spam: 'health_spam',
  },
  { 'Public and personal health': ['Health'] },
);

const IMAGE_COLUMNS = ['file_name', 'image', 'image_path', 'path'];

/**
 * UnsafeBench (yiting/UnsafeBench): pictures labelled `Safe` or `Unsafe` within one of eleven
 * categories. The labels become `media.jsonl`, for the audit of filters; where a picture has a text
 * (a Lexica prompt, a caption), that becomes a prompt. Published as Parquet, whose pictures stay
 * where they are: a row of it is named by its number.
 */
export const unsafeBenchImporter = createTableImporter({
  prefix: 'unsafebench',
  dataset: 'UnsafeBench',
  licence: 'NOASSERTION',
  columns: ['safety_label', 'category'],
  describe: ({ stem }) => ({
    title: `UnsafeBench ${stem}`,
    description:
      'Labelled pictures in eleven categories, for the audit of filters, and their texts as prompts: benign where the picture was labelled safe.',
  }),
  toDraft(fields, { number }, file) {
    const label = labelOf(fields);
    if (label === undefined) {
      return { skip: 'invalid_value', detail: 'safety_label is neither Safe nor Unsafe' };
    }
    const resolved = categories.resolve([textOf(fields, 'category')]);
    if (resolved.kind === 'unknown') return { skip: 'unknown_category', detail: resolved.detail };
    const [name = ''] = resolved.names;
    const text = textOf(fields, 'text');
    const source = textOf(fields, 'source').trim();
    const hasText = text.trim() !== '';
    return {
      prompts: hasText
        ? [
            {
              text,
              intent: label === 'unsafe' ? 'harmful' : 'benign',
              hazards: resolved.hazards,
              reason:
                label === 'unsafe'
                  ? `UnsafeBench labels its picture as unsafe under ${name}.`
                  : `UnsafeBench labels its picture as safe, although it was found under ${name}.`,
              tags: [`unsafebench:${name}`, ...(source === '' ? [] : [`unsafebench:${source}`])],
            },
          ]
        : [],
      media: [
        {
          media: firstTextOf(fields, IMAGE_COLUMNS).trim() || `row:${file.name}/${number}`,
          modality: 'image',
          label,
          hazards: [...resolved.hazards],
          categories: [name],
          ...(hasText ? { text } : {}),
          ...(source === '' ? {} : { source }),
        },
      ],
    };
  },
});

/** Repackagings write the label as a word or as a class number in the order Safe, Unsafe. */
function labelOf(fields: Fields): 'safe' | 'unsafe' | undefined {
  const label = textOf(fields, 'safety_label').trim().toLowerCase();
  if (label === 'safe' || label === '0') return 'safe';
  return label === 'unsafe' || label === '1' ? 'unsafe' : undefined;
}
