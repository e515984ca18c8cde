// What an audit costs beside its filters: prompts a second through a word list, and media against the
// detection stage on the same pictures and the same detector, in turns.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { readAudit } from '../dist/audit/audit-journal.js';
import { planPerturbations } from '../dist/audit/perturbations.js';
import { runAudit } from '../dist/audit/run-audit.js';
import { readFolderSource } from '../dist/audit/sources/folder-source.js';
import { readPromptSource } from '../dist/audit/sources/prompt-source.js';
import { summariseAudit } from '../dist/audit/summarise-audit.js';
import { createFilters } from '../dist/cli/audit-filters.js';
import { createMediaOpener } from '../dist/cli/audit-media.js';
import { ffmpegTools } from '../dist/cli/ffmpeg-tools.js';
import { main } from '../dist/cli/main.js';
import { mediaLimits, openStoredMedia } from '../dist/cli/open-stored-media.js';
import { createRandom } from '../dist/core/seeded-random.js';
import { DEFAULT_VIDEO_SETTINGS } from '../dist/core/video-settings.js';
import { renderAudit } from '../dist/report/render-audit.js';
import { detectAgain } from '../dist/run/detect-again.js';

const PROMPTS = 10_000;
const PICTURES = 192;
const ROUNDS = 5;

const folder = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
const signal = new AbortController().signal;
const terminal = {
  ...{ out: () => undefined, err: (text) => process.stderr.write(`${text}\n`) },
  ...{ isInteractive: false, widthColumns: 100, cwd: folder, env: process.env, signal },
};
const concurrency = Math.max(2, cpus().length);
const openMedia = createMediaOpener(16, terminal);
let audits = 0;

async function audit(filters, sources, perturbations = []) {
  audits += 1;
  const out = join(folder, `audit-${audits}`);
  const start = performance.now();
  await runAudit({
    ...{ name: 'bench', folder: out, mode: 'new', filters, seed: 0, settings: {}, versions: {} },
    samples: sources.flatMap(({ samples }) => samples),
    robustness: { families: null, media: planPerturbations(perturbations), prompts: [] },
    ...{ searches: [], augmentations: [], openMedia, concurrency, signal },
    ffmpeg: () => ffmpegTools(terminal),
    now: () => new Date(),
    clock: () => performance.now(),
    onPlanned: () => undefined,
    onStep: () => undefined,
    onSearch: () => undefined,
    onSearched: () => undefined,
  });
  return { seconds: (performance.now() - start) / 1000, journal: join(out, 'journal.jsonl') };
}

async function* prompts() {
  for (let at = 0; at < PROMPTS; at += 1) {
    yield {
      ...{ id: `p${at}`, family: `f${at >> 1}`, hazards: ['violence'], carrier: 'visual' },
      text: `${at % 3 === 0 ? 'A man with a knife' : 'A woman with a kite'} on a beach at noon, number ${at}.`,
      intent: at % 2 === 0 ? 'harmful' : 'benign',
      ...{ modality: 'any', reason: 'bench', language: 'en', tags: [] },
      origin: { dataset: 'bench', licence: 'MIT' },
    };
  }
}

try {
  await writeFile(join(folder, 'words.txt'), 'knife\ngun\nblood\n');
  const words = await createFilters(
    [{ id: 'words', use: 'word-list', file: 'words.txt', hazards: ['violence'], threshold: 0.5 }],
    () => 'bench',
    folder,
    terminal,
  );
  const source = await readPromptSource('bench', prompts());
  await audit(words, [source]);
  const asked = await audit(words, [source]);
  const start = performance.now();
  const summary = summariseAudit({
    pipeline: { ensembles: [], cascades: [], prevalence: 0.1, undecidedRateMax: 0.1 },
    ...{ filters: words, sources: [source], records: await readAudit(asked.journal) },
    ...{ perturbations: [], textVariants: [], searches: [], concurrency },
  });
  renderAudit(summary, new Map());
  const folded = (performance.now() - start) / 1000;
  console.log(
    `${PROMPTS} prompts, a word list: ${Math.round(PROMPTS / asked.seconds)} a second asked and journalled, ${Math.round(PROMPTS / (asked.seconds + folded))} a second with summary and page`,
  );

  for (const label of ['safe', 'unsafe'])
    await mkdir(join(folder, 'media', label), { recursive: true });
  for (let at = 0; at < PICTURES; at += 1) {
    const random = createRandom('bench audit', at);
    const size = 64;
    const raw = Uint8Array.from({ length: size * size * 3 }, () => random.integer(0, 255));
    await sharp(raw, { raw: { width: size, height: size, channels: 3 } })
      .resize(768, 512, { fit: 'fill' })
      .jpeg({ quality: 90 })
      .toFile(join(folder, 'media', at % 2 === 0 ? 'safe' : 'unsafe', `${at}.jpg`));
  }
  const scored = ['score', 'media', '--out', 'runs/first', '--detectors', 'pixel-screen'];
  await main(scored, { ...terminal, err: () => undefined });
  const [nsfwjs] = await createFilters(
    [{ id: 'nsfwjs', use: 'nsfwjs', threshold: { policy: 'default' } }],
    () => 'bench',
    folder,
    terminal,
  );
  const media = await readFolderSource(join(folder, 'media'), 'media', 'sexual', {
    ...{ source: 'bench', madeBy: undefined, filters: undefined },
  });
  const detect = async (round) => {
    const run = join(folder, 'runs', `round-${round}`);
    await cp(join(folder, 'runs/first'), run, { recursive: true });
    const began = performance.now();
    await detectAgain({
      ...{ folder: run, detectors: [nsfwjs.detector], signal, detectConcurrency: concurrency },
      openMedia: openStoredMedia(mediaLimits(16), terminal),
      video: DEFAULT_VIDEO_SETTINGS,
      now: () => new Date(),
      onPlanned: () => undefined,
      onDetected: () => undefined,
    });
    return (performance.now() - began) / 1000;
  };
  await detect('warm');
  const ratios = [];
  const perturbed = [];
  let seconds = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const detected = await detect(round);
    const plain = await audit([nsfwjs], [media]);
    seconds = plain.seconds;
    ratios.push(plain.seconds / detected);
    const twice = await audit([nsfwjs], [media], ['jpeg:30']);
    perturbed.push(twice.seconds / (2 * detected));
  }
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1].toFixed(2);
  console.log(
    `${PICTURES} pictures of 768 × 512, nsfwjs: an audit takes ${median(ratios)} of the detection stage's time (median of ${ROUNDS} turns; ${Math.round(PICTURES / seconds)} a second)`,
  );
  console.log(
    `the same with each picture saved as JPEG too: ${median(perturbed)} of the time of as many detections`,
  );
  await nsfwjs.detector.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
