import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Finding } from '../../../src/core/finding.ts';
import { parseRulePolicy } from '../../../src/core/rule-policy.ts';
import { clueOptionsSchema, createClueDetector } from '../../../src/detectors/clue.ts';
import type { DetectorResult } from '../../../src/detectors/detector.ts';
import type { RelevanceScan } from '../../../src/detectors/judging/clip-relevance.ts';
import { hashRule } from '../../../src/detectors/judging/preconditions.ts';
import type { ChatServer } from '../../net/chat-server.ts';
import { context, image, logs, type Play, startJudge, video } from './judge-server.ts';

const POLICY = `id: house
title: House
rules:
  - { id: no-fights, hazard: violence, forbidden: Any fight., allowed: Dancing. }
`;
const [RULE] = parseRulePolicy(POLICY, 'house.yaml').rules;
if (RULE === undefined) throw new Error('the policy of the test has a rule');

const compiled = (
  more: Readonly<Record<string, unknown>> = {},
  all: readonly string[][] = [['Are there people?'], ['Does one hit?', 'Does one kick?']],
) =>
  stringify({
    policy: 'house',
    compiledBy: 'test',
    reviewed: true,
    rules: [
      {
        id: 'no-fights',
        ruleSha256: hashRule(RULE),
        objective: 'Two people strike each other.',
        all: all.map((any) => ({ any })),
      },
    ],
    ...more,
  });

