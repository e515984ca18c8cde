import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRun } from './made-run.ts';
import { endAll, signIn, start } from './start-viewer.ts';

const executablePath = process.env.SAFELIGHT_CHROMIUM ?? '/usr/bin/chromium';
const root = join(import.meta.dirname, '../..');

let folder: string;
let run: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-viewer-'));
  run = join(folder, 'made');
  await makeRun(run, { trials: 160 });
}, 240_000);

afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true });
});

describe('viewer', () => {
  let address: URL;
  let cookie: string;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(new URL(path, address), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: address.origin, cookie, ...headers },
      body: JSON.stringify(body),
    });

  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into as a page would.
  const askJson = async (path: string, body: unknown): Promise<any> =>
    (await post(path, body)).json();

  beforeAll(async () => {
    address = new URL(await start('serve', folder));
    cookie = await signIn(address.href);
  });

  it('tells nothing without its cookie, to another page or for a wrong token', async () => {
    expect((await post('/api/start', {}, { cookie: '' })).status).toBe(401);
    expect((await post('/api/start', {}, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await fetch(new URL('/?token=wrong', address))).status).toBe(401);
    expect((await post('/api/start', {})).status).toBe(200);
  });

  it('filters, sorts and pages', async () => {
    const body = { run: 'made', filter: { intent: 'harmful' }, sort: 'score', descending: true };
    const page = await askJson('/api/list', body);
    expect(page.total).toBeGreaterThan(0);
    expect(page.rows.every((row: { intent: string }) => row.intent === 'harmful')).toBe(true);
    const hostile = { run: 'made', filter: { text: "'; DROP TABLE trials; --\0" } };
    expect((await askJson('/api/list', hostile)).total).toBe(0);
    expect((await askJson('/api/list', { run: 'made', filter: {} })).total).toBeGreaterThan(
      page.total,
    );
  });

  it('shows a medium only after a recorded reveal, within the limit', async () => {
    const { rows } = await askJson('/api/list', {
      run: 'made',
      filter: { modality: 'image', intent: 'control' },
    });
    const row = rows.find(({ media }: { media: string | null }) => media !== null);
    const place = `made/${row.id}/${row.media}`;
    const get = (path: string) => fetch(new URL(path, address), { headers: { cookie } });
    expect((await get(`/preview/${place}`)).headers.get('content-type')).toBe('image/png');
    expect((await get(`/media/${place}`)).status).toBe(403);
    const reveal = { run: 'made', trial: row.id, mediaSha256: row.media, limit: 1, who: 'ann' };
    expect((await post('/api/reveal', reveal)).status).toBe(200);
    expect((await get(`/media/${place}`)).headers.get('cache-control')).toBe('no-store');
    const lines = (await readFile(join(run, 'reveals.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { who: 'ann', trialId: row.id, mediaSha256: row.media },
    ]);
    const other = rows.find(
      ({ media }: { media: string | null }) => media !== null && media !== row.media,
    );
    const more = await post('/api/reveal', {
      ...reveal,
      trial: other.id,
      mediaSha256: other.media,
    });
    expect(more.status).toBe(429);
    expect((await get(`/media/made/${row.id}/../../journal.jsonl`)).status).toBe(404);
  });

  it('refuses another host and a listener without password', async () => {
    await expect(start('serve', folder, '--host', '0.0.0.0')).rejects.toThrow('password');
  });
});

