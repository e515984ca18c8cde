// Size of the page, time to build and to open it, and memory of an export, over 200,000 made-up trials.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { buildReportModel } from '../dist/report/build-model.js';
import { csvLines } from '../dist/report/export/csv.js';
import { writeParquet } from '../dist/report/export/parquet.js';
import { trialColumns } from '../dist/report/export/trial-columns.js';
import { renderReport } from '../dist/report/render-html.js';
import { syntheticRun } from './synthetic-run.mjs';

const TRIALS = 200_000;
const ENDPOINTS = 6;
const LIMIT_BYTES = 3e6;
const LIMIT_OPEN_MS = 1000;
/** What an export may add to the memory that the made-up trials themselves take. */
const LIMIT_EXPORT_MB = 300;
const LOADS = 5;

const folder = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
try {
  const run = syntheticRun({ trials: Math.ceil(TRIALS / ENDPOINTS) });
  const trials = [];
  for await (const trial of run.trials) trials.push(trial);
  async function* stream() {
    yield* trials;
  }
  let started = performance.now();
  const page = renderReport(await buildReportModel({ ...run, trials: stream() }));
  const buildSeconds = (performance.now() - started) / 1000;
  const bytes = Buffer.byteLength(page);
  const file = join(folder, 'index.html');
  await writeFile(file, page);
  console.log(
    `page over ${trials.length} trials: ${(bytes / 1e6).toFixed(2)} MB (limit ${LIMIT_BYTES / 1e6} MB), built in ${buildSeconds.toFixed(1)} s`,
  );
  if (bytes > LIMIT_BYTES) process.exitCode = 1;

  const columns = trialColumns({ runId: 'bench', detectors: run.detectors, withPrompts: true });
  for (const [name, write] of [
    ['csv', (path) => writeFile(path, csvLines(columns, stream()))],
    ['parquet', (path) => writeParquet(path, columns, stream())],
  ]) {
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    started = performance.now();
    await write(join(folder, name));
    clearInterval(watch);
    const seconds = (performance.now() - started) / 1000;
    const added = (Math.max(peak, process.memoryUsage().rss) - before) / 1e6;
    const size = (await stat(join(folder, name))).size / 1e6;
    console.log(
      `${name}: ${size.toFixed(0)} MB in ${seconds.toFixed(1)} s, ${added.toFixed(0)} MB of memory more (limit ${LIMIT_EXPORT_MB} MB)`,
    );
    if (added > LIMIT_EXPORT_MB) process.exitCode = 1;
  }

  const executablePath = process.env.SAFELIGHT_CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(executablePath)) {
    const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox'] });
    const times = [];
    for (let load = 0; load < LOADS; load += 1) {
      const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await tab.goto(pathToFileURL(file).href, { waitUntil: 'load' });
      times.push(await tab.evaluate('performance.getEntriesByType("navigation")[0].loadEventEnd'));
      await tab.close();
    }
    await browser.close();
    const median = times.toSorted((a, b) => a - b)[Math.floor(LOADS / 2)];
    console.log(
      `opened in Chromium: median ${median.toFixed(0)} ms of ${LOADS} (limit ${LIMIT_OPEN_MS} ms)`,
    );
    if (median > LIMIT_OPEN_MS) process.exitCode = 1;
  } else {
    console.log('no Chromium here: not opened');
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
