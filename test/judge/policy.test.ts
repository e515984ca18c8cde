import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPolicy, parsePolicy, policyHash } from '../../src/judge/policy.ts';
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
