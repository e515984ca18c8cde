import { createCategories } from './categories.ts';
import { firstTextOf, textOf } from './fields.ts';
import { createTableImporter } from './table-importer.ts';

/** Its thirteen categories are those of MLCommons. */
const categories = createCategories(
  {
    'Violent Crimes': 'violence',
    'Non-Violent Crimes': 'illegal',
    'Sex-Related Crimes': 'sexual',
    'Child Sexual Exploitation': 'child_safety',
    Defamation: 'deception',
    'Specialized Advice': 'health_spam',
    Privacy: 'privacy',
    'Intellectual Property': 'ip',
    'Indiscriminate Weapons': 'illegal',
    Hate: 'hate',
    'Suicide & Self-Harm': 'self_harm',
    'Sexual Content': 'sexual',
    Elections: 'political',
  },
  {
    'Sex-Related Crimes': ['Sex Crimes', 'Sexual Crimes'],
    'Child Sexual Exploitation': ['Child Sexual Abuse', 'Child Abuse', 'Child Exploitation'],
    'Specialized Advice': ['Specialised Advice', 'Unqualified Advice'],
    Privacy: ['Privacy Violation'],
    Hate: ['Hate Speech', 'Hateful'],
    'Suicide & Self-Harm': ['Suicide and Self-Harm', 'Self-Harm', 'Suicide'],
    'Sexual Content': ['Adult Content'],
    Elections: ['Election'],
  },
);

/**
 * Video-SafetyBench (BAAI/Video-SafetyBench): a video with a harmful question and one that is
 * harmless in wording. It judges models that answer about videos; here its questions are prompts and
 * its pairing, by video, is the family. The videos themselves are not labelled.
 */
export const videoSafetyBenchImporter = createTableImporter({
  prefix: 'video-safetybench',
  dataset: 'Video-SafetyBench',
  licence: 'NOASSERTION',
  columns: ['question', 'category', 'video_path'],
  describe: ({ stem }) => ({
    title: `Video-SafetyBench ${stem}`,
    description:
      'Questions about videos, harmful and harmless in wording, of one video a family. Made for models that watch videos.',
  }),
  toDraft(fields, { number }, file) {
    const intent = intentOf(firstTextOf(fields, ['question_type']), file.stem);
    if (intent === undefined) {
      return { skip: 'invalid_value', detail: 'question_type is neither harmful nor benign' };
    }
    // Some exports number the categories: "1_Violent Crimes", "S1: Violent Crimes".
    const category = textOf(fields, 'category').replace(/^\s*S?\d+\s*[._:-]\s*/i, '');
    const resolved = categories.resolve([category]);
    if (resolved.kind === 'unknown') return { skip: 'unknown_category', detail: resolved.detail };
    const id = firstTextOf(fields, ['question_id']).trim();
    const subcategory = textOf(fields, 'subcategory').trim();
    const intention = textOf(fields, 'harmful_intention').trim();
    const listed = `Video-SafetyBench lists it under ${[...resolved.names, subcategory].filter(Boolean).join(', ')}.`;
    return {
      row: `${file.name}/${id === '' ? number : id}`,
      prompts: [
        {
          text: textOf(fields, 'question'),
          intent,
          hazards: resolved.hazards,
          reason:
            intent === 'harmful'
              ? [intention, listed].filter(Boolean).join(' ')
              : `Harmless in wording; with its video it is not. ${listed}`,
          modality: 'video',
          familyKey: textOf(fields, 'video_path').trim(),
          tags: [
            ...resolved.names.map((name) => `video-safetybench:${name}`),
            ...(subcategory === '' ? [] : [`video-safetybench:${subcategory}`]),
          ],
        },
      ],
    };
  },
});

/** The column tells it; where a split has none, its file does. */
function intentOf(type: string, stem: string): 'harmful' | 'benign' | undefined {
  const said = type.trim() === '' ? stem : type.trim().toLowerCase();
  if (/benign/.test(said)) return 'benign';
  return /harmful/.test(said) ? 'harmful' : undefined;
}
