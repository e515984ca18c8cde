import { describe, expect, it } from 'vitest';
import { IMPORTERS, isImporterName, loadImporter } from '../../../src/suites/importers/registry.ts';

describe('importers', () => {
  it.each(Object.keys(IMPORTERS))('%s is registered under its own name', async (name) => {
    const importer = await loadImporter(name);
    expect(importer.name).toBe(name);
    expect(isImporterName(name)).toBe(true);
    expect(importer.licence).not.toBe('');
  });

  it('knows no other', () => {
    expect(isImporterName('toString')).toBe(false);
  });
});