const servers: ChatServer[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function setUp(
  play: Play,
  file = compiled(),
  more: Readonly<Record<string, unknown>> = {},
  scan?: RelevanceScan,
) {
  const server = await startJudge(play);
  servers.push(server);
  const folder = await mkdtemp(join(tmpdir(), 'safelight-clue-'));
  folders.push(folder);
  await writeFile(join(folder, 'house.yaml'), POLICY);
  await writeFile(join(folder, 'pre.yaml'), file);
  const options = clueOptionsSchema.parse({
    baseUrl: server.url,
    model: 'judge',
    probe: false,
    policyFile: 'house.yaml',
    preconditionsFile: 'pre.yaml',
    ...more,
  });
  const create = () => createClueDetector(options, { env: {}, folder }, 'here', scan);
  return { server, create };
}

/** P(Yes) by question, with the picture and without; `reason` answers where that leaves a doubt. */
const says =
  (
    answers: Readonly<Record<string, readonly [seen: number, blind: number]>>,
    reason = 'yes',
  ): Play =>
  ({ text, pictures }) => {
    if (text.includes('Reason step by step')) {
      return { text: `{"rationale": "because", "rating": "${reason}"}` };
    }
    const found = Object.entries(answers).find(([question]) => text.includes(question));
    if (found === undefined) throw new Error(`no answer for ${text}`);
    const yes = found[1][pictures > 0 ? 0 : 1];
    return { text: yes > 0.5 ? 'Yes' : 'No', top: logs({ Yes: yes, No: 1 - yes }) };
  };

const states = (results: readonly DetectorResult[]): Record<string, string> =>
  Object.fromEntries(
    results.flatMap(({ result }) =>
      result.kind === 'scores' || result.kind === 'abstained'
        ? (result.detail?.steps ?? []).map(({ id, state }) => [id, state] as const)
        : [],
    ),
  );

describe('clue', () => {
  it('finds a rule broken where every node holds, one alternative of a node being enough', async () => {
    const { create } = await setUp(
      says({ people: [0.98, 0.5], 'one hit': [0.1, 0.4], 'one kick': [0.97, 0.3] }),
    );
    const judge = await create();
    expect(judge.description).toMatchObject({
      id: 'clue@house',
      claims: [{ hazard: 'violence', carrier: 'visual' }],
    });
    const results = await judge.detect(image(), context());
    expect(results).toMatchObject([
      {
        result: {
          kind: 'scores',
          scores: [{ clause: 'no-fights', score: expect.closeTo(0.985, 9) }],
        },
      },
    ]);
    expect(states(results)).toEqual({
      'no-fights/objective': 'met',
      'no-fights/relevance': 'not_run',
      'no-fights/1.1/debiased': 'met',
      'no-fights/2.1/debiased': 'not_met',
      'no-fights/2.2/debiased': 'met',
    });
    await judge.close();
  });

  it('asks no further where a node does not hold', async () => {
    const { create, server } = await setUp(says({ people: [0.05, 0.6] }));
    const judge = await create();
    const results = await judge.detect(image(), context());
    expect(results).toMatchObject([{ result: { scores: [{ score: expect.closeTo(0.025, 9) }] } }]);
    expect(states(results)['no-fights/2']).toBe('not_run');
    expect(server.requests).toHaveLength(2);
    // Without the picture a question is asked once, whatever is looked at.
    await judge.detect(image(7), context());
    expect(server.requests).toHaveLength(3);
    await judge.close();
  });

  it.each([
    ['yes', 'met', 0.8],
    ['no', 'not_met', 0.3],
  ] as const)('reasons about what likelihoods leave in doubt: %s', async (answer, state, score) => {
    const { create } = await setUp(
      says({ people: [0.6, 0.5] }, answer),
      compiled({}, [['Are there people?']]),
    );
    const judge = await create();
    const results = await judge.detect(image(), context());
    expect(states(results)).toMatchObject({
      'no-fights/1.1/debiased': 'unsure',
      'no-fights/1.1/central-object': 'not_run',
      'no-fights/1.1/reasoning': state,
    });
    expect(results).toMatchObject([{ result: { scores: [{ score: expect.closeTo(score, 9) }] } }]);
    await judge.close();
  });

  it('looks again without the central object, where a detector before it found one', async () => {
    let seen = 0;
    const { create } = await setUp(
      ({ pictures }) => {
        if (pictures > 0) seen += 1;
        const yes = pictures === 0 ? 0.5 : seen === 1 ? 0.8 : 0.1;
        return { text: 'Yes', top: logs({ Yes: yes, No: 1 - yes }) };
      },
      compiled({}, [['Are there people?']]),
    );
    const judge = await create();
    const box = { leftPx: 8, topPx: 8, widthPx: 16, heightPx: 16 };
    const before: Finding = {
      detector: 'boxes',
      version: '1',
      weightsSha256: null,
      claims: [],
      mediaSha256: null,
      result: {
        kind: 'scores',
        scores: [],
        detail: { boxes: [{ label: 'person', score: 0.9, box }] },
      },
    };
    const results = await judge.detect(image(), context(undefined, [before]));
    expect(states(results)).toMatchObject({ 'no-fights/1.1/central-object': 'met' });
    expect(states(results)).not.toHaveProperty('no-fights/1.1/reasoning');
    await judge.close();
  });

  it('leaves out a rule that has nothing to do with the picture', async () => {
    let cosine = 0.1;
    const scan = { cosine: async () => cosine, close: async () => undefined };
    const { create, server } = await setUp(says({ people: [0.05, 0.6] }), compiled(), {}, scan);
    const judge = await create();
    const results = await judge.detect(image(), context());
    expect(results).toMatchObject([{ result: { scores: [{ score: 0 }] } }]);
    expect(server.requests).toHaveLength(0);
    cosine = 0.22;
    expect(states(await judge.detect(image(), context()))['no-fights/relevance']).toBe('met');
    expect(server.requests.length).toBeGreaterThan(0);
    await judge.close();
  });

  it('abstains with its steps where a question is not answered', async () => {
    const { create } = await setUp(({ text, pictures }) =>
      text.includes('people')
        ? {
            text: 'Yes',
            top: logs({ Yes: pictures > 0 ? 0.99 : 0.5, No: pictures > 0 ? 0.01 : 0.5 }),
          }
        : { text: 'I cannot help with that.', top: { I: -0.01 } },
    );
    const judge = await create();
    const results = await judge.detect(image(), context());
    expect(results).toMatchObject([{ result: { kind: 'abstained', code: 'refused_to_judge' } }]);
    expect(states(results)).toMatchObject({
      'no-fights/1.1/debiased': 'met',
      'no-fights/2.1': 'unsure',
    });
    await judge.close();
  });

  it('sees the frames of a video in their order', async () => {
    const { create, server } = await setUp(says({ people: [0.05, 0.6] }), compiled(), {
      frames: 'tiled',
    });
    const judge = await create();
    await judge.detect(video([10, 100]), context());
    expect(JSON.stringify(server.requests.map(({ body }) => body))).toContain(
      '2 frames of one video',
    );
    await judge.close();
  });

  it.each([
    ['a draft', compiled({ reviewed: false }), 'preconditions_unreviewed'],
    ['another policy', compiled({ policy: 'other' }), 'preconditions_other'],
    ['a changed rule', compiled().replace(hashRule(RULE), 'a'.repeat(64)), 'preconditions_stale'],
    ['an unknown rule', compiled().replace('id: no-fights', 'id: no-fight'), 'preconditions_other'],
  ] as const)('refuses %s', async (_what, file, code) => {
    const { create } = await setUp(says({}), file);
    await expect(create()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^pre\.yaml:\d+: /),
    });
  });
});
