import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inProcess } from './in-process.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();
const row = (id: string, fields: object = {}): string =>
  JSON.stringify({
    id,
    text: `A quiet lake, ${id}.`,
    intent: 'benign',
    hazards: ['violence'],
    carrier: 'visual',
    family: id,
    modality: 'any',
    reason: 'plain',
    language: 'en',
    tags: [],
    origin: { dataset: 'test', licence: 'MIT' },
    ...fields,
  });
const two = `${row('a')}\n${row('b')}\n`;

it.each<[string, string | Buffer, number, RegExp]>([
  ['a byte order mark', `\uFEFF${two}`, 0, /2 prompts in 2 families, ok/],
  ['CRLF', two.replaceAll('\n', '\r\n'), 0, /2 prompts in 2 families, ok/],
  ['UTF-16', Buffer.from(`\uFEFF${two}`, 'utf16le'), 1, /:1: expected UTF-8, the file is UTF-16/],
  [
    'broken UTF-8',
    Buffer.concat([Buffer.from(two), Buffer.from([0xc3, 0x28])]),
    1,
    /:3: expected UTF-8, found other bytes/,
  ],
  ['a missing column', `${two}${row('c', { reason: undefined })}`, 1, /:3: reason: is missing/],
  ['an extra column', `${two}${row('c', { intnet: 1 })}`, 1, /:3: .*"intnet".*"intent"/],
  ['an unknown category', row('c', { hazards: ['violense'] }), 1, /:1: .*"violense".*"violence"/],
  ['a duplicate id', `${two}${row('a')}`, 1, /:3: expected a new id, "a"/],
  ['an empty prompt', row('c', { text: '   ' }), 1, /:1: text: a prompt must not be empty/],
  [
    'a prompt of a megabyte',
    row('c', { text: 'x'.repeat(1_000_000) }),
    1,
    /:1: expected a line of/,
  ],
])('suites validate tells of %s, with file and line', async (_name, content, exitCode, told) => {
  await writeFile(join(folder, 'bad.jsonl'), content);
  const ended = await inProcess(['suites', 'validate', 'bad.jsonl'], folder);
  expect(ended.exitCode).toBe(exitCode);
  expect(ended.stdout + ended.stderr).toMatch(told);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
});
