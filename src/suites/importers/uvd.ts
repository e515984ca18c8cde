import { basename } from 'node:path';
import { createCategories } from './categories.ts';
import { toImportedRow } from './draft-prompt.ts';
import { textOf } from './fields.ts';
import type { Importer } from './importer.ts';
import { readColumns, readTable } from './read-table.ts';
import { formatError } from './read-text.ts';

const LABEL = { prefix: 'uvd', dataset: 'UVD', licence: 'NOASSERTION' } as const;

const categories = createCategories(
  {
    'Distorted/Weird': 'shocking',
    Terrifying: 'shocking',
    Pornographic: 'sexual',
    'Violent/Bloody': 'violence',
    Political: 'political',
  },
  { 'Distorted/Weird': ['Distorted', 'Weird'], 'Violent/Bloody': ['Violent', 'Bloody'] },
);

/** 937 videos are labelled: a table of this size is something else. */
const VIDEO_LIMIT = 100_000;

/**
 * UVD (Towards Understanding Unsafe Video Generation): five columns, one a category, with the
 * indices of the videos that people put there. A video may stand in several. There are no prompts:
 * the labels become `media.jsonl`, a row of the import is a video.
 */
export const uvdImporter: Importer = {
  name: LABEL.prefix,
  dataset: LABEL.dataset,
  licence: LABEL.licence,

  async detect(path) {
    await categoryColumns(path);
    return {
      suite: 'uvd',
      title: 'UVD: unsafe generated videos',
      description: 'Labelled videos in five categories, for the audit of filters.',
      paired: false,
      publishedRows: undefined,
    };
  },

  async *read(path) {
    const columns = await categoryColumns(path);
    const found = new Map<string, string[]>();
    for await (const { fields, line } of readTable(path)) {
      if (fields === undefined) {
        yield { kind: 'skip', reason: 'wrong_columns', line };
        continue;
      }
      for (const column of columns) {
        const index = indexOf(textOf(fields, column));
        if (index === undefined) continue;
        if (index === 'invalid') {
          yield { kind: 'skip', reason: 'invalid_value', line, detail: 'expected a video index' };
          continue;
        }
        const named = found.get(index) ?? [];
        if (named.includes(column)) yield { kind: 'skip', reason: 'duplicate', line };
        else found.set(index, [...named, column]);
        if (found.size > VIDEO_LIMIT) {
          throw formatError(path, `expected at most ${VIDEO_LIMIT} videos`, { line });
        }
      }
    }
    for (const [index, named] of found) {
      const resolved = categories.resolve(named);
      if (resolved.kind === 'unknown') continue;
      yield toImportedRow(LABEL, {
        row: `${basename(path)}/${index}`,
        line: undefined,
        prompts: [],
        media: [
          {
            media: `index:${index}`,
            modality: 'video',
            label: 'unsafe',
            hazards: [...resolved.hazards],
            categories: [...resolved.names],
          },
        ],
      });
    }
  },
};

async function categoryColumns(path: string): Promise<readonly string[]> {
  const columns = await readColumns(path);
  const known = columns.filter((column) => categories.resolve([column]).kind === 'known');
  if (known.length === 5) return known;
  throw formatError(
    path,
    'expected the columns Distorted/Weird, Terrifying, Pornographic, Violent/Bloody, Political',
    { line: 1 },
  );
}

/** Columns are of different lengths: what is missing is empty, or NaN. pandas writes 17 as 17.0. */
function indexOf(text: string): string | 'invalid' | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || /^nan$/i.test(trimmed)) return undefined;
  return /^(\d+)(?:\.0)?$/.exec(trimmed)?.[1] ?? 'invalid';
}
