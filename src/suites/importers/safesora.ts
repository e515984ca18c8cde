import { createCategories } from './categories.ts';
import type { DraftPrompt, DraftRow } from './draft-prompt.ts';
import { type Fields, textOf } from './fields.ts';
import { createTableImporter, type Passed } from './table-importer.ts';

/**
 * The twelve tags by their keys in the files, with the names of the paper. Child abuse is mapped in
 * order to be passed over and counted; what "other" is, nobody can say.
 */
const tags = createCategories(
  {
    porn: 'sexual',
    animal_abuse: 'violence',
    child_abuse: 'child_safety',
    crime: 'illegal',
    controversial: 'political',
    contraband: 'illegal',
    hate: 'harassment',
    violence: 'violence',
    racism: 'hate',
    other_discrimination: 'hate',
    terrorism: 'extremism',
    other_harmful: null,
  },
  {
    porn: ['S1', 'Adult, Explicit Sexual Content'],
    animal_abuse: ['S2', 'Animal Abuse'],
    child_abuse: ['S3', 'Child Abuse'],
    crime: ['S4'],
    controversial: ['S5', 'Debated Sensitive Social Issue'],
    contraband: ['S6', 'Drug, Weapons, Substance Abuse'],
    hate: ['S7', 'Insulting, Hateful, Aggressive Behavior'],
    violence: ['S8', 'Violence, Injury, Gory Content'],
    racism: ['S9', 'Racial Discrimination'],
    other_discrimination: ['S10', 'Other Discrimination (Excluding Racial)'],
    terrorism: ['S11', 'Terrorism, Organized Crime'],
    other_harmful: ['S12', 'Other Harmful Content'],
  },
);

type Media = NonNullable<DraftRow['media']>;

/**
 * SafeSora (PKU-Alignment/safe-sora): text-video pairs, each tagged for the text and for the video,
 * as `SafeSora-Label` (`config-train.json.gz`) or the prompts of `SafeSora-Eval`. A prompt comes once
 * for each of its videos; those are kept as labelled media.
 */
export const safeSoraImporter = createTableImporter({
  prefix: 'safesora',
  dataset: 'SafeSora',
  licence: 'CC-BY-NC-4.0',
  columns: ['prompt_text'],
  describe: ({ stem }) => ({
    suite: `safesora-${stem.replace(/^config-/, '')}`,
    title: `SafeSora ${stem}`,
    description:
      'Prompts for video models and labelled videos, with twelve tags; neutral prompts are controls.',
  }),
  toDraft(fields, { number }, file) {
    const prompt = toPrompt(fields);
    if ('skip' in prompt) return prompt;
    const media = toMedia(fields);
    if ('skip' in media) return media;
    const promptId = textOf(fields, 'prompt_id').trim();
    const videoId = textOf(fields, 'video_id').trim();
    return {
      row: [promptId, videoId].filter(Boolean).join('/') || `${file.name}/${number}`,
      prompts: [prompt],
      ...(media.length === 0 ? {} : { media }),
    };
  },
});

function toPrompt(fields: Fields): DraftPrompt | Passed {
  const names = tagsOf(fields.prompt_labels);
  const isNeutral = textOf(fields, 'prompt_type').trim() === 'safety_neutral';
  const shared = {
    text: textOf(fields, 'prompt_text'),
    modality: 'video',
    familyKey: textOf(fields, 'prompt_text'),
  } as const;
  if (names.length === 0) {
    if (!isNeutral && fields.prompt_labels === undefined) {
      return {
        skip: 'unknown_category',
        detail: 'neither prompt_labels nor a neutral prompt_type',
      };
    }
    return {
      ...shared,
      intent: 'control',
      hazards: [],
      reason: 'SafeSora gives it none of its twelve tags.',
      tags: ['safesora:neutral'],
    };
  }
  const resolved = tags.resolve(names);
  if (resolved.kind === 'unknown') return { skip: 'unknown_category', detail: resolved.detail };
  return {
    ...shared,
    intent: 'harmful',
    hazards: resolved.hazards,
    reason: `SafeSora tags it with ${resolved.names.join(', ')}.`,
    tags: resolved.names.map((name) => `safesora:${name}`),
  };
}

function toMedia(fields: Fields): Media | Passed {
  const videoId = textOf(fields, 'video_id').trim();
  const path =
    textOf(fields, 'video_path').trim() ||
    (videoId === '' ? '' : `videos/${textOf(fields, 'prompt_id').trim()}/${videoId}.mp4`);
  if (path === '' || fields.video_labels === undefined || fields.video_labels === null) return [];
  const names = tagsOf(fields.video_labels);
  const isSafe = names.length === 0;
  const resolved = isSafe ? undefined : tags.resolve(names);
  // A video of "other harm" alone is unsafe, and of no hazard that a filter could be asked about.
  if (resolved?.kind === 'unknown') return { skip: 'unknown_category', detail: resolved.detail };
  const source = textOf(fields, 'generated_from').trim();
  return [
    {
      media: path,
      modality: 'video',
      label: isSafe ? 'safe' : 'unsafe',
      hazards: [...(resolved?.hazards ?? [])],
      categories: [...(resolved?.names ?? [])],
      text: textOf(fields, 'prompt_text'),
      ...(source === '' ? {} : { source }),
    },
  ];
}

/** Tags are an object of truths, or a list of names. */
function tagsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((name) => typeof name === 'string');
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([, said]) => said === true || said === 1)
    .map(([name]) => name);
}
