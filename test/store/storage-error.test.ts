import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toStorageError } from '../../src/store/storage-error.ts';
import { makeTestFolder } from '../cli/test-folder.ts';

it.each([
  ['none/page.html', 'no_such_folder', 'there is no such folder'],
  ['file/page.html', 'no_such_folder', 'there is no such folder'],
  ['.', 'not_a_file', 'a folder of that name is there'],
])('says what stands in the way of %s', async (path, code, message) => {
  const folder = await makeTestFolder();
  await writeFile(join(folder, 'file'), '');
  const error = await writeFile(join(folder, path), '').catch((cause: unknown) => cause);
  expect(toStorageError(error, 'the page')).toMatchObject({
    code,
    kind: 'usage',
    message: expect.stringContaining(message),
  });
});