describe.skipIf(!existsSync(executablePath))('viewer in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  }, 120_000);
  afterAll(async () => browser?.close());

  async function open(address: string, width = 1280): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(address).origin) faults.push(request.url());
    });
    await page.goto(address);
    return { page, faults };
  }

  /** Script, markup, marks of direction, nulls and very long texts in every field. */
  async function hostileRun(): Promise<string> {
    const path = join(folder, 'hostile');
    await makeRun(path, { trials: 60, hostile: true });
    return path;
  }

  it.each([
    { width: 1280, what: 'an ordinary run' },
    { width: 390, what: 'an ordinary run' },
    { width: 390, what: 'a hostile run' },
  ])(
    'every view of $what holds at $width pixels, with no serious fault',
    async ({ width, what }) => {
      const served = what === 'a hostile run' ? await hostileRun() : run;
      const { page, faults } = await open(await start('serve', served), width);
      await page.waitForSelector('tbody tr');
      expect(page.url()).not.toContain('token');
      for (const view of ['list', 'compare', 'threshold', 'trial']) {
        if (view === 'trial')
          await page.click('nav.tabs a[href="#list"]').then(() => page.click('tbody a'));
        else await page.click(`nav.tabs a[href="#${view}"]`);
        await page.waitForSelector(view === 'trial' ? 'article h2' : 'tbody tr');
        expect(await page.title()).toBe('Safelight');
        expect(await page.locator('img[src="x"], main script, main style').count()).toBe(0);
        const cut = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await page.evaluate(cut), view).toBe(0);
        const shots = process.env.SAFELIGHT_SCREENSHOTS;
        if (shots)
          await page.screenshot({ path: join(shots, `${view}-${width}.png`), fullPage: true });
        await page.evaluate(await readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'));
        const found: { id: string; impact: string }[] = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id, impact }) => ({ id, impact })))',
        );
        const grave = found.filter(({ impact }) => /serious|critical/.test(impact));
        expect(grave, view).toEqual([]);
      }
      expect(faults).toEqual([]);
      await page.context().close();
    },
    120_000,
  );

  it('takes the labels of two people by keyboard alone, and then tells how they agree', async () => {
    const journal = (await readFile(join(run, 'journal.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const runId = journal[0].runId;
    const queue = join(folder, 'queue.jsonl');
    const items = journal
      .filter(({ type, outcome }) => type === 'generated' && outcome.kind === 'media')
      .slice(0, 50);
    for (const { trial, outcome } of items) {
      await appendFile(
        queue,
        `${JSON.stringify({ runId, trialId: trial.id, mediaSha256: outcome.media[0].sha256, stratum: 'all', samplingWeight: 2 })}\n`,
      );
    }
    for (const who of ['ann', 'bob']) {
      const { page, faults } = await open(await start('label', run, '--queue', queue));
      await page.waitForSelector('main input');
      for (let steps = 0; steps < 20; steps += 1) {
        if (await page.evaluate("document.activeElement.closest('main') !== null")) break;
        await page.keyboard.press('Tab');
      }
      await page.keyboard.type(who);
      await page.keyboard.press('Enter');
      await page.waitForSelector('kbd');
      expect(await page.textContent('main')).not.toContain('sandbox-');
      for (let at = 0; at < 50; at += 1) {
        // Not by a function in the page: its policy evaluates no text.
        await page.locator('h2', { hasText: new RegExp(`^Item ${at + 1}\\b`) }).waitFor();
        await page.locator('button:disabled').waitFor({ state: 'detached' });
        if (at === 0) {
          // Said, taken back and said otherwise, with the prompt looked at: all by keyboard.
          for (const key of ['p', 'q', 'w', 'y', 'y', 'x']) await page.keyboard.press(key);
          await page.locator('blockquote').waitFor();
          expect(await page.locator('[aria-pressed=true]').allTextContents()).toEqual([
            'w moderate',
            'x shows something else',
          ]);
        } else expect(await page.locator('[aria-pressed=true]').count()).toBe(0);
        await page.keyboard.press(
          who === 'ann' ? String((at % 3) + 1) : String(((at + (at % 10 === 0 ? 1 : 0)) % 3) + 1),
        );
      }
      await page.waitForSelector('h2:text("Done")');
      expect(await page.locator('.agreement').count()).toBe(who === 'ann' ? 0 : 1);
      expect(faults).toEqual([]);
      await page.context().close();
    }
    const labels = (await readFile(join(run, 'labels.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(labels).toHaveLength(100);
    expect(labels.filter(({ severity }) => severity !== undefined)).toMatchObject([
      { labeller: 'ann', label: 'harmful', severity: 'moderate', faithful: false },
      { labeller: 'bob', label: 'borderline', severity: 'moderate', faithful: false },
    ]);
    expect(
      labels.every(({ blind, samplingWeight }) => blind === true && samplingWeight === 2),
    ).toBe(true);
  }, 120_000);
});
