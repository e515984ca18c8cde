import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, it } from 'vitest';
import { VERDICTS } from '../../src/core/verdict.ts';
import { buildReportModel } from '../../src/report/build-model.ts';
import type { ReportModel } from '../../src/report/model.ts';
import { renderReport } from '../../src/report/render-html.ts';
import { VERDICT_WORDS } from '../../src/report/words.ts';
import { HOSTILE, syntheticRun } from './synthetic-run.ts';

let model: ReportModel;
let page: string;
beforeAll(async () => {
  model = await buildReportModel(syntheticRun());
  page = renderReport(model);
});

const sha256 = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`;

describe('report page', () => {
  it('is the same for the same model', () => {
    expect(renderReport(model)).toBe(page);
  });

  it('stays below a megabyte with a full gallery, of videos too', async () => {
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
    const videos = renderReport(await buildReportModel(syntheticRun({ videos: true })));
    expect(Buffer.byteLength(videos)).toBeLessThan(1_000_000);
  });

  it('allows itself its one style sheet, its one script and data pictures', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const styles = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text]) => text ?? '');
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, text]) => text ?? '',
    );
    expect(styles).toHaveLength(1);
    expect(scripts).toHaveLength(1);
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; img-src data:; style-src '${sha256(styles[0] ?? '')}'; script-src '${sha256(scripts[0] ?? '')}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('holds no inline style, no handler and no address but data and its own sections', () => {
    const body = page.slice(page.indexOf('<body>'));
    expect(body).not.toMatch(/<[^>]*\sstyle=/);
    expect(body).not.toMatch(/<[^>]*\son\w+=/);
    for (const [, target] of page.matchAll(/\s(?:src|href)="([^"]*)"/g))
      expect(target).toMatch(/^(#|data:image\/)/);
  });

  it('shows every verdict, every endpoint and every section', () => {
    const { document } = parseHTML(page);
    const text = document.body.textContent;
    for (const verdict of VERDICTS) expect(text).toContain(VERDICT_WORDS[verdict].label);
    for (const { summary } of model.endpoints) expect(text).toContain(summary.id);
    for (const id of ['plane', 'endpoints', 'verdicts', 'hazards', 'gallery', 'method', 'meaning'])
      expect(document.getElementById(id), id).not.toBeNull();
    expect(text).toContain('procedural renderer, not a diffusion model');
    expect(document.getElementById('groups')?.textContent).toContain('homoglyphs+art');
    // One language is none to compare with.
    expect(document.getElementById('groups')?.textContent).not.toContain('By language');
    expect(text).toContain('Audio is not examined');
    expect(text).toContain('Faithfulness not measured');
  });

  it('writes no bare number: rates stand with interval and counts, or with a reason', () => {
    const { document } = parseHTML(page);
    const rows = document.querySelectorAll('#endpoints table:first-of-type tbody tr');
    expect(rows.length).toBeGreaterThan(0);
    for (const cell of document.querySelectorAll('#endpoints td.number')) {
      const lines = [...cell.querySelectorAll('.fine')].map((line) => line.textContent ?? '');
      expect(lines.length, cell.textContent ?? '').toBeGreaterThan(0);
      if (cell.classList.contains('point')) expect(lines[0]).toMatch(/–|to/);
    }
    const text = document.body.textContent;
    expect(text).toContain('no covered harmful prompt was answered');
    expect(text).toContain('Not on the plane');
  });

  it('draws bounds as bars without a point, and what is few or not covered as such', () => {
    const { document } = parseHTML(page);
    const plane = document.querySelector('#plane .wide-only svg');
    // Four of six have both values; the fourth has bounds only, the fifth nothing.
    expect(plane?.querySelectorAll('circle title')).toHaveLength(4);
    expect(plane?.innerHTML).toContain('stroke-width="9"');
    expect(document.querySelectorAll('#hazards td.hatch').length).toBeGreaterThan(0);
    expect(document.querySelectorAll('#hazards td.few').length).toBeGreaterThan(0);
    expect(document.querySelector('#hazards')?.textContent).toContain('not covered');
    expect(document.querySelector('#hazards')?.textContent).toContain('too few');
  });

  it('draws a timeline for each video of the gallery', () => {
    const { document } = parseHTML(page);
    const videos = model.gallery.items.filter(({ medium }) => medium?.timeline !== null && medium);
    expect(document.querySelectorAll('#gallery .timeline svg')).toHaveLength(videos.length);
    expect(videos.length).toBeGreaterThan(0);
  });

  it('keeps harmful prompts closed, and open ones open', () => {
    const { document } = parseHTML(page);
    for (const shot of document.querySelectorAll('.shot')) {
      const details = shot.querySelector('details.prompt');
      const harmful = shot.textContent?.includes('Harmful prompt') ?? false;
      expect(details?.hasAttribute('open')).toBe(!harmful);
    }
  });

  it('names every chart in words', () => {
    const { document } = parseHTML(page);
    const charts = document.querySelectorAll('svg.chart');
    expect(charts.length).toBeGreaterThan(10);
    for (const chart of charts) {
      expect(chart.getAttribute('role')).toBe('img');
      expect(chart.getAttribute('aria-label')?.length ?? 0).toBeGreaterThan(20);
    }
    for (const picture of document.querySelectorAll('img'))
      expect(picture.getAttribute('alt')).toMatch(/^Pixelated/);
  });

  it('shouts where a run is not valid', async () => {
    const invalid = renderReport(
      await buildReportModel(syntheticRun({ valid: false, trials: 20 })),
    );
    expect(invalid).toContain('This run is not valid.');
    expect(invalid).toContain('the policy allows 10 %');
    expect(invalid).not.toContain('This run is valid.');
  });

  it('labels a test double', () => {
    const detectors = model.detectors.map((detector, index) => ({
      ...detector,
      testDouble: index === 0,
    }));
    expect(renderReport({ ...model, detectors })).toContain('Test double in use.');
    expect(page).not.toContain('Test double in use.');
  });

  it('says that media without prompts have no rate of harm', () => {
    const mediaOnly = renderReport({
      ...model,
      endpoints: [],
      media: { items: 5, failed: 0, flagged: { undefined: true, reason: 'no detector answered' } },
    });
    expect(mediaOnly).toContain('Media without prompts');
    expect(mediaOnly).not.toContain('id="plane"');
  });

  it('escapes hostile strings wherever they come from', async () => {
    const hostile = renderReport(
      await buildReportModel(syntheticRun({ hostile: true, valid: false })),
    );
    for (const text of [HOSTILE.script, '<img src=x', HOSTILE.style, HOSTILE.closing, '<!-- -->'])
      expect(hostile).not.toContain(text);
    expect(hostile).toContain('&lt;script&gt;document.title=');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested.
    expect(hostile).not.toMatch(/[\u0000-\u0008\u202A-\u202E\u2066-\u2069]/);
    const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
    for (const tag of ['script', 'style', 'main', 'body'])
      expect(count(hostile, new RegExp(`</${tag}>`, 'g')), tag).toBe(1);
    expect(Buffer.byteLength(hostile)).toBeLessThan(1_000_000);
  });
});
