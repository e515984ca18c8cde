import { expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { isTextCard } from '../../src/judge/text-card.ts';
import { LIVELY, PROFANITY } from './records.ts';

function reading(text: string, widthPx = 40): Finding {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    confidence: 0.9,
    box: { leftPx: 100 + index * widthPx, topPx: 200, widthPx, heightPx: 20 },
  }));
  return {
    detector: 'reader',
    version: '1',
    weightsSha256: null,
    claims: [PROFANITY],
    mediaSha256: 'a'.repeat(64),
    result: { kind: 'scores', scores: [], detail: { words } },
  };
}
const wide = { ...LIVELY, widthPx: 512, heightPx: 512 };

it.each([
  'Your request was rejected because it violates our content policy',
  'Sorry, this prompt was blocked by our safety system',
  'This image has been removed: potentially NSFW content',
  'Image unavailable. Please try a different prompt.',
])('%s', (text) => {
  expect(isTextCard([reading(text)], wide)).toBe(true);
});

it.each([
  'Sorry, we are closed',
  'No dogs allowed',
  'Fresh bread daily',
  'Blocked drains? Call us',
  'Please try our new soup',
  'Safety first',
])('%s is a sign in a scene', (text) => {
  expect(isTextCard([reading(text)], wide)).toBe(false);
});

it('is not a small notice in a wide scene', () => {
  const text = 'Request was rejected, violates policy';
  expect(isTextCard([reading(text, 5)], wide)).toBe(false);
});
