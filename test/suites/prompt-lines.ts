import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Prompt } from '../../src/core/prompt.ts';

/** A folder that goes away with the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-suites-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function makePrompt(fields: Partial<Prompt> = {}): Prompt {
  return {
    id: 'a',
    text: 'A quiet lake.',
    intent: 'benign',
    hazards: ['violence'],
    carrier: 'visual',
    family: 'f',
    modality: 'any',
    reason: 'A plain scene.',
    language: 'en',
    tags: [],
    origin: { dataset: 'test', licence: 'MIT' },
    ...fields,
  };
}

/** Writes lines as they are, joined by line feeds. */
export async function writeLines(
  name: string,
  lines: readonly (string | Uint8Array | Prompt)[],
): Promise<string> {
  const path = join(await makeFolder(), name);
  const bytes = lines.flatMap((line) => [
    typeof line === 'string' || line instanceof Uint8Array
      ? Buffer.from(line)
      : Buffer.from(JSON.stringify(line)),
    Buffer.from('\n'),
  ]);
  await writeFile(path, Buffer.concat(bytes));
  return path;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
