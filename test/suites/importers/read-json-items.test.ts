import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJsonItems } from '../../../src/suites/importers/read-json-items.ts';
import fc from '../../fast-check.ts';
import { collect, makeFolder } from '../prompt-lines.ts';

async function read(
  text: string,
): ReturnType<typeof collect<{ key?: string | undefined; line: number; value: unknown }>> {
  const file = join(await makeFolder(), 'a.json');
  await writeFile(file, text);
  return collect(readJsonItems(file));
}

describe('readJsonItems', () => {
  it('gives what JSON.parse gives, for lists and objects of any content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), async (list, indent) => {
        const items = await read(JSON.stringify(list, null, indent));
        expect(items.map(({ value }) => value)).toEqual(JSON.parse(JSON.stringify(list)));
        const object = Object.fromEntries(list.map((value, index) => [`k${index}"\\`, value]));
        const members = await read(JSON.stringify(object, null, indent));
        expect(members.map(({ key, value }) => [key, value])).toEqual(
          Object.entries(JSON.parse(JSON.stringify(object))),
        );
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('reads over the borders of the parts that a file comes in', async () => {
    // A stream gives 64 KiB at a time: escapes and brackets fall on every border.
    const list = Array.from({ length: 3_000 }, (_, at) => ({
      at,
      text: `${'\\"['.repeat(at % 40)}{é${'x'.repeat(at % 7)}`,
    }));
    const items = await read(JSON.stringify(list));
    expect(items.map(({ value }) => value)).toEqual(list);
  });

  it('counts lines', async () => {
    const items = await read('\n[\n  {"a":\n 1},\n\n  2, 3]\n');
    expect(items.map(({ line }) => line)).toEqual([3, 6, 6]);
  });

  it.each([
    ['', /the file is empty/],
    ['"text"', /:1: expected JSON: expected a list or an object/],
    ['[1, 2', /never closed/],
    ['[1,, 2]', /a member is missing/],
    ['[1, 2,]', /a member is missing/],
    ['[1] 2', /brackets do not match/],
    ['[\n{"a": 1]}\n]', /:2: expected JSON/],
    ['{"a": 1, 2}', /expected JSON/],
    ['[nope]', /:1: expected JSON$/],
  ])('refuses %j', async (text, problem) => {
    await expect(read(text)).rejects.toThrow(problem);
    await expect(read(text)).rejects.toMatchObject({ code: 'import_format' });
  });
});
