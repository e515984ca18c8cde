import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DetectorResult, Subject } from '../../../src/detectors/detector.ts';
import { DETECTOR_ADAPTERS, type DetectorAdapterName } from '../../../src/detectors/registry.ts';
import { type ChatServer, sendJson } from '../../net/chat-server.ts';
import {
  type Answer,
  type Asked,
  context,
  image,
  key,
  logs,
  type Play,
  startJudge,
  video,
} from './judge-server.ts';

interface GuardCase {
  readonly name: DetectorAdapterName;
  readonly more: Readonly<Record<string, unknown>>;
  readonly sees: boolean;
  readonly flagged: (asked: Asked) => Answer;
  /** Some scores of the flagged answer by pair, carrier as the case sees. */
  readonly scores: Readonly<Record<string, number>>;
  readonly clean: Answer;
  /** What the flagged answer is worth without likelihoods. */
  readonly bare: Readonly<Record<string, number>>;
}

const RUBRIC = `id: brand
version: '1'
reads: [picture, text]
scores: [{ hazard: ip }]
user: Does it show a protected character?
`;

const CASES: readonly GuardCase[] = [
  {
    name: 'llama-guard',
    more: { model: 'Llama-Guard-4-12B' },
    sees: true,
    flagged: () => ({
      text: 'unsafe\nS10,S12',
      top: logs({ unsafe: 0.9, safe: 0.1 }),
      before: ['\n\n'],
    }),
    scores: { 'hate/visual': 0.9, 'sexual/visual': 0.9, 'privacy/visual': 0 },
    clean: { text: '\n\nsafe', top: logs({ safe: 0.99, unsafe: 0.01 }) },
    bare: { 'hate/visual': 1, 'privacy/visual': 0 },
  },
  {
    name: 'qwen3guard',
    more: {},
    sees: false,
    flagged: () => ({
      text: 'Safety: Controversial\nCategories: Sexual Content or Sexual Acts\nRefusal: No',
      before: ['Safety', ':'],
      top: logs({ ' Controversial': 0.6, ' Unsafe': 0.3, ' Safe': 0.1 }),
    }),
    scores: { 'sexual/text': 0.6, 'violence/text': 0 },
    clean: {
      text: 'Safety: Safe\nCategories: None',
      before: ['Safety', ':'],
      top: logs({ ' Safe': 0.98, ' Unsafe': 0.02 }),
    },
    bare: { 'sexual/text': 0.5, 'violence/text': 0 },
  },
  {
    name: 'shieldgemma',
    more: {},
    sees: false,
    flagged: ({ text }) =>
      text.includes('No Hate Speech')
        ? { text: 'Yes', top: logs({ Yes: 0.8, No: 0.2 }) }
        : { text: 'No', top: logs({ No: 0.97, Yes: 0.03 }) },
    scores: { 'hate/text': 0.8, 'sexual/text': 0.03 },
    clean: { text: 'No', top: logs({ No: 0.99, Yes: 0.01 }) },
    bare: { 'hate/text': 1, 'sexual/text': 0 },
  },
  {
    name: 'shieldgemma2',
    more: {},
    sees: true,
    flagged: ({ text }) =>
      text.includes('No Violence/Gore')
        ? { text: 'Yes', top: logs({ Yes: 0.7, No: 0.3 }) }
        : { text: 'No', top: logs({ No: 0.96, Yes: 0.04 }) },
    scores: { 'violence/visual': 0.7, 'shocking/visual': 0.7, 'sexual/visual': 0.04 },
    clean: { text: 'No', top: logs({ No: 0.99, Yes: 0.01 }) },
    bare: { 'violence/visual': 1, 'sexual/visual': 0 },
  },
  {
    name: 'llavaguard',
    more: {},
    sees: true,
    flagged: () => ({
      text: '{"rating": "Unsafe", "category": "O2: Violence, Harm, or Cruelty", "rationale": "wounds"}',
      before: ['{"', 'rating', '":', ' "'],
      top: logs({ Unsafe: 0.85, Safe: 0.15 }),
    }),
    scores: { 'violence/visual': 0.85, 'sexual/visual': 0 },
    clean: {
      text: '{"rating": "Safe", "category": "NA: None applying", "rationale": "a field"}',
      before: ['{"', 'rating', '":', ' "'],
      top: logs({ Safe: 0.97, Unsafe: 0.03 }),
    },
    bare: { 'violence/visual': 1, 'sexual/visual': 0 },
  },
  {
    name: 'chat-rubric',
    more: { rubricFile: 'rubric.yaml', samples: 1 },
    sees: true,
    flagged: ({ wantsForm }) =>
      wantsForm ? { text: '{"grade": 5}' } : { text: '5', top: logs({ '5': 0.5, '4': 0.5 }) },
    scores: { 'ip/visual': 0.875 },
    clean: { text: '1', top: logs({ '1': 0.98, '2': 0.02 }) },
    bare: { 'ip/visual': 1 },
  },
];

