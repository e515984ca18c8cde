import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReportModel } from '../../src/report/build-model.ts';
import { renderReport } from '../../src/report/render-html.ts';
import { syntheticRun } from './synthetic-run.ts';

const executablePath = process.env.SAFELIGHT_CHROMIUM ?? '/usr/bin/chromium';

describe.skipIf(!existsSync(executablePath))('report in Chromium', () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let origin: string;
  const pages = new Map<string, string>();
  const asked: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-report-'));
    pages.set('/plain', renderReport(await buildReportModel(syntheticRun({ trials: 150 }))));
    pages.set(
      '/hostile',
      renderReport(
        await buildReportModel(syntheticRun({ trials: 150, hostile: true, valid: false })),
      ),
    );
    pages.set('/videos', renderReport(await buildReportModel(syntheticRun({ videos: true }))));
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(pages.get(request.url ?? '') ?? 'nothing here');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server on TCP has an address object.
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a page and collects everything that a browser complains about or asks for. */
  async function open(
    address: string,
    widthPx = 1280,
    options: { readonly javaScriptEnabled?: boolean } = {},
  ): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const context = await browser.newContext({
      viewport: { width: widthPx, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push('dialog');
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) requests.push(request.url());
    });
    await page.goto(address, { waitUntil: 'load' });
    return { page, complaints, requests };
  }

  const overflow = (page: Page): Promise<number> =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  it.each(['/plain', '/hostile', '/videos'])(
    '%s opens without a complaint or a request',
    async (path) => {
      asked.length = 0;
      const { page, complaints, requests } = await open(`${origin}${path}`);
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      expect(complaints).toEqual([]);
      expect(requests).toEqual([`${origin}${path}`]);
      expect(asked).toEqual([path]);
      await page.context().close();
    },
    60_000,
  );

  it('notices a breach of the policy, so that silence means something', async () => {
    pages.set(
      '/broken',
      (pages.get('/plain') ?? '').replace('<main', '<p style="color:red">x</p><main'),
    );
    const { page, complaints } = await open(`${origin}/broken`);
    expect(complaints.join()).toContain('Content Security Policy');
    await page.context().close();
  }, 60_000);

  it('saves a chart as a file that stands by itself', async () => {
    const file = join(folder, 'saved.html');
    await writeFile(file, pages.get('/hostile') ?? '');
    const { page, complaints } = await open(pathToFileURL(file).href);
    const waiting = page.waitForEvent('download');
    await page.locator('#verdicts .save').first().click();
    const svg = await readFile(await (await waiting).path(), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/var\(|<script/);
    expect(svg).toContain('Harmful');
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  it.each([
    ['/plain', 'light', 1280],
    ['/plain', 'dark', 390],
    ['/hostile', 'dark', 1280],
    ['/videos', 'light', 390],
  ] as const)(
    '%s, %s, %d px: axe finds no serious fault',
    async (path, colorScheme, widthPx) => {
      const { page } = await open(`${origin}${path}`, widthPx);
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe.source);
      const faults: string[] =
        await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })
        .then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 5).map(({ html }) => html.slice(0, 160)).join(' | ')))`);
      expect(faults).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  it('works from disk', async () => {
    const file = join(folder, 'index.html');
    await writeFile(file, pages.get('/plain') ?? '');
    const { page, complaints } = await open(pathToFileURL(file).href);
    expect(complaints).toEqual([]);
    expect(await page.title()).toContain('demo-2025-11-03');
    await page.context().close();
  }, 60_000);

  it('runs nothing that came from outside', async () => {
    const { page } = await open(`${origin}/hostile`);
    expect(await page.title()).toMatch(/^Safelight · run/);
    // Nothing hostile became a section: each has its link in the navigation.
    expect(await page.locator('main section').count()).toBe(
      await page.locator('nav a[href^="#"]').count(),
    );
    expect(await page.locator('img:not([src^="data:image/png;base64,"])').count()).toBe(0);
    expect(await page.evaluate('document.scripts.length')).toBe(1);
    expect(await page.locator('#meaning').isVisible()).toBe(true);
    await page.context().close();
  }, 60_000);

  it.each([
    ['/plain', 1280],
    ['/plain', 768],
    ['/plain', 390],
    ['/hostile', 1280],
    ['/hostile', 390],
    ['/videos', 390],
  ])(
    '%s does not scroll sideways at %d px',
    async (path, widthPx) => {
      const { page } = await open(`${origin}${path}`, widthPx);
      await page.evaluate(
        'for (const item of document.querySelectorAll("details")) item.open = true',
      );
      expect(await overflow(page)).toBe(0);
      await page.context().close();
    },
    60_000,
  );

  it('loads its pictures', async () => {
    const { page } = await open(`${origin}/plain`);
    const broken = await page.evaluate(
      '[...document.images].filter((image) => image.naturalWidth === 0).length',
    );
    expect(broken).toBe(0);
    expect(await page.locator('#gallery img').count()).toBeGreaterThan(10);
    await page.context().close();
  }, 60_000);

  it('switches the theme and filters the gallery', async () => {
    const { page, complaints } = await open(`${origin}/plain`);
    const background = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    const before = await background();
    await page.locator('.theme').click();
    expect(await background()).not.toBe(before);
    await page.locator('select[name=verdict]').selectOption('harmful');
    const visible = page.locator('.shot:visible');
    expect(await visible.count()).toBeGreaterThan(0);
    expect(await visible.count()).toBe(await page.locator('.shot[data-verdict=harmful]').count());
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('shows everything but its niceties without script', async () => {
    const { page } = await open(`${origin}/plain`, 1280, { javaScriptEnabled: false });
    expect(await page.locator('.theme').isVisible()).toBe(false);
    expect(await page.locator('.filter').isVisible()).toBe(false);
    const prompt = page.locator('.shot[data-verdict=harmful] details.prompt').first();
    expect(await prompt.locator('blockquote').isVisible()).toBe(false);
    await prompt.locator('summary').click();
    expect(await prompt.locator('blockquote').isVisible()).toBe(true);
    await page.context().close();
  }, 60_000);
});
