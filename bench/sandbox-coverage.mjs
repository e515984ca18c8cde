// How often corrected rates of harm cover what the sandbox planted, with the real readers of text: whole runs
// of two personas through the command line, then many runs drawn from their trials, each with labels on
// what `calibrate plan` draws. Needs a built `dist/`. `--runs 1000` is the default.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { storedPolicy } from '../dist/cli/finish-run.js';
import { readDrawnTruth } from '../dist/detectors/sandbox-oracle.js';
import { judgeTrial } from '../dist/judge/judge-trial.js';
import { createLabelPlan } from '../dist/judge/plan-labels.js';
import { createSummaryFold } from '../dist/judge/summary.js';
import { gatherFacts } from '../dist/run/judge-run.js';
import { runFolder } from '../dist/run/run-folder.js';
import { createBlobStore } from '../dist/store/blobs.js';
import { createLabelSet } from '../dist/store/labels.js';
import { openRun } from '../dist/store/run-reader.js';

const { values: flags } = parseArgs({ options: { runs: { type: 'string', default: '1000' } } });
const RUNS = Number(flags.runs);
const bin = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url));
const RUN_ID = 'bench';

const folder = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
try {
  const pools = [
    await poolOf('redirect', 12, 'redirects nine in ten'),
    await poolOf('random', 4, 'refuses every other'),
  ];
  console.log('| system and labels | interval | runs | covers % | mean width | warned % |');
  console.log('|---|---|---:|---:|---:|---:|');
  for (const [pool, families, seeds, budget] of [
    [pools[0], 90, 2, 80],
    [pools[0], 150, 2, 120],
    [pools[1], 60, 2, 40],
    [pools[1], 150, 1, 100],
  ]) {
    simulate(pool, { families, seeds, budget });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Every trial of a persona over the suite's harmful prompts, with what was drawn. */
async function poolOf(persona, seeds, name) {
  const file = join(folder, `${persona}.yaml`);
  await writeFile(
    file,
    `name: ${persona}
suites: [text-in-picture]
seeds: [${Array.from({ length: seeds }, (_, seed) => seed).join(', ')}]
endpoints:
  - { id: ${persona}, use: sandbox, persona: ${persona}, width: 256, height: 256, only: { intents: [harmful] } }
detectors: [ocr-toxicity, pixel-screen]
`,
  );
  const out = join(folder, persona);
  const { status } = spawnSync(process.execPath, [bin, 'run', file, '--out', out, '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0 && status !== 3) throw new Error(`the run ended with ${status}`);
  const paths = runFolder(out);
  const blobs = createBlobStore(paths.blobs);
  const reader = await openRun(paths.journal);
  const policy = await storedPolicy(out);
  const facts = await gatherFacts(reader, policy);
  const families = new Map();
  let trials = 0;
  let harmful = 0;
  for await (const record of reader.records()) {
    // What no detector covers is in no rate of harm.
    if (!judgeTrial(record, facts, policy, reader.detectors).covered) continue;
    const { prompt, outcome } = record.generated;
    let isHarmful = false;
    for (const { sha256 } of outcome.kind === 'media' ? outcome.media : []) {
      const truth = readDrawnTruth(await readFile(blobs.path(sha256)));
      if (truth === undefined) throw new Error('a picture does not tell what was drawn');
      if (truth.harms.length > 0) isHarmful = true;
    }
    trials += 1;
    if (isHarmful) harmful += 1;
    const own = families.get(prompt.family) ?? [];
    families.set(prompt.family, [...own, { record, isHarmful }]);
  }
  await reader.close();
  const { endpoints, detectors } = reader;
  const truth = harmful / trials;
  return { name, families: [...families.values()], truth, policy, facts, endpoints, detectors };
}

/** A run of the same system: families, and seeds of each, are drawn at random from the pool. */
function drawRun({ families: pool }, { families, seeds }, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: families }, (_, family) => {
    const own = pick(pool);
    return Array.from({ length: seeds }, (_, seed) => {
      const { record, isHarmful } = pick(own);
      const { generated, detected } = record;
      const trialId = `${family}-${seed}`;
      return {
        isHarmful,
        record: {
          generated: {
            ...generated,
            trial: { ...generated.trial, id: trialId },
            prompt: { ...generated.prompt, family: `${family}` },
          },
          detected: detected === undefined ? undefined : { ...detected, trialId },
        },
      };
    });
  }).flat();
}

function simulate(pool, { families, seeds, budget }) {
  const { truth, policy, facts, endpoints, detectors } = pool;
  const generator = xoroshiro128plus(budget + families);
  const random = () => uniformFloat64(generator);
  const told = new Map(
    ['raw', 'corrected'].map((name) => [name, { runs: 0, covered: 0, width: 0, warned: 0 }]),
  );
  for (let run = 0; run < RUNS; run += 1) {
    const trials = drawRun(pool, { families, seeds }, random);
    const isHarmful = new Map(
      trials.map((trial) => [trial.record.generated.trial.id, trial.isHarmful]),
    );
    const plan = createLabelPlan(RUN_ID, run);
    for (const { record } of trials) plan.add(record, judgeTrial(record, facts, policy, detectors));
    const { queue } = plan.finish(budget);
    const labels = createLabelSet(
      queue.map((request) => ({
        ...request,
        labeller: 'bench',
        label: isHarmful.get(request.trialId) ? 'harmful' : 'harmless',
        at: '2026-01-01T00:00:00Z',
        blind: true,
      })),
    );
    const summary = createSummaryFold({
      run: { id: RUN_ID, pipeline: RUN_ID, startedAt: '' },
      ...{ endpoints, detectors, policy },
    });
    const unlabelled = createSummaryFold({
      run: { id: RUN_ID, pipeline: RUN_ID, startedAt: '' },
      ...{ endpoints, detectors, policy },
    });
    const labelled = { ...facts, labelsOn: labels.on };
    for (const { record } of trials) {
      summary.add(record, judgeTrial(record, labelled, policy, detectors));
      unlabelled.add(record, judgeTrial(record, facts, policy, detectors));
    }
    const [{ harmCorrected }] = summary.finish(null).endpoints;
    const [{ harm }] = unlabelled.finish(null).endpoints;
    for (const [name, rate] of Object.entries({ raw: harm, corrected: harmCorrected })) {
      if (rate.rate === undefined) continue;
      const counts = told.get(name);
      counts.runs += 1;
      counts.width += rate.ciHigh - rate.ciLow;
      if (rate.ciLow <= truth && truth <= rate.ciHigh) counts.covered += 1;
      if (rate.warnings !== undefined) counts.warned += 1;
    }
  }
  const percent = (share) => (100 * share).toFixed(1);
  for (const [name, { runs, covered, width, warned }] of told) {
    console.log(
      `| ${pool.name} (harm ${percent(truth)} %): ${families} families × ${seeds}, ${budget} labels | ${name} | ${runs} | ${percent(covered / runs)} | ${(width / runs).toFixed(4)} | ${percent(warned / runs)} |`,
    );
  }
}
