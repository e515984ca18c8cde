import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Carrier, HAZARD_IDS, type HazardId } from '../../src/core/hazard.ts';
import { SEVERITIES } from '../../src/core/prompt.ts';
import type { Rate } from '../../src/core/rate.ts';
import { readTaxonomy } from '../../src/suites/manifest.ts';
import { mapSummary } from '../../src/suites/map-summary.ts';
import { type Crosswalk, parseCrosswalk } from '../../src/suites/taxonomy.ts';

const root = fileURLToPath(new URL('../../prompts', import.meta.url));
let text: string;
let crosswalk: Crosswalk;

beforeAll(async () => {
  text = await readFile(`${root}/crosswalk.yaml`, 'utf8');
  crosswalk = parseCrosswalk(text, 'crosswalk.yaml');
});

/** The edges as they were first agreed on: categories by hazard, `~` where only partial. */
const AGREED: Readonly<Record<string, Readonly<Partial<Record<HazardId, string>>>>> = {
  ailuminate: {
    sexual: 'sxc src~',
    violence: 'vcr~',
    hate: 'hte',
    harassment: 'ncr~',
    self_harm: 'ssh',
    illegal: 'ncr iwp',
    political: 'spc_ele',
    deception: 'dfm ncr~',
    ip: 'ipv',
    privacy: 'prv',
    child_safety: 'cse',
    extremism: 'vcr~ hte~',
    health_spam: 'spc_hlt',
  },
  llama_guard: {
    sexual: 'S12 S3~',
    violence: 'S1~',
    hate: 'S10',
    harassment: 'S2~',
    self_harm: 'S11',
    illegal: 'S2 S9',
    political: 'S13',
    deception: 'S5',
    ip: 'S8',
    privacy: 'S7',
    child_safety: 'S4',
    extremism: 'S1~',
    health_spam: 'S6',
  },
  t2vsafetybench: {
    sexual: '1 2',
    violence: '3 4',
    hate: '7',
    shocking: '5',
    illegal: '10',
    political: '8 11',
    deception: '6 11',
    ip: '9',
    privacy: '6~',
  },
  air_2024: {
    sexual: '5',
    violence: '3',
    hate: '4 14',
    harassment: '4',
    profanity: '4',
    self_harm: '7',
    shocking: '3',
    illegal: '16',
    political: '8',
    deception: '10 11 12',
    privacy: '15',
    child_safety: '6',
    extremism: '3',
    health_spam: '2',
  },
  overt: {
    sexual: 'sexual_content',
    violence: 'violence',
    hate: 'discrimination',
    self_harm: 'self_harm',
    illegal: 'illegal_activities unethical_unsafe_action~',
    deception: 'privacy_public',
    ip: 'copyright_violations',
    privacy: 'privacy_individual',
  },
  omni_moderation: {
    sexual: 'sexual',
    violence: 'violence violence/graphic',
    hate: 'hate hate/threatening',
    harassment: 'harassment harassment/threatening',
    self_harm: 'self-harm self-harm/intent self-harm/instructions',
    shocking: 'violence/graphic~',
    illegal: 'illicit illicit/violent',
    child_safety: 'sexual/minors',
  },
};

describe('the taxonomy', () => {
  it('says of each hazard what is in and what is out, and grades all but child safety', async () => {
    const taxonomy = await readTaxonomy(`${root}/taxonomy.yaml`);
    for (const { id, inScope, outOfScope, severity } of taxonomy.hazards) {
      expect(inScope, id).toMatch(/^[A-Z].+\.$/);
      expect(outOfScope, id).toMatch(/^[A-Z].+\.$/);
      if (id === 'child_safety') expect(severity).toBeUndefined();
      else expect(Object.keys(severity ?? {}), id).toEqual([...SEVERITIES]);
    }
    expect(crosswalk.taxonomy).toBe(taxonomy.version);
  });
});

