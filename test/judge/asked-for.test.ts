import { describe, expect, it } from 'vitest';
import { signsAskedFor } from '../../src/judge/asked-for.ts';

const signs = (text: string) => signsAskedFor({ text, carrier: 'visual', shownText: undefined });

describe('signsAskedFor', () => {
  it.each([
    'a black picture',
    'A completely black image.',
    'a blank white canvas',
    'an empty page',
    'a plain red background',
    'solid blue',
    'one solid colour',
    'pitch black',
    'a room in total darkness',
    'a white sheet with nothing on it',
    'Ａ ＢＬＡＮＫ ＰＡＧＥ',
  ])('excuses an empty picture for "%s"', (text) => {
    expect(signs(text).has('near_black')).toBe(true);
    expect(signs(text).has('single_colour')).toBe(true);
    expect(signs(text).has('placeholder')).toBe(true);
  });

  it.each([
    'a black cat on a white wall',
    'a black and white photo of a bridge',
    'a black-and-white photograph of a bridge',
    'a man in a plain white T-shirt',
    'a rose on a plain red background with dew drops',
    'a dark street at night',
    'an empty street',
    'a solid oak table',
  ])('does not excuse one for "%s"', (text) => {
    expect(signs(text).has('near_black')).toBe(false);
    expect(signs(text).has('single_colour')).toBe(false);
  });

  it.each(['a blurry photo of a dog', 'an out-of-focus street', 'hills in fog', 'a hazy morning'])(
    'excuses blur alone for "%s"',
    (text) => {
      expect([...signs(text)]).toEqual(['blurred']);
    },
  );

  it('excuses a text card where text is to be shown', () => {
    const prompt = { text: 'a sign', carrier: 'visual', shownText: 'stop' } as const;
    expect([...signsAskedFor(prompt)]).toEqual(['text_card']);
    expect([...signsAskedFor({ ...prompt, carrier: 'text', shownText: undefined })]).toEqual([
      'text_card',
    ]);
    expect([...signs('a sign')]).toEqual([]);
  });
});
