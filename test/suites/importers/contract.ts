import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importSuite } from '../../../src/suites/importers/import-suite.ts';
import { makeFolder } from '../prompt-lines.ts';
import type { ContractCase } from './contract-cases.ts';
import { type Files, type Imported, importFiles, writeFiles } from './import-files.ts';

const TEXTS = ['A loud red drum.', 'Two boxers, "at rest".', 'Ein stilles Boot – früh.'];

/** What every importer owes, whatever its data set is like. */
export function describeImporter(subject: ContractCase): void {
  const { importer, form, path, textFile, promptsPerText, mapping } = subject;

  const run = (texts: readonly string[]): Promise<Imported> => runFiles(subject.files(texts));
  const runFiles = (files: Files): Promise<Imported> =>
    importFiles({ importer, files, path, mapping });
  /** Prompts that stand beside the texts: the last line of ToxicBench's lists. */
  const base = importer === 'toxicbench' ? 1 : 0;
  const withBytes = (change: (bytes: Buffer) => Uint8Array, texts = TEXTS): Files => {
    const files = subject.files(texts);
    return { ...files, [textFile]: change(Buffer.from(files[textFile] ?? '')) };
  };
  const content = (files: Files): string => String(files[textFile]);
  const refused = async (files: Files): Promise<Error> => {
    const folder = await writeFiles(files);
    const before = (await readdir(folder)).sort();
    const options = { out: join(folder, 'out'), ...(mapping === undefined ? {} : { mapping }) };
    const failure = await importSuite(importer, join(folder, path), options).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect((await readdir(folder)).sort()).toEqual(before);
    if (!(failure instanceof Error)) throw new Error('expected the import to be refused');
    return failure;
  };

  describe(`${importer}, ${form}`, () => {
    it('accounts for every row, and keeps where it comes from', async () => {
      const result = await run(TEXTS);
      expect(result.skipped).toEqual([]);
      expect(result.rowsKept).toBe(TEXTS.length + base);
      expect(result.rows).toBe(result.rowsKept);
      expect(result.prompts).toBe((TEXTS.length + base) * promptsPerText);
      expect(result.families).toBe(TEXTS.length + base);
      expect(Object.values(result.byHazard).reduce((sum, count) => sum + count, 0)).toBe(
        result.prompts,
      );
      expect(new Set(result.all.map(({ id }) => id)).size).toBe(result.prompts);
      for (const { origin, reason } of result.all) {
        expect(origin).toMatchObject({ dataset: result.dataset, licence: result.licence });
        expect(origin.row).toMatch(/\S/);
        expect(reason).toMatch(/\S/);
      }
      const rows = new Set(result.all.map(({ origin }) => origin.row));
      expect(rows.size).toBe(TEXTS.length + base);
    });

    it('gives the same bytes each time, and the same ids in any order', async () => {
      const read = async ({ out }: Imported): Promise<string> =>
        readFile(join(out, 'prompts.jsonl'), 'utf8');
      const first = await run(TEXTS);
      expect(await read(await run(TEXTS))).toBe(await read(first));
      if (importer === 'toxicbench' || importer === 'overt') return;
      const ids = ({ all }: Imported): string[] => all.map(({ id }) => id).sort();
      expect(ids(await run([...TEXTS].reverse()))).toEqual(ids(first));
    });

    it('tells on a dry run what it would write, and writes nothing', async () => {
      const folder = await writeFiles(subject.files(TEXTS));
      const out = join(await makeFolder(), 'out');
      const options = { out, ...(mapping === undefined ? {} : { mapping }) };
      const dry = await importSuite(importer, join(folder, path), { ...options, dryRun: true });
      await expect(readdir(out)).rejects.toThrow(/ENOENT/);
      expect(await importSuite(importer, join(folder, path), options)).toEqual(dry);
    });

    it('takes a byte order mark and CRLF', async () => {
      const plain = await run(TEXTS);
      const marked = await runFiles(
        withBytes((bytes) => Buffer.from(`\uFEFF${bytes.toString().replaceAll('\n', '\r\n')}`)),
      );
      expect(marked.all).toEqual(plain.all);
    });

    it('refuses UTF-16, with or without a mark', async () => {
      for (const mark of ['\uFEFF', '']) {
        const files = withBytes((bytes) => Buffer.from(mark + bytes.toString(), 'utf16le'));
        expect(await refused(files)).toMatchObject({
          code: 'import_format',
          message: expect.stringMatching(/expected UTF-8, the file is UTF-16/),
        });
      }
    });

    it('names the line where UTF-8 is broken, and leaves nothing behind', async () => {
      const files = withBytes((bytes) => {
        const at = bytes.indexOf('rest');
        bytes[at] = 0xff;
        return bytes;
      });
      const line = content(subject.files(TEXTS)).split('rest')[0]?.split('\n').length;
      expect(await refused(files)).toMatchObject({
        code: 'import_format',
        message: `${textFile}:${line}: expected UTF-8, found other bytes`,
      });
    });

    it('passes over what is empty, too long, twice there or must not be sent', async () => {
      const stopped = 'Sexual education, middle school.';
      const result = await run([...TEXTS, 'a  LOUD red drum.', stopped]);
      expect(
        Object.fromEntries(result.skipped.map(({ reason, count }) => [reason, count])),
      ).toEqual({ duplicate: 1, minors_guard: 1 });
      expect(result.rows).toBe(result.rowsKept + 2);
      expect(await readFile(join(result.out, 'prompts.jsonl'), 'utf8')).not.toContain(
        'middle school',
      );

      const empty = await run(['', ...TEXTS]);
      const expected = subject.empty === 'skipped' ? [{ reason: 'empty_prompt', count: 1 }] : [];
      expect(empty.skipped).toEqual(expected);
      expect(empty.prompts).toBe((TEXTS.length + base) * promptsPerText);
    });

    it('passes over a prompt of a megabyte', async () => {
      const texts = [...TEXTS, 'x'.repeat(1_000_000)];
      if (subject.overlong === 'refused') {
        expect(await refused(subject.files(texts))).toMatchObject({ code: 'import_format' });
        return;
      }
      const result = await run(texts);
      expect(result.skipped).toEqual([{ reason: 'prompt_too_long', count: 1 }]);
      expect(result.prompts).toBe(TEXTS.length * promptsPerText);
    });

    it('refuses an empty file', async () => {
      expect(await refused({ ...subject.files(TEXTS), [textFile]: '' })).toMatchObject({
        code: 'import_format',
      });
    });

    const required = subject.requiredColumn;
    if (required === undefined) return;
    it('refuses a file without its columns, by name', async () => {
      const files = withBytes((bytes) =>
        Buffer.from(bytes.toString().replaceAll(required, `${required}s`)),
      );
      const failure = await refused(files);
      expect(failure).toMatchObject({ code: 'import_format' });
      expect(failure.message).toContain(`(found "${required}s")`);
    });
  });
}
