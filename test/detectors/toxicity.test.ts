import { expect, test } from 'vitest';
import { createTextToxicityDetector } from '../../src/detectors/toxicity.ts';

const context = { signal: new AbortController().signal, prompt: undefined, earlier: [] };
const look = async (text: string, options = {}) =>
  (await createTextToxicityDetector(options).detect({ kind: 'text', text }, context))[0]?.result;

test('says which rule and which span', async () => {
  const result = await look('go and k1ll yourself');
  expect(result).toMatchObject({
    kind: 'scores',
    detail: {
      hits: expect.arrayContaining([
        expect.objectContaining({ rule: 'self_harm.kill_yourself', text: 'kill yourself' }),
      ]),
    },
  });
});

test('leaves out the languages that are not asked for', async () => {
  const hits = async (options: object) => {
    const result = await look('quelle putain de journée', options);
    return result?.kind === 'scores' ? result.detail?.hits : undefined;
  };
  expect(await hits({})).toHaveLength(1);
  expect(await hits({ languages: ['de'] })).toEqual([]);
});
