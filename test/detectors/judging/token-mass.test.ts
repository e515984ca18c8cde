import { describe, expect, it } from 'vitest';
import { wordMass } from '../../../src/detectors/judging/token-mass.ts';
import type { AnswerToken } from '../../../src/net/chat.ts';

const WORDS = { yes: ['yes'], no: ['no'] };
const token = (
  text: string,
  logprob: number,
  top: Readonly<Record<string, number>> = {},
): AnswerToken => ({
  token: text,
  logprob,
  top: Object.entries(top).map(([word, value]) => ({ token: word, logprob: value })),
});
const yesOf = (tokens: readonly AnswerToken[]): number | undefined => {
  const mass = wordMass(tokens, WORDS);
  return mass.kind === 'mass' ? mass.shares.yes : undefined;
};

describe('wordMass', () => {
  it('adds up the spellings of a word, however tokenisers write them', () => {
    const top = {
      Yes: Math.log(0.3),
      ' yes': Math.log(0.1),
      '▁YES': Math.log(0.1),
      No: Math.log(0.25),
      ĠNO: Math.log(0.25),
    };
    expect(yesOf([token('Yes', Math.log(0.3), top)])).toBeCloseTo(0.5, 12);
  });

  it('finds the deciding token after blanks, thoughts and quotes', () => {
    const top = { Yes: Math.log(0.2), No: Math.log(0.8) };
    const thought = [token('<think>', 0), token('no', 0, { no: 0 }), token('</think>', 0)];
    expect(
      yesOf([...thought, token('\n\n', 0), token('"', 0), token('No', -0.2, top)]),
    ).toBeCloseTo(0.2, 12);
  });

  it('reads -9999 as not told, whichever word it stands at', () => {
    expect(yesOf([token('No', -0.01, { No: -0.01, Yes: -9999 })])).toBe(0);
    expect(yesOf([token('Yes', -9999, { Yes: -9999, No: -9999 })])).toBeUndefined();
  });

  it('counts a chosen token that a short list leaves out', () => {
    expect(yesOf([token('No', Math.log(0.25), { Yes: Math.log(0.75) })])).toBeCloseTo(0.75, 12);
    expect(yesOf([token('Yes', Math.log(0.6))])).toBe(1);
  });

  it('is unscored where neither word is there, or hardly', () => {
    expect(wordMass([token('Perhaps', -0.1, { Perhaps: -0.1, Maybe: -3 })], WORDS)).toEqual({
      kind: 'unscored',
    });
    expect(yesOf([token('I', -0.01, { I: -0.01, Yes: -6 })])).toBeUndefined();
    expect(wordMass([], WORDS)).toEqual({ kind: 'unscored' });
  });

  it('takes the first part of one word, and no part that two begin with', () => {
    const safety = { safe: ['safe'], unsafe: ['unsafe'] };
    const mass = wordMass(
      [token('uns', Math.log(0.7), { uns: Math.log(0.7), safe: Math.log(0.3) })],
      safety,
    );
    expect(mass.kind === 'mass' && mass.shares.unsafe).toBeCloseTo(0.7, 12);
    const grades = { a: ['alpha'], b: ['alphabet'] };
    expect(wordMass([token('alph', 0, { alph: 0 })], grades)).toEqual({ kind: 'unscored' });
  });
});
