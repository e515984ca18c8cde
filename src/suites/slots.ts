import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { inputError } from '../core/errors.ts';
import { sha256Of } from '../core/ids.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseYaml } from '../core/parse-yaml.ts';
import type { Prompt } from '../core/prompt.ts';
import { displayPath } from './display-path.ts';
import { isStoppedByMinorsGuard } from './minors-guard.ts';
import { unreadable } from './read-prompts.ts';

/** A slot such as `{public_figure}`, for a name that the user's own file gives. */
export const SLOT = /\{([a-z][a-z0-9_]*)\}/g;

/** The names of the slots of a text, in order. */
export function slotsOf(text: string): string[] {
  return Array.from(text.matchAll(SLOT), ([, name = '']) => name);
}

const slotNameSchema = z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and "_"');
const valueSchema = z
  .string()
  .max(200)
  .refine((value) => value.trim() !== '', 'a value must not be empty')
  // A disguise may hide the rest of a prompt from the guard: a name must not be what it would stop.
  .refine((value) => !isStoppedByMinorsGuard(`${value}, nude`), 'a value must not name a minor');

const slotFileSchema = z.strictObject({
  version: z.literal(1),
  slots: z.record(
    slotNameSchema,
    z.preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(valueSchema).min(1),
    ),
  ),
});

/** Values by the name of their slot. */
export type SlotValues = Pick<ReadonlyMap<string, readonly string[]>, 'get' | 'keys'>;

/**
 * Reads a file of values for slots.
 *
 * @throws SafelightError with file and line; `suite_unreadable`.
 */
export async function readSlots(path: string): Promise<Map<string, readonly string[]>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const { slots } = parseYaml(text, displayPath(path), slotFileSchema);
  return new Map(Object.entries(slots));
}

/** Remembers which slots were asked for, so that a run can say which names it was filled with. */
export function watchSlots(slots: SlotValues): {
  readonly slots: SlotValues;
  /** Hash of the values that were used; `undefined` where none was. */
  readonly usedHash: () => string | undefined;
} {
  const used = new Map<string, readonly string[]>();
  return {
    slots: {
      keys: () => slots.keys(),
      get(name) {
        const values = slots.get(name);
        if (values !== undefined) used.set(name, values);
        return values;
      },
    },
    usedHash: () =>
      used.size === 0
        ? undefined
        : sha256Of([...used].toSorted(([a], [b]) => (a < b ? -1 : 1)).map((entry) => [...entry])),
  };
}

export interface FillOptions {
  /** The suite's file, for messages. */
  readonly file: string;
  /** A published data set is sent byte for byte: what looks like a slot there need not be one. */
  readonly isImport: boolean;
}

/**
 * A prompt with its slots filled. A family is given the same names, whatever else is in the run, and
 * several families share the values among them.
 *
 * @throws SafelightError `slot_unfilled` where a slot has no value.
 */
export function fillSlots(prompt: Prompt, slots: SlotValues, options: FillOptions): Prompt {
  if (!prompt.text.includes('{') && prompt.shownText?.includes('{') !== true) return prompt;
  const fill = (text: string): string =>
    text.replace(SLOT, (whole, name: string, at: number) => {
      const values = slots.get(name);
      if (values !== undefined) {
        const value = valueFor(prompt.family, name, values);
        // "The fictional …" at the beginning of a sentence.
        return at === 0 ? value.charAt(0).toUpperCase() + value.slice(1) : value;
      }
      if (options.isImport) return whole;
      throw unfilled(prompt, name, [...slots.keys()], options.file);
    });
  return {
    ...prompt,
    text: fill(prompt.text),
    ...(prompt.shownText === undefined ? {} : { shownText: fill(prompt.shownText) }),
  };
}

function valueFor(family: string, name: string, values: readonly string[]): string {
  const draw = Number.parseInt(sha256Of([family, name]).slice(0, 8), 16);
  return values[draw % values.length] ?? '';
}

function unfilled(prompt: Prompt, name: string, known: readonly string[], file: string): Error {
  return inputError(
    { file: displayPath(file) },
    `the prompt ${prompt.id} has a slot {${name}} that nothing fills`,
    {
      code: 'slot_unfilled',
      hint: `${didYouMean(name, known)} Give it values in the file that \`slots:\` in the pipeline names.`,
    },
  );
}
