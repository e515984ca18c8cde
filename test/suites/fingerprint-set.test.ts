import { describe, expect, it } from 'vitest';
import { FingerprintSet } from '../../src/suites/fingerprint-set.ts';

describe('FingerprintSet', () => {
  it('knows what was added, and nothing else, through every growth', () => {
    const set = new FingerprintSet();
    for (let at = 0; at < 200_000; at += 1) expect(set.add(`prompt ${at}`)).toBe(true);
    expect(set.size).toBe(200_000);
    for (let at = 0; at < 200_000; at += 1) {
      if (!set.has(`prompt ${at}`) || set.has(`prompt ${at}.`)) throw new Error(`wrong at ${at}`);
    }
    expect(set.add('prompt 7')).toBe(false);
  });

  it('tells texts apart that differ in one sign, or in order', () => {
    const set = new FingerprintSet();
    const texts = ['', ' ', 'a', 'aa', 'ab', 'ba', 'abc', 'acb', 'cab', '\0', 'a\0', '\0a'];
    expect(texts.every((text) => set.add(text))).toBe(true);
  });
});
