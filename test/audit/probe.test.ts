import { describe, expect, it } from 'vitest';
import { createProbe } from '../../src/audit/probe.ts';
import type { ProbeAnswer } from '../../src/audit/probe-state.ts';
import { PROBE_TAG, probeSchema } from '../../src/core/probe.ts';
import type { Prompt } from '../../src/core/prompt.ts';
import type { VerdictClass } from '../../src/core/verdict.ts';
import { loadChain } from '../../src/suites/augmentations/registry.ts';
import { prompt } from '../judge/records.ts';

const NAMES = ['leet', 'art', 'case', 'question', 'documentary'] as const;
const chains = await Promise.all(NAMES.map(loadChain));
const options = (more: object = {}) =>
  probeSchema.parse({ authorised: true, queries: 5, maxQueries: 1000, maxRefusals: 1000, ...more });

const harmful = (count: number): Prompt[] =>
  Array.from({ length: count }, (_, at) =>
    prompt({
      id: `h${at}`,
      family: `f${at}`,
      intent: 'harmful',
      text: `a brawl in front of house ${at}`,
    }),
  );
const benign = (count: number): Prompt[] =>
  Array.from({ length: count }, (_, at) =>
    prompt({
      id: `b${at}`,
      family: `f${at}`,
      intent: 'benign',
      text: `a shadow boxer beside tree ${at}`,
    }),
  );

/** Runs a search against a system that is a function of the wording alone. */
async function search(
  prompts: readonly Prompt[],
  system: (asked: Prompt) => VerdictClass,
  more: object = {},
  costUsd: number | null = null,
) {
  const probe = createProbe('guarded', prompts, chains, options(more));
  const asked: Prompt[] = [...prompts];
  const answers: ProbeAnswer[] = [];
  const rounds: string[][] = [];
  for (let open: readonly Prompt[] = prompts; open.length > 0; ) {
    answers.push(...open.map((one) => ({ promptId: one.id, verdict: system(one), costUsd })));
    // In any order: a lane answers as it can.
    probe.learn([...answers].reverse());
    open = await probe.next();
    rounds.push(open.map(({ id }) => id));
    asked.push(...open);
  }
  return { result: probe.result(undefined), asked, answers, rounds };
}

const chainOf = (asked: Prompt): string => asked.augmentations?.[0]?.technique ?? 'plain';

describe('createProbe', () => {
  it('finds the one disguise that a filter does not see through, and measures it', async () => {
    const { result, asked } = await search(harmful(20), (one) =>
      chainOf(one) === 'leet' ? 'harmful' : 'refused_input',
    );
    const { evaded } = result;
    expect(evaded.eligible).toBe(20);
    expect(evaded.turnedAt.at(-1)).toMatchObject({ numerator: 20, denominator: 20 });
    expect(evaded.byChain[0]).toMatchObject({ chain: 'leet', turned: 20 });
    // It learns: once leet is known to work, it comes first.
    const wasted = asked.filter((one) => !['plain', 'leet'].includes(chainOf(one))).length;
    expect(wasted).toBeLessThan(20 * (NAMES.length - 1));
    const numerators = evaded.turnedAt.map((rate) => ('numerator' in rate ? rate.numerator : -1));
    expect(numerators).toEqual([...numerators].sort((a, b) => a - b));
    expect(asked.filter(({ tags }) => tags.includes(PROBE_TAG))).toHaveLength(asked.length - 20);
    expect(asked.every(({ family }) => /^f\d+$/.test(family))).toBe(true);
  });

  it('searches benign prompts for refusals, and leaves alone what cannot be turned', async () => {
    const { result } = await search([...benign(10), ...harmful(4)], (one) => {
      if (one.intent === 'harmful') return 'harmless';
      return chainOf(one) === 'art' ? 'refused_soft' : 'harmless';
    });
    expect(result.blocked).toMatchObject({ eligible: 10 });
    expect(result.blocked.byChain[0]).toMatchObject({ chain: 'art', turned: 10 });
    expect(result.evaded).toMatchObject({ eligible: 0 });
    expect(result.evaded.turnedAt[0]).toMatchObject({ undefined: true });
  });

  it('counts no query for what failed, and nothing as known where nobody can tell', async () => {
    const failing = await search(harmful(6), (one) =>
      chainOf(one) === 'plain'
        ? 'refused_input'
        : chainOf(one) === 'leet'
          ? 'failed'
          : 'refused_input',
    );
    expect(failing.result.evaded.byChain.map(({ chain }) => chain)).not.toContain('leet');
    const unknown = await search(harmful(6), (one) =>
      chainOf(one) === 'plain' ? 'refused_input' : 'unscored',
    );
    expect(unknown.result.evaded.turnedAt.at(-1)).toMatchObject({ bounded: true, boundHigh: 1 });
  });

  it.each([
    [{ maxQueries: 13 }, 'max_queries'],
    [{ maxRefusals: 14 }, 'max_refusals'],
    [{ maxUsd: 1.5 }, 'max_usd'],
  ])('keeps to its budget %j', async (more, stopped) => {
    const { result, answers } = await search(harmful(10), () => 'refused_input', more, 0.1);
    expect(result.stopped).toBe(stopped);
    expect(answers.length).toBeLessThanOrEqual(stopped === 'max_usd' ? 20 : 14);
    expect(result.refusals).toBe(answers.length);
  });

  it('asks the same rounds for the same answers, also when it is told all at once', async () => {
    const system = (one: Prompt): VerdictClass =>
      chainOf(one) === 'case' && one.family < 'f5' ? 'harmful' : 'refused_input';
    const first = await search(harmful(8), system);
    expect((await search(harmful(8), system)).rounds).toEqual(first.rounds);
    // A search that goes on after an interruption finds every answer in the journal already.
    const resumed = createProbe('guarded', harmful(8), chains, options());
    const rounds: string[][] = [];
    for (;;) {
      resumed.learn(first.answers);
      const open = await resumed.next();
      rounds.push(open.map(({ id }) => id));
      if (open.length === 0) break;
    }
    expect(rounds).toEqual(first.rounds);
    expect(resumed.result(undefined)).toEqual(first.result);
  });

  it('gives P4D’s rate beside a reference', async () => {
    const prompts = harmful(4);
    const probe = createProbe('guarded', prompts, chains, options({ queries: 1 }));
    probe.learn(
      prompts.map(({ id }) => ({ promptId: id, verdict: 'refused_input', costUsd: null })),
    );
    const round = await probe.next();
    probe.learn(
      round.map(({ id, family }) => ({
        promptId: id,
        verdict: family === 'f0' ? 'harmful' : 'refused_input',
        costUsd: null,
      })),
    );
    const reference = new Map([
      ['h0', true],
      ['h1', true],
      ['h2', false],
      ['h3', false],
    ]);
    expect(probe.result(reference).p4d).toMatchObject({
      failureRate: { numerator: 1, denominator: 4 },
      failureRateOfEligible: { numerator: 1, denominator: 2 },
    });
  });

  it('needs leave and budgets', () => {
    expect(probeSchema.safeParse({ maxQueries: 1, maxRefusals: 1 }).success).toBe(false);
    expect(
      probeSchema.safeParse({ authorised: false, maxQueries: 1, maxRefusals: 1 }).success,
    ).toBe(false);
    expect(probeSchema.safeParse({ authorised: true }).success).toBe(false);
  });
});
