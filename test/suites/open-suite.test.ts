import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestPathOf, readManifest, updateManifest } from '../../src/suites/manifest.ts';
import { listSuites, openSuite } from '../../src/suites/open-suite.ts';
import { validateSuite } from '../../src/suites/validate-suite.ts';
import { collect, makeFolder, makePrompt, writeLines } from './prompt-lines.ts';

async function makeSuite(): Promise<{ folder: string; data: string; manifest: string }> {
  const data = await writeLines('mine.jsonl', [makePrompt()]);
  const manifest = manifestPathOf(data);
  const text = `# kept\nid: mine\ntitle: Mine\nversion: 1.0.0\nlicence: MIT\nsha256: '${'0'.repeat(64)}'\ntaxonomy: '1'\ndescription: A test.\n`;
  await writeFile(manifest, text);
  await updateManifest(manifest, { prompts: 1, families: 1 });
  return { folder: dirname(data), data, manifest };
}

describe('openSuite', () => {
  it('finds a suite by id, by manifest and by data', async () => {
    const { folder, data, manifest } = await makeSuite();
    for (const reference of ['mine', data, manifest]) {
      const suite = await openSuite(reference, { roots: [folder] });
      expect(suite).toMatchObject({ path: data, manifest: { id: 'mine', counts: { prompts: 1 } } });
      expect(await collect(suite.prompts())).toHaveLength(1);
    }
    expect((await listSuites(folder)).map(({ id }) => id)).toEqual(['mine']);
  });

  it('refuses prompts that are not those of the manifest, until they are named anew', async () => {
    const { data, manifest } = await makeSuite();
    await appendFile(data, `${JSON.stringify(makePrompt({ id: 'b', text: 'B.' }))}\n`);
    await expect(openSuite(data, { roots: [] })).rejects.toMatchObject({
      code: 'suite_hash_mismatch',
    });
    expect((await validateSuite(data)).problems.map(({ problem }) => problem)).toEqual([
      expect.stringContaining('sha256'),
      'counts.prompts is 1, the file holds 2',
    ]);
    await updateManifest(manifest, { prompts: 2, families: 1 });
    expect(await readFile(manifest, 'utf8')).toContain('# kept');
    expect((await openSuite(data, { roots: [] })).manifest.counts?.prompts).toBe(2);
  });

  it('reads a file without a manifest', async () => {
    const data = await writeLines('my prompts.jsonl', [makePrompt()]);
    const { manifest } = await openSuite(data, { roots: [] });
    expect(manifest).toMatchObject({ id: 'my-prompts', licence: 'NOASSERTION' });
  });

  it('names the nearest suite', async () => {
    const { folder } = await makeSuite();
    await expect(openSuite('mime', { roots: [folder] })).rejects.toMatchObject({
      code: 'suite_not_found',
      hint: expect.stringContaining('Did you mean "mine"?'),
    });
    await expect(openSuite('../mine', { roots: [await makeFolder()] })).rejects.toMatchObject({
      code: 'suite_not_found',
    });
  });

  it.each([
    ['unknown key', 'titl: x', 'yaml_unexpected', /mine\.yaml:10: unknown key "titl"/, /"title"/],
    ['no YAML', '"', 'yaml_invalid', /mine\.yaml:\d+: /, /quotes/],
  ])('tells the line of a bad manifest: %s', async (_name, line, code, message, hint) => {
    const { manifest } = await makeSuite();
    const text = (await readFile(manifest, 'utf8')).replace(/counts:[\s\S]*/, '');
    await writeFile(manifest, `${text}paired: false\n${line}\n`);
    await expect(readManifest(manifest)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});
