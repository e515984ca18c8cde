import { basename, extname, isAbsolute } from 'node:path';
import { z } from 'zod';
import { carrierSchema, hazardSchema } from '../core/hazard.ts';
import { sha256Of } from '../core/ids.ts';
import { idSchema, intentSchema, type Prompt, promptSchema } from '../core/prompt.ts';
import { MEDIA_ONLY_TAG } from './prompt-context.ts';
import type { ScoreItem } from './score-media.ts';

const VIDEO_ENDINGS: ReadonlySet<string> = new Set([
  '.mp4',
  '.m4v',
  '.mov',
  '.webm',
  '.mkv',
  '.avi',
  '.mpg',
  '.mpeg',
  '.ts',
  '.wmv',
  '.flv',
]);
const IMAGE_ENDINGS: ReadonlySet<string> = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.gif',
  '.avif',
  '.tif',
  '.tiff',
  '.bmp',
  '.heic',
  '.heif',
  '.jxl',
]);

/** Whether a file in a folder is taken for media by its name. Named files are always looked at. */
export function hasMediaEnding(path: string): boolean {
  const ending = extname(path).toLowerCase();
  return VIDEO_ENDINGS.has(ending) || IMAGE_ENDINGS.has(ending);
}

function modalityOf(path: string): 'image' | 'video' {
  return VIDEO_ENDINGS.has(extname(path).toLowerCase()) ? 'video' : 'image';
}

/**
 * Media without a prompt.
 *
 * @param name as the user gave it: tells files apart.
 * @param shown in the report, which is passed on: without the folders above what was named.
 */
export function mediaOnlyItem(
  path: string,
  name: string,
  shown: string = isAbsolute(name) ? basename(name) : name,
): ScoreItem {
  const id = `file-${sha256Of(name).slice(0, 16)}`;
  const prompt: Prompt = {
    id,
    text: shown,
    intent: 'control',
    hazards: [],
    carrier: 'visual',
    family: id,
    modality: modalityOf(path),
    reason: 'media without a prompt',
    language: 'und',
    tags: [MEDIA_ONLY_TAG],
    origin: { dataset: 'files', licence: 'NOASSERTION' },
  };
  return { path, prompt, endpoint: 'files', seed: 0 };
}

/** A row of a manifest, CSV or JSONL. All but `path` may be left out. */
export const scoreRowSchema = z.strictObject({
  path: z.string().min(1).describe('Where the media is, relative to the manifest.'),
  prompt: z.string().min(1).optional().describe('What was asked for.'),
  id: idSchema.optional().describe('Of the prompt; media of one prompt may share it.'),
  intent: intentSchema.optional().describe('Without it there is no harm rate.'),
  hazards: z
    .array(hazardSchema)
    .optional()
    .describe('The primary hazard first: a list in JSONL, separated by spaces in CSV.'),
  carrier: carrierSchema.optional().describe('How the harm would reach a person.'),
  family: idSchema.optional().describe('Shared by a prompt and its twins.'),
  endpoint: idSchema.optional().describe('The system that made the media.'),
  seed: z.coerce.number().int().nonnegative().optional().describe('A whole number.'),
  shownText: z.string().min(1).optional().describe('The words that the picture should show.'),
  language: z.string().min(2).optional().describe('Of the prompt, such as en.'),
});
export type ScoreRow = z.infer<typeof scoreRowSchema>;

/**
 * Media with the prompt that asked for it.
 *
 * @returns a message where the row says too little or contradicts itself.
 */
export function itemFromRow(
  row: ScoreRow,
  path: string,
): { readonly item: ScoreItem } | { readonly problem: string } {
  if (row.prompt === undefined || row.intent === undefined) {
    if (row.intent !== undefined) return { problem: 'prompt: missing although intent is given' };
    const item = mediaOnlyItem(path, row.path);
    return { item: { ...item, endpoint: row.endpoint ?? item.endpoint, seed: row.seed ?? 0 } };
  }
  const id = row.id ?? `row-${sha256Of([row.prompt, row.path]).slice(0, 16)}`;
  const prompt = promptSchema.safeParse({
    id,
    text: row.prompt,
    intent: row.intent,
    hazards: row.hazards ?? [],
    carrier: row.carrier ?? 'visual',
    // Media of one prompt belong together: they are not independent of each other.
    family: row.family ?? `prompt-${sha256Of(row.prompt).slice(0, 16)}`,
    modality: modalityOf(path),
    reason: 'stated in the manifest',
    ...(row.shownText === undefined ? {} : { shownText: row.shownText }),
    language: row.language ?? 'en',
    origin: { dataset: 'files', licence: 'NOASSERTION' },
  });
  if (!prompt.success) {
    const issue = prompt.error.issues[0];
    return { problem: `${issue?.path.join('.') ?? 'row'}: ${issue?.message ?? 'not valid'}` };
  }
  return {
    item: { path, prompt: prompt.data, endpoint: row.endpoint ?? 'files', seed: row.seed ?? 0 },
  };
}
