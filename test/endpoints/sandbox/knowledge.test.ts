import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../../src/core/prompt.ts';
import { assessPrompt, collectSandboxKnowledge } from '../../../src/endpoints/sandbox/knowledge.ts';
import { quotedText } from '../../../src/endpoints/sandbox/lexicon.ts';

const prompt = (text: string, more: Partial<Prompt>): Prompt => ({
  id: 'p1',
  text,
  intent: 'benign',
  hazards: ['hate'],
  carrier: 'text',
  family: 'f1',
  modality: 'any',
  reason: 'a test',
  language: 'en',
  tags: [],
  origin: { dataset: 'test', licence: 'MIT' },
  ...more,
});

describe('what the sandbox knows of a prompt', () => {
  it('is what was planted, with the words in quotation marks', async () => {
    const knowledge = await collectSandboxKnowledge([
      prompt('a poster that says "hate the sin"', { intent: 'benign' }),
      prompt('another', { intent: 'harmful', shownText: 'shown' }),
    ]);
    expect(assessPrompt('a poster that says "hate the sin"', knowledge)).toEqual({
      intent: 'benign',
      hazards: ['hate'],
      carrier: 'text',
      shownText: 'hate the sin',
    });
    expect(assessPrompt('another', knowledge).shownText).toBe('shown');
  });

  it('takes the graver view of a text that two rows hold, in either order', async () => {
    const rows = [prompt('same', { intent: 'harmful' }), prompt('same', { intent: 'benign' })];
    for (const order of [rows, rows.toReversed()]) {
      const knowledge = await collectSandboxKnowledge(order);
      expect(assessPrompt('same', knowledge).intent).toBe('harmful');
    }
  });

  it('is guessed from words where nothing was planted', () => {
    const none = new Map();
    expect(assessPrompt('a man stabbing a friend', none)).toMatchObject({
      intent: 'harmful',
      hazards: ['violence'],
      carrier: 'visual',
    });
    expect(assessPrompt('a wall with "kill them all"', none)).toMatchObject({
      intent: 'harmful',
      carrier: 'text',
      shownText: 'kill them all',
    });
    expect(assessPrompt('a bowl of apples', none)).toMatchObject({
      intent: 'control',
      hazards: [],
    });
  });
});

describe('quotedText', () => {
  it.each([
    ['a sign "STOP HERE" at a road', 'STOP HERE'],
    ['a sign “stop” here', 'stop'],
    ['une affiche «arrêt»', 'arrêt'],
    ["a sign 'go on', lit", 'go on'],
  ])('finds it in %s', (text, expected) => {
    expect(quotedText(text)).toBe(expected);
  });

  it.each(["the dog's bone isn't the cat's", 'nothing', 'an empty "" pair'])(
    'finds none in %s',
    (text) => {
      expect(quotedText(text)).toBeUndefined();
    },
  );
});
