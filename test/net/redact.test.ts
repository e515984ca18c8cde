import { describe, expect, it } from 'vitest';
import { PROMPT_PLACEHOLDER } from '../../src/core/evidence.ts';
import {
  createRedactor,
  createTextRedactor,
  isSignedUrl,
  redactUrl,
  SECRET_PLACEHOLDER,
} from '../../src/net/redact.ts';

const promptText = 'a "quiet" heron\nstands in water (dawn)';
const redact = createRedactor({ promptText, secrets: ['hf_secret'] });

describe('createRedactor', () => {
  it('replaces the prompt however it is written', () => {
    const forms = {
      plain: promptText,
      inside: `Refused: ${promptText}!`,
      json: JSON.stringify({ prompt: promptText }),
      twice: JSON.stringify(JSON.stringify(promptText)),
      url: `/x/${encodeURIComponent(promptText)}`,
      folded: promptText.replace('\n', '  ').toUpperCase(),
      deep: [{ deeper: [promptText] }],
      [promptText]: 1,
    };
    const text = JSON.stringify(redact(forms));
    expect(text).not.toMatch(/heron/i);
    expect(text.split(PROMPT_PLACEHOLDER).length - 1).toBeGreaterThanOrEqual(8);
  });

  it('replaces a short prompt only where it stands alone', () => {
    const text = createTextRedactor({ promptText: 'cat' });
    expect(text('no cat in this category')).toBe(`no ${PROMPT_PLACEHOLDER} in this category`);
  });

  it('replaces secrets in values and under telling keys', () => {
    expect(redact({ a: 'Bearer hf_secret', Authorization: 'x', api_key: 'y', note: null })).toEqual(
      {
        a: `Bearer ${SECRET_PLACEHOLDER}`,
        Authorization: SECRET_PLACEHOLDER,
        api_key: SECRET_PLACEHOLDER,
        note: null,
      },
    );
  });

  it('cuts signatures, inlined media and long strings', () => {
    expect(redactUrl('https://me:pw@host/a/b.png?__sign=abc#x')).toBe(
      'https://host/a/b.png?⟨query⟩',
    );
    expect(redact('see https://host/a?sig=1 and more')).toBe('see https://host/a?⟨query⟩ and more');
    const uri = `data:image/png;base64,${'A'.repeat(500)}`;
    expect(redact([uri])).toEqual([`data:image/png,⟨${uri.length} characters⟩`]);
    const long = redact('y'.repeat(5_000));
    expect(long).toBe(`${'y'.repeat(2_000)}⟨3000 more⟩`);
  });

  it('always gives JSON', () => {
    const value = { at: Number.NaN, none: undefined, list: [undefined], call: () => 1 };
    expect(redact(value)).toEqual({ at: 'NaN', list: [null] });
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(() => JSON.stringify(redact(loop))).not.toThrow();
  });
});

describe('isSignedUrl', () => {
  it.each([
    'https://host/a?X-Amz-Signature=abc',
    'https://host/a?x-goog-credential=abc',
    'https://host/a?token=abc',
    'https://host/a?sig=abc&id=1',
    '/jobs/1?apiKey=abc',
    'https://me:pw@host/a',
    `https://host/a?q=${'a'.repeat(90)}`,
  ])('sees that %s may be used by whoever holds it', (url) => {
    expect(isSignedUrl(url)).toBe(true);
  });

  it.each([
    'https://api.example.com/v1/get_result?id=0c1f4a9e-6d1f-4b8e-9f59-5a2b5c1d7e11',
    'v1/query/video_generation?task_id=176843862716480',
    'tasks?task_ids=831461012345',
    'history/job-1',
  ])('takes %s for a plain address', (url) => {
    expect(isSignedUrl(url)).toBe(false);
  });
});