describe('the crosswalk', () => {
  it('holds every hazard under the twelve taxonomies', () => {
    expect(Object.keys(crosswalk.taxonomies)).toHaveLength(12);
    for (const hazard of HAZARD_IDS) {
      expect(Object.keys(crosswalk.hazards[hazard])).toEqual(Object.keys(crosswalk.taxonomies));
    }
  });

  it.each(Object.keys(AGREED))('has the agreed edges to %s', (taxonomy) => {
    for (const hazard of HAZARD_IDS) {
      const agreed = (AGREED[taxonomy]?.[hazard] ?? '').split(' ').filter(Boolean);
      const edges = (crosswalk.hazards[hazard][taxonomy] ?? []).filter(
        ({ type }) => type !== 'none',
      );
      const names = edges.flatMap((edge) => ('to' in edge ? [edge.to] : []));
      expect(names, hazard).toEqual(agreed.map((one) => one.replace('~', '')));
      for (const one of agreed.filter((item) => item.endsWith('~'))) {
        const edge = edges.find((item) => 'to' in item && `${item.to}~` === one);
        expect(edge?.type, `${hazard} ${one}`).toBe('partial');
      }
    }
  });

  it.each([
    ['a missing entry', /^ {4}overt:\n.*\n.*\n/m, '', 'hazards.sexual has no entry for "overt"'],
    [
      'an unknown taxonomy',
      /^ {4}overt:/m,
      '    overrt:',
      'unknown key "overrt" in hazards.sexual',
    ],
    ['an unknown category', 'to: sxc', 'to: sxd', 'unknown category "sxd"'],
    ['a partial edge without a note', /^ {8}note: Counts crimes[\s\S]*?(?= {4}llama)/m, '', 'note'],
    ['an unknown key', '      - type: exact\n', '      - type: exact\n        why: so\n', '"why"'],
    ['a category twice', 'to: src', 'to: sxc', '"sxc" is named twice'],
    ['an unknown hazard', /^ {2}violence:/m, '  violance:', 'viol'],
    [
      'none beside others',
      '      - type: exact\n',
      '      - type: none\n      - type: exact\n',
      '"none"',
    ],
  ])('rejects %s with file and line', (_what, from, to, problem) => {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(() => parseCrosswalk(changed, 'mine.yaml')).toThrow(/^mine\.yaml:\d+: /);
    expect(() => parseCrosswalk(changed, 'mine.yaml')).toThrow(problem);
  });
});

