import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from '../cli/in-process.ts';
import { makeTestFolder } from '../cli/test-folder.ts';
import { drawScene, fill, toSharp } from '../media/made-media.ts';

const executablePath = process.env.SAFELIGHT_CHROMIUM ?? '/usr/bin/chromium';
const folder = await makeTestFolder();
const out = join(folder, 'audits', 'looked-at');

/** Every section that a page can have: both sides, all combinations, perturbations and searches. */
const PIPELINE = `
name: looked-at
filters:
  - { id: blank, use: pixel-screen, threshold: 0.9 }
  - { id: sexual, use: nsfwjs }
  - { id: rules, use: toxicity }
  - { id: words, use: word-list, file: words.txt, hazards: [violence, hate] }
prompts: [paired-violence]
media:
  - { folder: labelled, madeBy: generated }
  - { folder: labelled, source: second, madeBy: real, hazard: sexual }
ensembles: [{ id: either, of: [rules, words] }]
cascades: [{ id: stages, first: rules, second: words, from: 0.1, to: 0.9 }]
robustness: { families: 10, media: ["jpeg:30", flip], prompts: [leet] }
search: { pixels: [{ epsilon: 8, budget: 3, samples: 1 }], prompts: { budget: 3, samples: 3 } }
`;

beforeAll(async () => {
  for (const label of ['safe', 'unsafe']) {
    await mkdir(join(folder, 'labelled', label), { recursive: true });
    for (let at = 0; at < 3; at += 1) {
      const picture = label === 'safe' ? drawScene(64, 48, at) : fill(64, 48, [0, 0, 0]);
      await toSharp(picture)
        .png()
        .toFile(join(folder, 'labelled', label, `${at}.png`));
    }
  }
  await writeFile(join(folder, 'words.txt'), 'kill\nblood\n');
  await writeFile(join(folder, 'audit.yaml'), PIPELINE);
  const ended = await inProcess(['audit', 'audit.yaml', '--out', out], folder);
  expect(ended.exitCode).toBe(0);
  for (const title of [
    'By hazard',
    'Twins',
    'Slices',
    'Differences',
    'Robustness',
    'Searched for',
  ]) {
    expect(ended.stdout).toContain(title);
  }
}, 120_000);

describe.skipIf(!existsSync(executablePath))('audit page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  }, 60_000);
  afterAll(() => browser?.close());

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)(
    '%s px, %s: fits, asks for nothing, and axe finds nothing',
    async (width, colorScheme) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme,
        bypassCSP: true,
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!/^(data|file):/.test(request.url())) complaints.push(request.url());
      });
      await page.goto(pathToFileURL(join(out, 'index.html')).href);
      expect(complaints).toEqual([]);
      expect(
        await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        ),
      ).toBe(0);
      await page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = true; })",
      );
      await page.evaluate(axe.source);
      const found: { violations: { id: string; impact: string; nodes: { html: string }[] }[] } =
        await page.evaluate('axe.run()');
      expect(
        found.violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`),
      ).toEqual([]);
      expect(await page.evaluate("document.querySelectorAll('td.hatch').length")).toBeGreaterThan(
        0,
      );
      await context.close();
    },
    60_000,
  );
});

it('holds no prompt, and pictures only as blocks', async () => {
  const page = await readFile(join(out, 'index.html'), 'utf8');
  const found = await readFile(join(out, 'found-prompts.jsonl'), 'utf8').catch(() => '');
  for (const line of found.split('\n').filter((one) => one !== '')) {
    expect(page).not.toContain(JSON.parse(line).text);
  }
  const pictures = [...page.matchAll(/data:image\/png;base64,([^"]+)/g)];
  expect(pictures.length).toBeGreaterThan(0);
  for (const [, data = ''] of pictures) {
    const bytes = Buffer.from(data, 'base64');
    expect(Math.max(bytes.readUInt32BE(16), bytes.readUInt32BE(20))).toBeLessThanOrEqual(12);
  }
});
