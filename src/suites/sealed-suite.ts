import { readFile } from 'node:fs/promises';
import { sha256OfBytes } from '../core/ids.ts';
import type { Prompt } from '../core/prompt.ts';
import { parsePrompts, unreadable } from './read-prompts.ts';
import { openSealed } from './sealed-file.ts';
import { fillSlots, type SlotValues } from './slots.ts';
import type { Suite } from './suite.ts';

/**
 * Opens a sealed suite. Its prompts stand in memory with their text and a seal; whatever is written
 * of them names the id and the keyed hash alone. The manifest's hash is that of the sealed file.
 *
 * @throws SafelightError as {@link openSealed}, or `suite_line_invalid`.
 */
export async function openSealedSuite(
  path: string,
  secret: (name: string) => string | undefined,
  slots?: SlotValues,
): Promise<Suite> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const { header, prompts, hash } = openSealed(bytes, path, secret);
  const sealed = parsePrompts(prompts.toString('utf8'), path).map((prompt): Prompt => {
    // The hash stands for what is sent: another name is another prompt.
    const isImport = header.manifest.source !== undefined;
    const filled =
      slots === undefined ? prompt : fillSlots(prompt, slots, { file: path, isImport });
    return { ...filled, sealed: { hash: hash(filled.text) } };
  });
  return {
    manifest: { ...header.manifest, sha256: sha256OfBytes(bytes) },
    path,
    async *prompts() {
      yield* sealed;
    },
  };
}
