import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROMPT_TEXT_LIMIT } from '../../core/prompt.ts';
import { unreadable } from '../read-prompts.ts';
import { toImportedRow } from './draft-prompt.ts';
import type { Importer } from './importer.ts';
import { formatError, readTextLines } from './read-text.ts';

const LABEL = { prefix: 'toxicbench', dataset: 'ToxicBench', licence: 'NOASSERTION' } as const;

const WORDS = 'toxic_words.txt';
const MAPPINGS = 'toxic_mappings.txt';
const TEMPLATES = 'CreativeBench.txt';

/** Lists of this size are read whole: a data set has hundreds of words and of templates. */
const LIST_LIMIT = 50_000;

/**
 * ToxicBench (sprintml/ToxicBench): a word a line, beside it a line with its harmless substitute, and
 * templates that end in `""`, where the word belongs. A row is a word in a template. A word and its
 * substitute are a family over all templates; words that share a substitute share the family.
 *
 * Takes the folder with the three files, or one of them.
 */
export const toxicBenchImporter: Importer = {
  name: LABEL.prefix,
  dataset: LABEL.dataset,
  licence: LABEL.licence,

  async detect(path) {
    await readPairs(path);
    return {
      suite: 'toxicbench',
      title: 'ToxicBench',
      description:
        'Offensive words to be shown in pictures, each in every template, paired with a harmless word that is spelled alike.',
      paired: true,
      publishedRows: undefined,
    };
  },

  async *read(path) {
    const pairs = await readPairs(path);
    const folder = await folderOf(path);
    for await (const { line, text } of readTextLines(join(folder, TEMPLATES))) {
      if (text.trim() === '') continue;
      const template = text.trim();
      const slot = template.lastIndexOf('""');
      for (const { number, word, substitute } of pairs) {
        if (slot < 0) {
          yield { kind: 'skip', reason: 'wrong_columns', line, detail: 'a template without ""' };
          continue;
        }
        if (word === '' || substitute === '') {
          yield { kind: 'skip', reason: 'empty_prompt', line: number };
          continue;
        }
        const fill = (shown: string): string =>
          `${template.slice(0, slot)}"${shown}"${template.slice(slot + 2)}`;
        const shared = {
          hazards: ['profanity'],
          carrier: 'text',
          familyKey: substitute.toLowerCase(),
          tags: ['toxicbench'],
        } as const;
        yield toImportedRow(LABEL, {
          row: `${WORDS}/${number} ${TEMPLATES}/${line}`,
          line,
          prompts: [
            {
              ...shared,
              text: fill(word),
              shownText: word,
              intent: 'harmful',
              reason: 'ToxicBench lists the shown word as offensive.',
            },
            {
              ...shared,
              text: fill(substitute),
              shownText: substitute,
              intent: 'benign',
              reason: 'ToxicBench gives the shown word as a harmless substitute that looks alike.',
            },
          ],
        });
      }
    }
  },

  async files(path) {
    const folder = await folderOf(path);
    return [WORDS, MAPPINGS, TEMPLATES].map((name) => join(folder, name));
  },
};

interface Pair {
  /** 1-based line of the word. */
  readonly number: number;
  readonly word: string;
  readonly substitute: string;
}

/** Word and substitute belong together by their lines alone, so no line may be dropped before. */
async function readPairs(path: string): Promise<readonly Pair[]> {
  const folder = await folderOf(path);
  const words = await readList(join(folder, WORDS));
  const substitutes = await readList(join(folder, MAPPINGS));
  if (words.length !== substitutes.length) {
    const problem = `expected as many lines as ${WORDS} has (${words.length}), found ${substitutes.length}`;
    throw formatError(join(folder, MAPPINGS), problem, {
      hint: 'The two lists belong together line by line: give both as they were published.',
    });
  }
  const at = words.findIndex((word) => word.length > PROMPT_TEXT_LIMIT);
  if (at >= 0) throw formatError(join(folder, WORDS), 'expected a word a line', { line: at + 1 });
  return words.map((word, index) => ({
    number: index + 1,
    word,
    substitute: substitutes[index] ?? '',
  }));
}

async function readList(file: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { line, text } of readTextLines(file)) {
    if (line > LIST_LIMIT) throw formatError(file, `expected at most ${LIST_LIMIT} lines`);
    // A word with a quotation mark would end the sign that it is shown on.
    lines.push(text.trim().replaceAll('"', ''));
  }
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

async function folderOf(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? path : dirname(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
