import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import { parseYaml } from '../../core/parse-yaml.ts';

/** `prompts/augmentations/<id>.yaml`: what a language model is told. */
export const templateSchema = z.strictObject({
  id: z.string().min(1),
  /** Raised at every change of the instruction: answers under another version are not the same. */
  version: z.number().int().positive(),
  /** `{{name}}` stands for a value of the technique. */
  instruction: z.string().min(1),
});
export type Template = z.infer<typeof templateSchema>;

/** @throws SafelightError `template_missing`, or with file and line what is wrong with it. */
export async function readTemplate(id: string, folder: string): Promise<Template> {
  const file = join(folder, `${id}.yaml`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new SafelightError(`the instruction ${id}.yaml for the language model is not there`, {
      code: 'template_missing',
      kind: 'environment',
      hint: 'Install Safelight anew: the folder prompts/augmentations belongs to it.',
      cause,
    });
  }
  return parseYaml(text, `${id}.yaml`, templateSchema);
}

/** The instruction with a technique's values in it. */
export function fillTemplate(
  template: Template,
  values: Readonly<Record<string, string>> = {},
): string {
  return template.instruction.replace(/\{\{(\w+)\}\}/g, (slot, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? slot) : slot,
  );
}
