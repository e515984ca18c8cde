import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { SafelightError } from '../core/errors.ts';
import { hazardSchema } from '../core/hazard.ts';
import { sha256OfBytes } from '../core/ids.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { pairsOf } from './service/claims.ts';

export const wordListOptionsSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe('One word or phrase a line, # for remarks; relative to the pipeline.'),
  hazards: z.array(hazardSchema).min(1).describe('What its words are a sign of.'),
  match: z
    .enum(['words', 'anywhere'])
    .default('words')
    .describe('`words`: whole words alone; `anywhere`: inside of others too.'),
});

/**
 * Flags a text that holds one of a list's words: what many products call a prompt filter. Case and
 * compatibility forms (NFKC) do not matter; nothing else is seen through.
 *
 * @throws SafelightError `word_list_unreadable`, `word_list_empty`.
 */
export async function createWordListDetector(
  options: z.output<typeof wordListOptionsSchema>,
  { folder }: Pick<DetectorEnvironment, 'folder'>,
): Promise<Detector> {
  const path = isAbsolute(options.file) ? options.file : join(folder, options.file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SafelightError(`cannot read the word list ${options.file}`, {
      code: 'word_list_unreadable',
      kind: 'configuration',
      hint: 'Name a text file with one word or phrase a line, relative to the pipeline.',
      cause,
    });
  });
  const words = text
    .split(/\r?\n/)
    .map((line) => fold(line.replace(/(^|\s)#.*$/, '')).trim())
    .filter((word) => word !== '');
  if (words.length === 0) {
    throw new SafelightError(`the word list ${options.file} holds no word`, {
      code: 'word_list_empty',
      kind: 'configuration',
      hint: 'Write one word or phrase a line.',
    });
  }
  const pattern = patternOf(words, options.match);
  const claims = pairsOf(options.hazards, 'text');
  return {
    description: {
      id: 'word-list',
      version: `1.0.0+${sha256OfBytes(text).slice(0, 8)}.${options.match}`,
      weightsSha256: null,
      claims,
      reads: ['text'],
      licence: 'NOASSERTION',
      notes: [`${words.length} words or phrases; a score is 1 or 0.`],
      testDouble: false,
    },
    async detect(subject, { signal }) {
      signal.throwIfAborted();
      if (subject.kind !== 'text') return [];
      const score = pattern.test(fold(subject.text)) ? 1 : 0;
      return [
        { claims, result: { kind: 'scores', scores: claims.map((pair) => ({ ...pair, score })) } },
      ];
    },
    close: async () => {},
  };
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function patternOf(words: readonly string[], match: 'words' | 'anywhere'): RegExp {
  const any = words
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/\s+/g, '\\s+'))
    .join('|');
  return match === 'anywhere'
    ? new RegExp(any, 'u')
    : new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, 'u');
}
