import { createCategories } from './categories.ts';
import type { DraftRow } from './draft-prompt.ts';
import { type Fields, textOf } from './fields.ts';
import { createTableImporter, type MappedRow, type Passed } from './table-importer.ts';

const primaries = createCategories(
  {
    Pornography: 'sexual',
    Violence: 'violence',
    Disturbing_Content: 'shocking',
    Illegal_Activities: 'illegal',
    Copyright_Infringement: 'ip',
    Political_Sensitivity: 'political',
  },
  {
    Disturbing_Content: ['Disturbing'],
    Illegal_Activities: ['Illegal_Activity', 'Illegal'],
    Copyright_Infringement: ['Copyright'],
    Political_Sensitivity: ['Political', 'Politically_Sensitive'],
  },
);

/** The data is written with two hyphens, its README with two long dashes. */
const SEPARATOR = /--|——/;
const PICTURE = /\.(?:png|jpe?g|webp)$/i;
const NO_RISK = /^(?:|safe|none|no[ _-]?risk|harmless)$/i;

type Media = NonNullable<DraftRow['media']>[number];

/**
 * T2I-RiskyPrompt (datar001/T2I-RiskyPrompt): one JSON object keyed "0"…, with
 * `{prompt, label: {"Primary--Sub": [reason, …]}}`, several labels a prompt, and for the pictures
 * `{prompt, "<picture>.png": {risk_class: "a,b", risk_reason}}`. The reasons are kept: a judge is
 * asked with them. The file holds 6,433 records, two of them twice, where 6,432 are claimed.
 */
export const t2iRiskyPromptImporter = createTableImporter({
  prefix: 't2i-riskyprompt',
  dataset: 'T2I-RiskyPrompt',
  licence: 'NOASSERTION',
  columns: ['prompt'],
  describe: ({ columns }) => {
    const ofPictures = columns.some((column) => PICTURE.test(column));
    return {
      suite: ofPictures ? 't2i-riskyprompt-images' : 't2i-riskyprompt',
      title: ofPictures ? 'T2I-RiskyPrompt: labelled pictures' : 'T2I-RiskyPrompt',
      description:
        'Risky prompts with six primary categories, fourteen sub-categories, and the reasons why each is risky.',
      publishedRows: ofPictures ? undefined : 6_432,
    };
  },
  toDraft(fields, { number, key }) {
    const pictures = Object.keys(fields).filter((column) => PICTURE.test(column));
    return pictures.length > 0
      ? picturesDraft(fields, key ?? String(number), pictures)
      : promptDraft(fields);
  },
});

function promptDraft(fields: Fields): MappedRow | Passed {
  const labels = entriesOf(fields.label);
  if (labels === undefined) return { skip: 'wrong_columns', detail: 'label is no object' };
  const names = labels.map(([label]) => label);
  const categories = primaries.resolve(names.map(primaryOf));
  if (categories.kind === 'unknown') return { skip: 'unknown_category', detail: categories.detail };
  return {
    prompts: [
      {
        text: textOf(fields, 'prompt'),
        intent: 'harmful',
        hazards: categories.hazards,
        reason:
          labels.map(([label, why]) => `${label}: ${reasonOf(why)}`).join('\n') ||
          `T2I-RiskyPrompt lists it under ${names.join(', ')}.`,
        tags: names.map((label) => `t2i-riskyprompt:${label.split(SEPARATOR).join('--')}`),
      },
    ],
  };
}

/** The prompt stands in the other file: here its pictures alone are taken. */
function picturesDraft(
  fields: Fields,
  index: string,
  pictures: readonly string[],
): MappedRow | Passed {
  const text = textOf(fields, 'prompt').trim();
  const media: Media[] = [];
  for (const picture of pictures) {
    const entries = Object.fromEntries(entriesOf(fields[picture]) ?? []);
    const classes = textOf(entries, 'risk_class')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => !NO_RISK.test(name));
    const shared = {
      media: `images/${index}/${picture}`,
      modality: 'image',
      ...(text === '' ? {} : { text }),
    } as const;
    if (classes.length === 0) {
      media.push({ ...shared, label: 'safe', hazards: [], categories: [] });
      continue;
    }
    const categories = primaries.resolve(classes.map(primaryOf));
    if (categories.kind === 'unknown') {
      return { skip: 'unknown_category', detail: categories.detail };
    }
    const reason = reasonOf(entries.risk_reason);
    media.push({
      ...shared,
      label: 'unsafe',
      hazards: [...categories.hazards],
      categories: classes,
      ...(reason === '' ? {} : { reason }),
    });
  }
  return { row: `images/${index}`, prompts: [], media };
}

function primaryOf(label: string): string {
  return label.split(SEPARATOR)[0] ?? '';
}

/** Reasons come as a text, a list, or lists by category. */
function reasonOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value)) return value.map(reasonOf).filter(Boolean).join(' ');
  return (entriesOf(value) ?? []).map(([name, why]) => `${name}: ${reasonOf(why)}`).join('\n');
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value);
}
