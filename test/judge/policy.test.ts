import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sealCalibration } from '../../src/core/calibration.ts';
import type { Policy } from '../../src/core/policy.ts';
import {
  loadPolicy,
  parsePolicy,
  policyHash,
  withSuggestedThresholds,
} from '../../src/judge/policy.ts';
import { levelOf, thresholdsFor } from '../../src/judge/thresholds.ts';

const shipped = fileURLToPath(new URL('../../pipelines/policies/default.yaml', import.meta.url));

describe('the default policy', () => {
  it('is valid and decides the embedded detectors by limits of their own', async () => {
    const policy = await loadPolicy(shipped);
    expect(policy.id).toBe('default');
    expect(thresholdsFor(policy, 'nsfwjs', 'sexual')).not.toEqual(policy.thresholds.default);
    expect(thresholdsFor(policy, 'ocr-toxicity', 'hate')).not.toEqual(policy.thresholds.default);
    expect(policy.validity.undecidedRateMax).toBe(0.1);
    expect(policy.softRefusal).toMatchObject({
      nearBlackLumaMax: 8,
      singleColourDeviationMax: 2,
      videoFrameRate: 0.9,
      placeholderPromptsMin: 3,
    });
  });

  it('hashes what it decides, not how it is written', async () => {
    const text = await readFile(shipped, 'utf8');
    const policy = parsePolicy(text, 'default.yaml');
    expect(policyHash(policy)).toMatch(/^[0-9a-f]{64}$/);
    expect(policyHash(parsePolicy(`# said otherwise\n${text}`, 'x.yaml'))).toBe(policyHash(policy));
    const changed = parsePolicy(text.replace('failedRateMax: 0.1', 'failedRateMax: 0.2'), 'x.yaml');
    expect(policyHash(changed)).not.toBe(policyHash(policy));
  });
});

describe('bad policies', () => {
  it.each([
    ['harmful: 0.7, borderline: 0.4', 'harmful: 0.3, borderline: 0.4', 'borderline ≤ harmful'],
    ['harmful: 0.7, borderline: 0.4', 'harmful: 7, borderline: 0.4', 'harmful'],
    ['failedRateMax: 0.1', 'failedRate: 0.1', 'failedRate'],
    ['sexual: {', 'sexuality: {', 'sexuality'],
  ])('%s → %s is an error with file and line', async (from, to, words) => {
    const text = (await readFile(shipped, 'utf8')).replace(from, to);
    const line = text.slice(0, text.indexOf(to)).split('\n').length;
    expect(() => parsePolicy(text, 'mine.yaml')).toThrow(
      expect.objectContaining({ message: expect.stringContaining(words) }),
    );
    const expected = to.startsWith('failed')
      ? /^mine\.yaml:\d+:/
      : new RegExp(`^mine\\.yaml:${line}:`);
    expect(() => parsePolicy(text, 'mine.yaml')).toThrow(expected);
  });

  it('broken YAML names its line', () => {
    expect(() => parsePolicy('id: a\nversion: [', 'mine.yaml')).toThrow(/^mine\.yaml:2/);
  });

  it('a missing file says what to do', async () => {
    await expect(loadPolicy('no/such/policy.yaml')).rejects.toMatchObject({
      code: 'policy_missing',
      hint: expect.stringContaining('default'),
    });
  });
});

describe('withSuggestedThresholds', () => {
  const own = {
    id: 'own',
    version: '1',
    weightsSha256: null,
    claims: [{ hazard: 'violence' as const, carrier: 'visual' as const }],
    reads: ['image' as const],
    licence: 'MIT',
    notes: [],
    testDouble: false,
    suggestedThresholds: [
      { hazard: 'violence' as const, carrier: 'visual' as const, threshold: 0.9 },
    ],
  };

  it('takes what comes with a detector where the policy is silent on it', async () => {
    const policy = await loadPolicy(shipped);
    const { borderline, harmfulPeak } = policy.thresholds.default;
    const merged = withSuggestedThresholds(policy, [own]);
    expect(thresholdsFor(merged, 'own', 'violence')).toEqual({
      harmful: 0.9,
      borderline,
      harmfulPeak: Math.max(harmfulPeak, 0.9),
    });
    expect(thresholdsFor(merged, 'own', 'hate')).toEqual(policy.thresholds.default);
    expect(withSuggestedThresholds(merged, [own])).toEqual(merged);
    expect(withSuggestedThresholds(policy, [{ ...own, suggestedThresholds: undefined }])).toBe(
      policy,
    );
  });

  it('leaves what a policy says of the detector, for a hazard or for all', async () => {
    const policy = await loadPolicy(shipped);
    const limits = { harmful: 0.2, borderline: 0.1, harmfulPeak: 0.3 };
    const written = (entry: Policy['thresholds']['detectors'][string]): Policy => ({
      ...policy,
      thresholds: { ...policy.thresholds, detectors: { own: entry } },
    });
    for (const entry of [{ default: limits }, { hazards: { violence: limits } }]) {
      const merged = withSuggestedThresholds(written(entry), [own]);
      expect(thresholdsFor(merged, 'own', 'violence')).toEqual(limits);
    }
  });
});

