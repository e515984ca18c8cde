// How long the viewer takes for its views over 200,000 made-up trials, at its server and in a real Chromium, and
// the memory of its server. Needs a built `dist/`. `--trials 200000` is the default.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { writeJournal } from './synthetic-run.mjs';

const { values: flags } = parseArgs({ options: { trials: { type: 'string', default: '200000' } } });
const TRIALS = Number(flags.trials);
const ENDPOINTS = 6;
const LIMIT_MS = 200;
/** DuckDB's own bound is 512 MB; the rest is the journal's index and the page's answers. */
const LIMIT_MB = 1000;
const ROUNDS = 15;

const folder = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
const run = join(folder, 'made');
await mkdir(run);
await writeJournal(join(run, 'journal.jsonl'), Math.ceil(TRIALS / ENDPOINTS));
const bin = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url));
const server = spawn(process.execPath, [bin, 'serve', run, '--json'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
try {
  const address = new URL(await addressOf(server));
  const first = await fetch(address, { redirect: 'manual' });
  const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const headers = { 'content-type': 'application/json', origin: address.origin, cookie };
  const ask = async (path, body) => {
    const began = performance.now();
    const response = await fetch(new URL(path, address), {
      ...{ method: 'POST', headers },
      body: JSON.stringify({ run: 'made', ...body }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return { ms: performance.now() - began, answer };
  };

  const opened = await ask('/api/run', {});
  console.log(
    `opening a run of ${TRIALS} trials for the first time: ${(opened.ms / 1000).toFixed(1)} s`,
  );
  const { endpoints, scored } = opened.answer;
  const [one, two] = endpoints;
  const [pair] = scored;
  const list = (more) => (round) =>
    ask('/api/list', { filter: {}, ...(typeof more === 'function' ? more(round) : more) });
  const { rows } = (await ask('/api/list', { filter: {} })).answer;
  const views = {
    'first page': list({}),
    'page 3,000': list({ page: 2999 }),
    'worst first': list({ sort: 'score', descending: true }),
    'one endpoint, harmful': list({ filter: { endpoint: one, verdict: 'harmful' } }),
    "a detector's band": list((round) => ({
      filter: { detector: pair.detector, scoreMin: 0.3 + round / 100, scoreMax: 0.7 },
    })),
    'text search': list((round) => ({ filter: { text: `poster.*${round}`.slice(0, 6) } })),
    'a trial': (round) => ask('/api/trial', { trial: rows[round].id }),
    'two endpoints compared': () => ask('/api/compare', { first: one, second: two }),
    'where two endpoints differ': () =>
      ask('/api/compare', { first: one, second: two, differing: true }),
    'a threshold moved': (round) => ask('/api/threshold', { ...pair, threshold: round / ROUNDS }),
    facets: () => ask('/api/run', {}),
  };
  for (const [name, view] of Object.entries(views)) {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push((await view(round)).ms);
    tell(name, times);
  }

  const executablePath = process.env.SAFELIGHT_CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(executablePath)) {
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const context = await browser.newContext();
    const { value } = /=(?<value>.*)/.exec(cookie).groups;
    await context.addCookies([{ name: cookie.split('=')[0], value, url: address.origin }]);
    const page = await context.newPage();
    await page.goto(address.origin);
    await page.getByRole('row').nth(1).waitFor();
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText(`page ${(round + 2).toLocaleString('en')} of`).waitFor();
      times.push(performance.now() - began);
    }
    tell('the next page, in Chromium', times);
    await browser.close();
  }
  const [, peakKb = '0'] =
    /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
  const megabytes = Number(peakKb) / 1024;
  console.log(
    `the server at most ${megabytes.toFixed(0)} MB: ${(megabytes / LIMIT_MB).toFixed(2)} times ${LIMIT_MB} MB`,
  );
} finally {
  server.kill();
  await once(server, 'exit');
  await rm(folder, { recursive: true, force: true });
}

/** The address that the command prints. */
async function addressOf({ stdout }) {
  let text = '';
  for await (const line of createInterface({ input: stdout })) {
    text += line;
    try {
      return JSON.parse(text).address;
    } catch {
      // The rest of it is in the lines that follow.
    }
  }
  throw new Error('the viewer ended before it told its address');
}

function tell(name, times) {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  const late = sorted[Math.ceil(0.95 * sorted.length) - 1];
  console.log(
    `${name}: median ${median.toFixed(0)} ms, p95 ${late.toFixed(0)} ms, ${(late / LIMIT_MS).toFixed(2)} times the limit of ${LIMIT_MS} ms`,
  );
}
