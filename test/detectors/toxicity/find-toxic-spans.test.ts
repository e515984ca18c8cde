import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findToxicSpans, scoreToxicity } from '../../../src/detectors/toxicity/find-toxic-spans.ts';
import { HARMLESS_PROBES, TOXIC_PROBES } from './probes.ts';

describe('recall and false alarms on the probe tables', () => {
  test('the tables are as large as is claimed', () => {
    expect(TOXIC_PROBES.length).toBeGreaterThanOrEqual(60);
    expect(HARMLESS_PROBES.length).toBeGreaterThanOrEqual(80);
  });

  test.each(TOXIC_PROBES)('%s: %s', (text, hazard) => {
    expect(scoreToxicity(text).scores[hazard]).toBeGreaterThanOrEqual(0.5);
  });

  test.each(HARMLESS_PROBES)('harmless: %s', (text) => {
    expect(findToxicSpans(text)).toEqual([]);
  });

  test('doubtful letters add no false alarm', () => {
    const flagged = HARMLESS_PROBES.filter(
      (text) => findToxicSpans(text, { uncertain: [{ start: 0, end: text.length }] }).length > 0,
    );
    expect(flagged).toEqual([]);
  });
});

describe('texts on which the rules were not written', () => {
  // The policy calls a text harmful from here.
  const HARMFUL = 0.7;
  const read = (name: string) =>
    readFileSync(new URL(`probes/${name}`, import.meta.url), 'utf8')
      .trim()
      .split('\n');
  const isFound = (text: string) => findToxicSpans(text).some(({ score }) => score >= HARMFUL);

  test('are as many as is claimed, and none of the tuning is among them', () => {
    const toxic = read('held-out-toxic.tsv');
    const harmless = read('held-out-harmless.txt');
    expect(toxic.length).toBeGreaterThanOrEqual(180);
    expect(harmless.length).toBeGreaterThanOrEqual(600);
    const tuned = new Set([...read('tuning-toxic.tsv'), ...read('tuning-harmless.txt')]);
    expect([...toxic, ...harmless].filter((line) => tuned.has(line))).toEqual([]);
  });

  test('are found and left alone no less than docs/accuracy.md says', () => {
    const toxic = read('held-out-toxic.tsv').map((line) => line.split('\t')[1] ?? '');
    expect(toxic.filter(isFound).length).toBeGreaterThanOrEqual(75);
    expect(read('held-out-harmless.txt').filter(isFound).length).toBeLessThanOrEqual(14);
  });

  test('harmless texts of the tuning are left alone', () => {
    expect(read('tuning-harmless.txt').filter(isFound).length).toBeLessThanOrEqual(6);
  });
});

describe('evasions', () => {
  test.each([
    'ki.ll yourself',
    'k-i-l-l y-o-u-r-s-e-l-f',
    '𝕜𝕚𝕝𝕝 𝕪𝕠𝕦𝕣𝕤𝕖𝕝𝕗',
    '🅺🅸🅻🅻 yourself',
    'k\u200dill your\u2060self',
    'кill yоursеlf',
    'k!ll y0ur$elf',
    'KILLYOURSELF',
    'kiiiill yourself',
  ])('%s', (text) => {
    expect(findToxicSpans(text).map(({ hazard }) => hazard)).toContain('self_harm');
  });

  test('we’ll and they’ll say as much as I’ll', () => {
    expect(scoreToxicity("we'll kill you").scores.violence).toBeGreaterThan(0.5);
  });
});

describe('other languages', () => {
  test.each([
    ['putain de merde', 'fr'],
    ['du Arschloch', 'de'],
    ['hijo de puta', 'es'],
    ['vaffanculo', 'it'],
    ['caralho', 'pt'],
    ['kurwa', 'pl'],
    ['блядь', 'ru'],
    ['siktir git', 'tr'],
    ['شرموطة', 'ar'],
    ['操你妈', 'zh'],
    ['씨발놈아', 'ko'],
    ['マザー・ファッカー', 'ja'],
  ] as const)('%s', (text, language) => {
    const [hit] = findToxicSpans(text);
    expect(hit?.rule).toMatch(new RegExp(`^profanity\\.${language}\\.`));
    expect(findToxicSpans(text, { languages: [] })).toEqual([]);
  });

  test('the span is told in the text as it was given', () => {
    const text = 'Das ist Ｓｃｈｅｉße hier';
    const [hit] = findToxicSpans(text);
    expect(text.slice(hit?.sourceStart, hit?.sourceEnd)).toBe('Ｓｃｈｅｉße');
  });

  test.each(['보지 마세요', '시발점', '性能', '操场', '女の子の日', 'Fahrt'])(
    '%s is harmless',
    (text) => {
      expect(findToxicSpans(text)).toEqual([]);
    },
  );
});