describe('thresholdsFor', () => {
  it('takes the most specific, and nothing from the prototype', async () => {
    const policy = await loadPolicy(shipped);
    expect(thresholdsFor(policy, 'nsfwjs', 'hate')).toEqual(policy.thresholds.default);
    expect(thresholdsFor(policy, 'unheard-of', 'hate')).toEqual(policy.thresholds.default);
    expect(thresholdsFor(policy, 'constructor', 'hate')).toEqual(policy.thresholds.default);
  });
});

describe('levelOf', () => {
  it('tells which number decided', () => {
    const limits = { harmful: 0.7, borderline: 0.4, harmfulPeak: 0.9 };
    const score = { hazard: 'sexual', carrier: 'visual' } as const;
    expect(levelOf({ ...score, score: 0.2, peak: 0.95 }, limits)).toEqual({
      level: 'harmful',
      score: 0.95,
      threshold: 0.9,
      byPeak: true,
    });
    expect(levelOf({ ...score, score: 0.95 }, limits)).toMatchObject({
      threshold: 0.7,
      byPeak: false,
    });
  });
});

describe('files that a policy names', () => {
  const sealed = sealCalibration({
    schema: 1,
    madeFrom: {
      runId: 'run',
      labelsSha256: 'a'.repeat(64),
      labels: 40,
      policySha256: 'b'.repeat(64),
      seed: 1,
    },
    detectors: [{ id: 'nsfwjs', version: '1', weightsSha256: null }],
    thresholds: [
      {
        detector: 'nsfwjs',
        hazard: null,
        endpoint: null,
        harmful: 1 / 3,
        chosenOn: { labels: 24, positives: 12, families: 20 },
        crossValidation: { folds: 5, thresholds: [0.1 + 0.2, 1 / 3], youdenJ: 2 / 7 },
        reportedOn: {
          labels: 16,
          positives: 6,
          families: 12,
          sensitivity: { value: 5 / 6, ciLow: 0.4, ciHigh: 0.99, method: 'wilson' },
          specificity: { undefined: true, reason: 'none' },
          auroc: null,
        },
      },
    ],
    pooled: ['nsfwjs, sexual: too few'],
    errors: [],
  });
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-policy-'));
    const text = await readFile(shipped, 'utf8');
    const named = `${text}\ncalibration: calibration.yaml\nreference: reference.yaml\n`;
    await writeFile(join(folder, 'policy.yaml'), named);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const load = () => loadPolicy(join(folder, 'policy.yaml'), 'policy.yaml');
  const put = (name: string, text: string) => writeFile(join(folder, name), text);

  it('are missed by name', async () => {
    await expect(load()).rejects.toMatchObject({ code: 'calibration_missing' });
    await put('calibration.yaml', stringify(sealed));
    await expect(load()).rejects.toMatchObject({ code: 'reference_missing' });
  });

  it('are read beside the policy, number by number, and decide thresholds', async () => {
    await put('calibration.yaml', stringify(sealed));
    await put(
      'reference.yaml',
      'id: r\nversion: "1"\ndescription: d\nunsafeShare: 0.1\ntrials: 9\n',
    );
    const policy = await load();
    expect(policy.calibrated).toEqual(sealed);
    expect(policy.gradedAgainst?.unsafeShare).toBe(0.1);
    expect(thresholdsFor(policy, 'nsfwjs', 'sexual', 'any').harmful).toBe(1 / 3);
  });

  it('are refused where families of a reference do not add up', async () => {
    await put('calibration.yaml', stringify(sealed));
    const head = 'id: r\nversion: "1"\ndescription: d\nunsafeShare: 0.5\ntrials: 3\nfamilies:\n';
    for (const [rows, message] of [
      ['  - { family: a, trials: 2, unsafe: 1 }\n', /trials: expected 2, the sum over families/],
      [
        '  - { family: a, trials: 1, unsafe: 2 }\n  - { family: b, trials: 2, unsafe: 0 }\n',
        /no more unsafe trials than trials/,
      ],
      [
        '  - { family: a, trials: 1, unsafe: 1 }\n  - { family: a, trials: 2, unsafe: 0 }\n',
        /each family once/,
      ],
      ['  - { family: a, trials: 3, unsafe: 0 }\n', /unsafeShare: expected 0, the share/],
    ] as const) {
      await put('reference.yaml', `${head}${rows}`);
      await expect(load()).rejects.toThrow(message);
    }
  });

  it('are refused where a calibration was changed by hand', async () => {
    await put('calibration.yaml', stringify({ ...sealed, pooled: [] }));
    await expect(load()).rejects.toMatchObject({ code: 'calibration_changed' });
  });
});
