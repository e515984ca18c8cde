import { describe, expect, it } from 'vitest';
import { cascadeConditionSchema } from '../../src/core/cascade.ts';
import type { Finding } from '../../src/core/finding.ts';
import { onlyWhenDoubtful } from '../../src/detectors/cascade-stage.ts';
import type { DetectionContext, Detector, PromptContext } from '../../src/detectors/detector.ts';

const SEXUAL = { hazard: 'sexual', carrier: 'visual' } as const;
const VIOLENCE = { hazard: 'violence', carrier: 'visual' } as const;

function expensive(): Detector & { asked: number } {
  const detector = {
    asked: 0,
    description: {
      id: 'judge',
      version: '1',
      weightsSha256: null,
      claims: [SEXUAL, VIOLENCE],
      reads: ['image' as const, 'text' as const],
      licence: 'MIT',
      notes: [],
      testDouble: false,
    },
    detect: async () => {
      detector.asked += 1;
      const scores = [{ ...SEXUAL, score: 1 }];
      return [{ claims: [SEXUAL], result: { kind: 'scores' as const, scores } }];
    },
    close: async () => {},
  };
  return detector;
}

function found(score: number, more: Partial<Finding> = {}): Finding {
  return {
    detector: 'cheap',
    version: '1',
    weightsSha256: null,
    claims: [SEXUAL],
    mediaSha256: 'a'.repeat(64),
    result: { kind: 'scores', scores: [{ ...SEXUAL, score }] },
    ...more,
  };
}

const promptOn = (pairs: PromptContext['pairs']): PromptContext => ({
  text: 'a picture',
  shownText: undefined,
  language: 'en',
  pairs,
  riskReason: undefined,
});

async function ask(
  earlier: readonly Finding[],
  prompt: PromptContext | undefined,
  subject = 'image',
) {
  const inner = expensive();
  const stage = onlyWhenDoubtful(inner, cascadeConditionSchema.parse({ from: 0.2, to: 0.8 }));
  const context: DetectionContext = { signal: new AbortController().signal, prompt, earlier };
  const about = (subject === 'text' ? { kind: 'text', text: 'x' } : { kind: 'image' }) as never;
  const results = await stage.detect(about, context);
  return { asked: inner.asked, kinds: results.map(({ result }) => result.kind), stage };
}

describe('onlyWhenDoubtful', () => {
  it.each([
    [0.19, 0],
    [0.2, 1],
    [0.79, 1],
    [0.8, 0],
  ])('asks at a score of %d: %d times', async (score, asked) => {
    const outcome = await ask([found(score)], promptOn([SEXUAL]));
    expect(outcome.asked).toBe(asked);
    expect(outcome.kinds).toEqual([asked === 1 ? 'scores' : 'skipped']);
  });

  it('asks where nobody has answered on what the prompt declares', async () => {
    expect((await ask([found(0.01)], promptOn([VIOLENCE]))).asked).toBe(1);
    expect((await ask([], promptOn([SEXUAL]))).asked).toBe(1);
    const abstained = found(0, {
      result: { kind: 'abstained', code: 'timeout', reason: 'late' },
    });
    expect((await ask([abstained], promptOn([SEXUAL]))).asked).toBe(1);
  });

  it('asks about every claim where the prompt declares nothing, and always about texts', async () => {
    expect((await ask([found(0.01)], undefined)).asked).toBe(1);
    const both = [
      found(0.01),
      found(0.01, { claims: [VIOLENCE], result: { kind: 'scores', scores: [] } }),
    ];
    expect((await ask(both, undefined)).asked).toBe(0);
    expect((await ask(both, undefined, 'text')).asked).toBe(1);
  });

  it('counts a single frame that stands out as doubt', async () => {
    const peak = found(0, {
      result: { kind: 'scores', scores: [{ ...SEXUAL, score: 0.05, peak: 0.5 }] },
    });
    expect((await ask([peak], promptOn([SEXUAL]))).asked).toBe(1);
  });

  it('is another detection under another band', async () => {
    const { stage } = await ask([], undefined);
    const other = onlyWhenDoubtful(expensive(), { from: 0.3, to: 0.8 });
    expect(stage.description.version).not.toBe(other.description.version);
    expect(cascadeConditionSchema.safeParse({ from: 0.5, to: 0.5 }).success).toBe(false);
  });
});
