// Checking a suite of a million rows, JSON Lines and CSV: rows a second and peak memory; and apart from
// it the search for near-duplicates. Each in a process of its own, as the command line runs it.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROWS = 1_000_000;
const ROWS_LIMIT = 50_000;
const MEMORY_LIMIT_MB = 300;
const NEAR_ROWS = 20_000;

const bin = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'safelight-bench-'));
const WORDS =
  'red blue green river mountain lamp chair window garden street market bridge cloud forest'.split(
    ' ',
  );

function promptOf(index) {
  const word = (n) => WORDS[(index * 7 + n * 13 + (index >> n)) % WORDS.length];
  return `a ${word(1)} ${word(2)} beside the ${word(3)}, drawn as number ${index}`;
}

const jsonLine = (index) =>
  `${JSON.stringify({
    id: `p-${index}`,
    text: promptOf(index),
    intent: 'control',
    hazards: [],
    carrier: 'visual',
    family: `f-${index}`,
    modality: 'image',
    reason: 'plain',
    language: 'en',
    tags: [],
    origin: { dataset: 'made', licence: 'CC0-1.0' },
  })}\n`;
const csvHead = 'id,text,intent,hazards,carrier,family,modality,reason,language,dataset,licence\n';
const csvLine = (index) =>
  `p-${index},"${promptOf(index)}",control,,visual,f-${index},image,plain,en,made,CC0-1.0\n`;

function writeRows(name, rows, line, head = '') {
  const path = join(folder, name);
  const file = openSync(path, 'w');
  let waiting = head;
  for (let index = 0; index < rows; index += 1) {
    waiting += line(index);
    if (waiting.length < 1 << 20) continue;
    writeSync(file, waiting);
    waiting = '';
  }
  writeSync(file, waiting);
  closeSync(file);
  return path;
}

/** Prints its peak memory when it ends: a preloaded line in the process that is measured. */
const probe =
  'data:text/javascript,process.on("exit",()=>console.error("PEAK "+process.resourceUsage().maxRSS))';

function validate(path, ...more) {
  const started = performance.now();
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', probe, bin, 'suites', 'validate', path, ...more],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (status !== 0) throw new Error(`validate ended with ${status}: ${stdout}${stderr}`);
  const peakMb = Number(/PEAK (\d+)/.exec(stderr)?.[1]) / 1000;
  return { seconds: (performance.now() - started) / 1000, peakMb };
}

let failed = false;
const verdict = (ok) => {
  if (!ok) failed = true;
  return ok ? 'ok' : 'MISSED';
};
try {
  const few = writeRows('few.jsonl', 1, jsonLine);
  const start = validate(few).seconds;
  for (const [name, path] of [
    ['JSON Lines', writeRows('many.jsonl', ROWS, jsonLine)],
    ['CSV', writeRows('many.csv', ROWS, csvLine, csvHead)],
  ]) {
    const { seconds, peakMb } = validate(path);
    const rate = ROWS / (seconds - start);
    console.log(
      `${ROWS} rows of ${name}: ${rate.toFixed(0)} a second (at least ${ROWS_LIMIT}): ${verdict(rate >= ROWS_LIMIT)}`,
    );
    console.log(
      `  peak memory ${peakMb.toFixed(0)} MB (at most ${MEMORY_LIMIT_MB}): ${verdict(peakMb <= MEMORY_LIMIT_MB)}`,
    );
    rmSync(path);
  }
  const near = validate(writeRows('near.jsonl', NEAR_ROWS, jsonLine), '--near-duplicates');
  console.log(
    `near-duplicates among ${NEAR_ROWS} rows: ${(NEAR_ROWS / (near.seconds - start)).toFixed(0)} rows a second, ${near.peakMb.toFixed(0)} MB`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed) process.exitCode = 1;