describe('mapSummary', () => {
  const rate = (numerator: number, denominator: number, undecided = 0): Rate => ({
    numerator,
    denominator,
    rate: numerator / denominator,
    ciLow: 0,
    ciHigh: 1,
    boundLow: numerator / denominator,
    boundHigh: (numerator + undecided) / denominator,
    method: 'wilson',
  });
  const row = (hazard: HazardId, carrier: Carrier, harm: Rate, overRefusal: Rate) => ({
    hazard,
    carrier,
    covered: !('undefined' in harm),
    harm,
    overRefusal,
  });
  const rows = [
    row('sexual', 'visual', rate(1, 10), rate(2, 10)),
    row('hate', 'visual', rate(3, 10, 1), rate(4, 20)),
    row('hate', 'text', rate(1, 30, 3), { undefined: true, reason: 'none was sent' }),
    row('illegal', 'visual', rate(5, 10), rate(5, 10)),
    row('extremism', 'visual', rate(7, 10), rate(7, 10)),
    row('shocking', 'visual', rate(9, 10), rate(9, 10)),
    row('ip', 'sequence', { undefined: true, reason: 'not covered' }, rate(1, 4)),
  ];

  it('counts over exact and broader edges alone, and adds carriers up', () => {
    const mapped = mapSummary(rows, crosswalk, 'ailuminate');
    expect(mapped.categories.map(({ id, harm, overRefusal }) => [id, harm, overRefusal])).toEqual([
      ['ipv', null, { numerator: 1, denominator: 4, boundLow: 0.25, boundHigh: 0.25 }],
      [
        'hte',
        { numerator: 4, denominator: 40, boundLow: 0.1, boundHigh: 0.2 },
        { numerator: 4, denominator: 20, boundLow: 0.2, boundHigh: 0.2 },
      ],
      [
        'sxc',
        { numerator: 1, denominator: 10, boundLow: 0.1, boundHigh: 0.1 },
        { numerator: 2, denominator: 10, boundLow: 0.2, boundHigh: 0.2 },
      ],
    ]);
  });

  it('lists what cannot be mapped and why, and every edge it did not follow', () => {
    const mapped = mapSummary(rows, crosswalk, 'ailuminate');
    expect(mapped.unmapped.map(({ row: { hazard }, reason }) => [hazard, reason])).toEqual([
      ['illegal', 'split'],
      ['extremism', 'partial'],
      ['shocking', 'none'],
    ]);
    expect(mapped.notFollowed.map(({ hazard, type, to }) => `${hazard} ${type} ${to}`)).toEqual([
      'sexual partial src',
      'illegal narrower ncr',
      'illegal narrower iwp',
      'extremism partial vcr',
      'extremism partial hte',
    ]);
    expect(mapped.notMeasured.map(({ id }) => id)).toContain('ncr');
  });

  it.each(['ailuminate', 'aegis_2', 't2vsafetybench', 'overt', 'qwen3guard'])(
    'loses no row under %s',
    (to) => {
      const { categories, unmapped } = mapSummary(rows, crosswalk, to);
      const seen = new Set([
        ...categories.flatMap(({ from }) => from.map((one) => `${one.hazard}/${one.carrier}`)),
        ...unmapped.map((one) => `${one.row.hazard}/${one.row.carrier}`),
      ]);
      expect(seen.size).toBe(rows.length);
    },
  );

  it('names the categories of a carrier without counting in them', () => {
    const { notFollowed, categories } = mapSummary(rows, crosswalk, 't2vsafetybench');
    expect(notFollowed.filter((edge) => edge.of === 'carrier').map(({ to }) => to)).toEqual([
      '12',
      '13',
      '14',
    ]);
    expect(categories.map(({ id }) => id)).not.toContain('12');
  });

  it('does not know other taxonomies, but the nearest name', () => {
    expect(() => mapSummary(rows, crosswalk, 'ailluminate')).toThrow(
      expect.objectContaining({ code: 'taxonomy_unknown', hint: 'Did you mean "ailuminate"?' }),
    );
    expect(() => mapSummary(rows, crosswalk, 'constructor')).toThrow('no taxonomy "constructor"');
  });
});

describe('the risk cards', () => {
  const folder = fileURLToPath(new URL('../../docs/hazards', import.meta.url));

  it('are one for each hazard', async () => {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.md'));
    expect(files.sort()).toEqual(HAZARD_IDS.map((id) => `${id}.md`).sort());
  });

  it.each(HAZARD_IDS)('say of %s what taxonomy and crosswalk say', async (id) => {
    const card = await readFile(`${folder}/${id}.md`, 'utf8');
    const { hazards } = await readTaxonomy(`${root}/taxonomy.yaml`);
    const hazard = hazards.find((one) => one.id === id);
    expect(card.startsWith(`# ${hazard?.title}\n`)).toBe(true);
    expect(card.match(/^## .*/gm)).toEqual([
      '## Description',
      '## Categorisation',
      '## Who is harmed, and how',
      '## What it takes',
      '## How far a measurement reaches',
      '## References',
    ]);
    const flowing = card.replace(/\s+/g, ' ').toLowerCase();
    expect(flowing).toContain(hazard?.definition.toLowerCase());
    for (const part of [hazard?.inScope, hazard?.outOfScope, hazard?.benignNeighbour]) {
      expect(flowing).toContain(part?.toLowerCase());
    }
    for (const text of Object.values(hazard?.severity ?? {})) expect(card).toContain(`| ${text} |`);
    for (const [taxonomy, { title }] of Object.entries(crosswalk.taxonomies)) {
      const row = card.split('\n').find((line) => line.startsWith(`| ${title} | `));
      const cell = row?.slice(`| ${title} | `.length, -' |'.length);
      const edges = crosswalk.hazards[id][taxonomy] ?? [];
      const linked = edges.flatMap((edge) => ('to' in edge ? [edge] : []));
      expect(cell?.split('; ').length ?? 0, taxonomy).toBe(linked.length);
      for (const [index, edge] of linked.entries()) {
        const said = cell?.split('; ')[index] ?? '';
        expect(said.startsWith(edge.to) && said.endsWith(`(${edge.type})`), said).toBe(true);
      }
    }
  });
});
