import { expect, it } from 'vitest';
import { createAnswersFold } from '../../src/report/answers.ts';
import { generatedEvent } from '../fixtures/events.ts';

it('counts repeats, rewritten prompts and what answers told, by endpoint', () => {
  const fold = createAnswersFold();
  const add = (number: number, extra: object): void =>
    fold.add({ generated: { ...generatedEvent(number), ...extra }, detected: undefined });
  const { evidence } = generatedEvent(0);
  add(1, {});
  add(2, { revisedPrompt: 'a brighter lamp' });
  add(3, { evidence: { ...evidence, retries: [{ cause: 'rate', waitedMs: 5 }] } });
  add(4, { reported: { revision: 'b' } });
  add(5, { reported: { revision: 'a' } });
  add(6, { reported: { revision: 'a' } });
  expect(fold.of('one')).toEqual({
    trials: 6,
    rewritten: 1,
    retried: 1,
    reported: ['{"revision":"a"}', '{"revision":"b"}'],
  });
  expect(fold.of('another')).toEqual({ trials: 0, rewritten: 0, retried: 0, reported: [] });
});