const servers: ChatServer[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function setUp(guard: GuardCase, play: Play, more: Readonly<Record<string, unknown>> = {}) {
  const server = await startJudge(play);
  servers.push(server);
  const folder = await mkdtemp(join(tmpdir(), 'safelight-guard-'));
  folders.push(folder);
  await writeFile(join(folder, 'rubric.yaml'), RUBRIC);
  const adapter = await DETECTOR_ADAPTERS[guard.name]();
  const options = { baseUrl: server.url, model: 'guard', probe: false, ...guard.more, ...more };
  const create = () => adapter.create(options, 'here', { env: {}, folder });
  return { server, create, folder, adapter, options };
}

const subjectOf = (guard: GuardCase, value = 120): Subject =>
  guard.sees ? image(value) : { kind: 'text', text: `words ${value}` };
const byPair = (results: readonly DetectorResult[]): Record<string, number> =>
  Object.fromEntries(
    results.flatMap(({ result }) =>
      result.kind === 'scores' ? result.scores.map((score) => [key(score), score.score]) : [],
    ),
  );
const expectScores = (
  found: Readonly<Record<string, number>>,
  wanted: Readonly<Record<string, number>>,
): void => {
  for (const [pair, score] of Object.entries(wanted)) expect(found[pair]).toBeCloseTo(score, 9);
};

describe.each(CASES)('$name', (guard) => {
  it('reads a flagged and a clean answer by its likelihoods', async () => {
    let flag = true;
    const { create, server } = await setUp(guard, (asked) =>
      flag ? guard.flagged(asked) : guard.clean,
    );
    const detector = await create();
    const flagged = await detector.detect(subjectOf(guard), context());
    expectScores(byPair(flagged), guard.scores);
    expect(flagged[0]?.result).toMatchObject({
      detail: { judge: { model: 'test-model-2026-01-01', samples: 1 } },
    });
    flag = false;
    const clean = byPair(await detector.detect(subjectOf(guard, 10), context()));
    expect(Math.max(...Object.values(clean))).toBeLessThan(0.1);
    const pictures = server.requests.every(({ body }) =>
      JSON.stringify(body).includes('data:image/jpeg;base64,/9j/'),
    );
    expect(pictures).toBe(guard.sees);
    expect(detector.description.reads.includes('text')).toBe(
      guard.name !== 'shieldgemma2' && guard.name !== 'llavaguard',
    );
    await detector.close();
  });

  it('takes the verdict as it stands where a server has no likelihoods, or turns them away', async () => {
    const bare = await setUp(guard, (asked) => ({ text: guard.flagged(asked).text }));
    const detector = await bare.create();
    const results = await detector.detect(subjectOf(guard), context());
    expectScores(byPair(results), guard.bare);
    expect(JSON.stringify(results)).toMatch(/no likelihoods|Without likelihoods/);
    await detector.close();

    const strict = await setUp(guard, (asked, response) => {
      if (asked.wantsLikelihoods) {
        sendJson(response, { error: { code: 'unsupported_parameter' } }, 400);
        return undefined;
      }
      return { text: guard.flagged(asked).text };
    });
    const other = await strict.create();
    expectScores(byPair(await other.detect(subjectOf(guard), context())), guard.bare);
    await other.close();
  });

  it.each([
    [
      'a refusal in words',
      'refused_to_judge',
      (): Answer => ({ text: "I'm sorry, I can't help with that.", top: { I: -0.01 } }),
    ],
    [
      'another language',
      'malformed_answer',
      (): Answer => ({ text: 'Das Bild zeigt einen See.', top: { Das: -0.01 } }),
    ],
    [
      'cut JSON',
      'malformed_answer',
      (): Answer => ({ text: '{"rating": "Uns', top: { '{"': -0.01 } }),
    ],
    [
      '-9999 alone',
      'malformed_answer',
      (): Answer => ({ text: '…', top: { Yes: -9999, No: -9999 } }),
    ],
  ] as const)('abstains on %s', async (_what, code, answer) => {
    const { create } = await setUp(guard, answer);
    const detector = await create();
    const results = await detector.detect(subjectOf(guard), context());
    expect(results.map(({ result }) => result)).toMatchObject(
      results.map(() => ({ kind: 'abstained', code })),
    );
    expect(results.length).toBeGreaterThan(0);
    await detector.close();
  });

  it.each([
    [
      'a picture that is too large',
      'media_too_large',
      (response: ServerResponse) => sendJson(response, {}, 413),
    ],
    [
      'a policy of the server',
      'refused_to_judge',
      (response: ServerResponse) => sendJson(response, { error: { code: 'content_filter' } }, 400),
    ],
    [
      'HTML',
      'malformed_answer',
      (response: ServerResponse) => {
        response.end('<html>');
      },
    ],
    [
      'a reset',
      'service_unavailable',
      (response: ServerResponse) => {
        response.destroy();
      },
    ],
  ] as const)('abstains on %s', async (_what, code, send) => {
    const { create } = await setUp(
      guard,
      (_asked, response) => {
        send(response);
        return undefined;
      },
      { maxAttempts: 1 },
    );
    const detector = await create();
    const [first] = await detector.detect(subjectOf(guard), context());
    expect(first?.result).toMatchObject({ kind: 'abstained', code });
    await detector.close();
  });

  it('waits where it is told to, and gives up in time', async () => {
    let busy = true;
    const { create } = await setUp(guard, (asked, response) => {
      if (!busy) return guard.flagged(asked);
      busy = false;
      response.writeHead(429, { 'retry-after-ms': '10' });
      response.end('{}');
      return undefined;
    });
    const detector = await create();
    expectScores(byPair(await detector.detect(subjectOf(guard), context())), guard.scores);
    await detector.close();
    const silent = await setUp(guard, () => undefined, { timeoutMs: 150 });
    const late = await silent.create();
    const [result] = await late.detect(subjectOf(guard), context());
    expect(result?.result).toMatchObject({ kind: 'abstained', code: 'timeout' });
    await late.close();
  });

  it('asks once for equal subjects, tells the cost, and stops at its budget', async () => {
    const { create } = await setUp(guard, (asked) => guard.flagged(asked), {
      cache: 'cache',
      price: { inputUsdPerMillion: 1000, outputUsdPerMillion: 0 },
      maxCostUsd: 0.01,
      concurrency: 1,
    });
    const detector = await create();
    const [first] = await detector.detect(subjectOf(guard), context());
    expect(first?.costUsd).toBeCloseTo(0.1, 9);
    const [again] = await detector.detect(subjectOf(guard), context());
    expect(again?.result.kind === 'scores' && again.result.scores).toEqual(
      first?.result.kind === 'scores' && first.result.scores,
    );
    const [spent] = await detector.detect(subjectOf(guard, 7), context());
    expect(spent?.result).toMatchObject({ kind: 'abstained', code: 'budget_spent' });
    await detector.close();
  });

  it('asks one question at the start, and says what is wrong with the model', async () => {
    const good = await setUp(guard, () => guard.clean, { probe: true });
    await (await good.create()).close();
    expect(good.server.requests).toHaveLength(1);
    const unknown = await setUp(
      guard,
      (_asked, response) => {
        sendJson(response, { error: { code: 'model_not_found' } }, 404);
        return undefined;
      },
      { probe: true },
    );
    await expect(unknown.create()).rejects.toMatchObject({
      code: guard.sees ? 'judge_without_vision' : 'judge_unreachable',
    });
    const other = await setUp(guard, () => ({ text: 'Bonjour' }), { probe: true, samples: 1 });
    await expect(other.create()).rejects.toMatchObject({ code: 'judge_answers_otherwise' });
  });
});

describe('guards', () => {
  const guard = CASES[0] as GuardCase;

  it('judge a video by its frames', async () => {
    const { create, server } = await setUp(guard, (asked) => guard.flagged(asked), {
      maxFrames: 3,
    });
    const detector = await create();
    const results = await detector.detect(video([1, 2, 3, 4, 5]), context());
    expect(server.requests).toHaveLength(3);
    expectScores(byPair(results), guard.scores);
    await detector.close();
  });

  it('name a category that no hazard stands for', async () => {
    const { create } = await setUp(guard, () => ({
      text: 'unsafe\nS14',
      top: logs({ unsafe: 0.9, safe: 0.1 }),
    }));
    const detector = await create();
    const [result] = await detector.detect(image(), context());
    expect(result?.result).toMatchObject({ detail: { other: expect.stringContaining('S14') } });
    expect(Math.max(...Object.values(byPair(result ? [result] : [])))).toBe(0);
    await detector.close();
  });

  it('record the line of a refusal, and both readings of what is controversial', async () => {
    const qwen = CASES[1] as GuardCase;
    const { create } = await setUp(qwen, (asked) => qwen.flagged(asked));
    const detector = await create();
    const [result] = await detector.detect({ kind: 'text', text: 'x' }, context());
    const labels = result?.result.kind === 'scores' ? result.result.detail?.labels : undefined;
    expect(labels?.refusal).toBe(0);
    expect(labels?.unsafe_loose).toBeCloseTo(0.3, 9);
    expect(labels?.unsafe_strict).toBeCloseTo(0.9, 9);
    await detector.close();
  });

  it('say which placeholder of a rubric is unknown, with file and line', async () => {
    const rubric = CASES[5] as GuardCase;
    const { create, folder } = await setUp(rubric, () => rubric.clean);
    await writeFile(join(folder, 'rubric.yaml'), RUBRIC.replace('protected', '{txet} protected'));
    await expect(create()).rejects.toMatchObject({
      code: 'placeholder_unknown',
      message: expect.stringContaining('rubric.yaml:5: user: unknown placeholder {txet}'),
      hint: expect.stringContaining('"text"'),
    });
  });
});
