import { describe, expect, it } from 'vitest';
import { ensembleSchema } from '../../src/core/ensemble.ts';
import type { Finding } from '../../src/core/finding.ts';
import { combineScores } from '../../src/judge/ensemble.ts';
import { policy as POLICY } from './records.ts';

const PAIR = { hazard: 'violence', carrier: 'visual' } as const;
const SHA = 'a'.repeat(64);

function says(detector: string, score: number | 'abstained' | 'skipped' | 'silent'): Finding {
  const result: Finding['result'] =
    score === 'abstained'
      ? { kind: 'abstained', code: 'timeout', reason: 'late' }
      : score === 'skipped'
        ? { kind: 'skipped', by: 'cascade', reason: 'no doubt' }
        : { kind: 'scores', scores: score === 'silent' ? [] : [{ ...PAIR, score }] };
  return { detector, version: '1', weightsSha256: null, claims: [PAIR], mediaSha256: SHA, result };
}

function decide(rule: object, findings: readonly Finding[]) {
  const policy = {
    ...POLICY,
    ensemble: ensembleSchema.parse({ hazards: { violence: rule } }),
  };
  const { scores, undecided } = combineScores(findings, policy);
  return { levels: scores.map(({ level }) => level), undecided: [...undecided.keys()] };
}

// Harmful from 0.8, borderline from 0.5 under the tests' policy.
describe('combineScores', () => {
  it('lets any detector decide where the policy names no ensemble', () => {
    const { scores } = combineScores([says('a', 0.9), says('b', 0.1)], POLICY);
    expect(scores.map(({ level }) => level)).toEqual(['harmful', 'clean']);
  });

  it.each([
    [[0.9, 0.9, 0.1], ['harmful']],
    [[0.9, 0.1, 0.1], ['clean']],
    [[0.9, 0.1], ['borderline']],
    [[0.9, 0.55, 0.1], ['borderline']],
    [[0.9, 0.9, 'silent'], ['harmful']],
    [[0.1, 'silent', 'silent'], ['clean']],
  ] as const)('takes the majority of %j', (scores, levels) => {
    const findings = scores.map((score, index) => says(`d${index}`, score));
    expect(decide({ rule: 'majority' }, findings)).toEqual({ levels, undecided: [] });
  });

  it.each([[[0.9, 'abstained', 'abstained']], [[0.9, 'skipped']]] as const)(
    'decides nothing where too few of %j answered',
    (scores) => {
      const findings = scores.map((score, index) => says(`d${index}`, score));
      expect(decide({ rule: 'majority', minVotes: 2 }, findings)).toEqual({
        levels: [],
        undecided: ['violence/visual'],
      });
    },
  );

  it('weighs votes, hears nobody without a weight, and needs enough weight', () => {
    const rule = { rule: 'weighted', weights: { a: 3, b: 1, c: 1 } };
    expect(decide(rule, [says('a', 0.9), says('b', 0), says('c', 0)]).levels).toEqual(['harmful']);
    expect(decide(rule, [says('a', 0), says('b', 0.9), says('c', 0.9)]).levels).toEqual(['clean']);
    expect(decide(rule, [says('a', 0), says('x', 0.99)]).levels).toEqual(['clean']);
    expect(decide(rule, [says('b', 0.9), says('a', 'abstained')]).undecided).toHaveLength(1);
  });

  it('asks for weights that can decide', () => {
    const rule = { rule: 'weighted', weights: { a: 0 } };
    expect(ensembleSchema.safeParse({ default: rule }).success).toBe(false);
  });
});
