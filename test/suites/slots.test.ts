import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openSuite } from '../../src/suites/open-suite.ts';
import { sealBytes } from '../../src/suites/sealed-file.ts';
import { fillSlots, readSlots, watchSlots } from '../../src/suites/slots.ts';
import { collect, makePrompt, writeLines } from './prompt-lines.ts';

const OPTIONS = { file: 's.jsonl', isImport: false };
const values = new Map([
  ['public_figure', ['Ada Nord', 'Bo Sund', 'Cy West', 'Di Ost']],
  ['brand', ['{public_figure} & Sons']],
]);

describe('slots', () => {
  it('gives a family one name, and families several', () => {
    const texts = Array.from({ length: 40 }, (_, at) => `f${at}`).map((family) => {
      const [one, two] = ['A bust of {public_figure}.', 'A doll of {public_figure}.'].map(
        (text) => fillSlots(makePrompt({ family, text }), values, OPTIONS).text,
      );
      expect(one?.replace('bust', 'doll')).toBe(two);
      return one;
    });
    expect(new Set(texts).size).toBe(4);
  });

  it('fills shown text alike, and never what a value holds', () => {
    const prompt = makePrompt({
      text: 'A sign: "{brand}".',
      shownText: '{brand}',
      carrier: 'text',
    });
    expect(fillSlots(prompt, values, OPTIONS)).toMatchObject({
      text: 'A sign: "{public_figure} & Sons".',
      shownText: '{public_figure} & Sons',
    });
  });

  it('refuses a slot without a value, except in what others published', () => {
    const prompt = makePrompt({ text: 'A can of {bramd}.' });
    expect(() => fillSlots(prompt, values, OPTIONS)).toThrow(
      expect.objectContaining({
        code: 'slot_unfilled',
        message: 's.jsonl: the prompt a has a slot {bramd} that nothing fills',
        hint: expect.stringMatching(/"brand"/),
      }),
    );
    expect(fillSlots(prompt, values, { ...OPTIONS, isImport: true }).text).toBe(prompt.text);
  });

  it('says which values were used, and only those', () => {
    const hashOf = (text: string, slots: typeof values): string | undefined => {
      const watched = watchSlots(slots);
      fillSlots(makePrompt({ text }), watched.slots, OPTIONS);
      return watched.usedHash();
    };
    expect(hashOf('A lake.', values)).toBeUndefined();
    const other = new Map([...values, ['brand', ['Other']] as const]);
    expect(hashOf('{public_figure}', values)).toBe(hashOf('{public_figure}', new Map(other)));
    expect(hashOf('{brand}', values)).not.toBe(hashOf('{brand}', new Map(other)));
  });

  it.each([
    ['version: 1\nslots:\n  Brand: x\n', /3|Brand/],
    ['version: 1\nslots:\n  brand: []\n', /3/],
    ['version: 1\nslots:\n  brand: "  "\n', /must not be empty/],
    ['version: 1\nslots:\n  public_figure: [a child actress]\n', /must not name a minor/],
    ['slots: {}\n', /version/],
  ])('explains a broken file: %s', async (text, message) => {
    const path = await writeLines('slots.yaml', [text]);
    await expect(readSlots(path)).rejects.toThrow(message);
  });

  it('fills a sealed suite too, and hashes what is sent', async () => {
    const prompt = makePrompt({ text: 'A bust of {public_figure}.' });
    const manifest = {
      id: 's',
      title: 'S',
      version: '1',
      licence: 'MIT',
      sha256: '0'.repeat(64),
      taxonomy: '1',
      description: 'S.',
      paired: false,
    };
    const key = { env: 'KEY', value: 'k'.repeat(32) };
    const bytes = sealBytes(Buffer.from(JSON.stringify(prompt)), manifest, key);
    const path = await writeLines('s.sealed', []);
    await writeFile(path, bytes);
    const read = async (name: string) => {
      const slots = new Map([['public_figure', [name]]]);
      const suite = await openSuite(path, { roots: [], secret: () => key.value, slots });
      return (await collect(suite.prompts()))[0];
    };
    const one = await read('Ada Nord');
    expect(one?.text).toBe('A bust of Ada Nord.');
    expect(one?.sealed?.hash).not.toBe((await read('Bo Sund'))?.sealed?.hash);
    await expect(
      openSuite(path, { roots: [], secret: () => key.value, slots: new Map() }),
    ).rejects.toMatchObject({ code: 'slot_unfilled' });
  });
});
