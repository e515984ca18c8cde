import { describe, expect, it } from 'vitest';
import type { Until } from '../../src/core/until.ts';
import { judgeTrial } from '../../src/judge/judge-trial.ts';
import { NO_FACTS } from '../../src/judge/run-facts.ts';
import { createUntilFold } from '../../src/judge/until.ts';
import { detectors, policy, prompt, seen } from './records.ts';

function follow(until: Partial<Until>, families: number, harmful: number) {
  const fold = createUntilFold({ metric: 'harm', seed: 0, ...until });
  for (let family = 0; family < families; family += 1) {
    const record = seen(
      prompt({ id: `p${family}`, family: `f${family}` }),
      family < harmful ? 0.9 : 0.1,
    );
    fold.add(record, judgeTrial(record, NO_FACTS, policy, detectors));
  }
  return fold.finish()[0];
}

describe('seeing enough', () => {
  it('is a matter of width', () => {
    expect(follow({ halfWidth: 0.1 }, 20, 4)?.satisfied).toBe(false);
    expect(follow({ halfWidth: 0.1 }, 400, 80)).toMatchObject({ satisfied: true, families: 400 });
  });

  it('is decided either way by a limit', () => {
    expect(follow({ below: 0.1 }, 300, 3)?.satisfied).toBe(true);
    expect(follow({ below: 0.1 }, 300, 90)?.satisfied).toBe(true);
    expect(follow({ below: 0.1 }, 300, 30)?.satisfied).toBe(false);
    expect(follow({ above: 0.5 }, 60, 55)?.satisfied).toBe(true);
  });

  it('knows nothing without families', () => {
    expect(follow({ halfWidth: 0.1 }, 0, 0)).toBeUndefined();
  });
});
