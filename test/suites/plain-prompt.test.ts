import { describe, expect, it } from 'vitest';
import { promptSchema } from '../../src/core/prompt.ts';
import { isPlainPrompt } from '../../src/suites/plain-prompt.ts';
import fc from '../fast-check.ts';
import { makePrompt } from './prompt-lines.ts';

const full = makePrompt({
  severity: 'minor',
  shownText: 'HI',
  tags: ['style:sketch'],
  origin: { dataset: 'test', licence: 'MIT', row: '7' },
});

describe('isPlainPrompt', () => {
  it('takes what suites are full of', () => {
    expect(isPlainPrompt(full)).toBe(true);
    expect(isPlainPrompt(makePrompt({ intent: 'control', hazards: [] }))).toBe(true);
  });

  it('never takes what the schema refuses, nor what it would change', () => {
    const broken = fc.oneof(
      fc.constant(undefined),
      fc.constant(''),
      fc.constant('  '),
      fc.constant('x'.repeat(8_001)),
      fc.constantFrom('harmful', 'benign', 'control', 'text', 'video', 'severe', 'a b'),
      fc.constantFrom<unknown>([], [''], ['hate', 7], ['hatte'], {}, { dataset: 'x' }, null),
      fc.anything(),
    );
    const keys = fc.constantFrom(...Object.keys(promptSchema.shape), 'toString', 'extra');
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, broken), { maxLength: 3 }), (changes) => {
        const value: object = { ...full, ...Object.fromEntries(changes) };
        if (!isPlainPrompt(value)) return;
        expect(promptSchema.parse(value)).toEqual(value);
      }),
      { numRuns: 2_000 },
    );
  });
});
