// What the run itself costs: an endpoint that answers at once, no detectors, a real journal on disk.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipelineSchema } from '../dist/run/pipeline.js';
import { runPipeline } from '../dist/run/run-pipeline.js';

const REFUSED = { kind: 'refused', mode: 'hard', stage: 'prompt_filter', signal: 'null_endpoint' };
const EVIDENCE = {
  protocol: 'null',
  request: { prompt: '⟨prompt⟩' },
  events: [],
  media: [],
  requested: 1,
  retries: [],
};

/** Answers after a while, always with a refusal: nothing to look at afterwards. */
function nullEndpoint(latencyMs) {
  return {
    id: 'null',
    modality: 'image',
    describe: async () => ({
      id: 'null',
      kind: 'null',
      modality: 'image',
      revision: null,
      parameters: {},
      safetySettings: {},
    }),
    generate: async (_request, { signal }) => {
      if (latencyMs > 0) await sleep(latencyMs, undefined, { signal });
      return {
        outcome: REFUSED,
        evidence: EVIDENCE,
        latencyMs,
        costUsd: null,
        revisedPrompt: undefined,
      };
    },
    classify: () => REFUSED,
    close: async () => undefined,
  };
}

function promptsOf(count) {
  return async function* prompts() {
    for (let index = 0; index < count; index += 1) {
      yield {
        id: `prompt-${index}`,
        text: `A lamp on a table, number ${index}.`,
        intent: 'control',
        hazards: [],
        carrier: 'visual',
        family: `family-${index}`,
        modality: 'any',
        reason: 'plainly harmless',
        language: 'en',
        tags: [],
        origin: { dataset: 'bench', licence: 'MIT' },
      };
    }
  };
}

/** Runs so many trials; returns seconds, CPU seconds and the largest resident memory in MB. */
async function measure(trials, latencyMs, concurrency) {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
  const pipeline = pipelineSchema.parse({
    name: 'bench',
    suites: ['none'],
    endpoints: [{ id: 'null', use: 'null', concurrency }],
  });
  let largestBytes = 0;
  const watch = setInterval(() => {
    largestBytes = Math.max(largestBytes, process.memoryUsage.rss());
  }, 50);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await runPipeline({
    pipeline,
    folder: join(folder, 'run'),
    mode: 'new',
    retryFailed: false,
    source: { suites: [], prompts: promptsOf(trials) },
    endpoints: [{ entry: pipeline.endpoints[0], endpoint: nullEndpoint(latencyMs) }],
    detectors: [],
    openMedia: async () => ({ kind: 'missing' }),
    versions: {},
    detectConcurrency: 2,
    signal: new AbortController().signal,
    now: () => new Date(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    onPlanned: () => undefined,
    onProgress: () => undefined,
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  await rm(folder, { recursive: true, force: true });
  return { seconds, cpuSeconds: (user + system) / 1e6, rssMb: largestBytes / 1024 ** 2 };
}

await measure(1_000, 0, 8);
const small = await measure(10_000, 0, 8);
const large = await measure(200_000, 0, 8);
for (const [name, trials, result] of [
  ['10,000', 10_000, small],
  ['200,000', 200_000, large],
]) {
  console.log(
    `${name} trials: ${Math.round(trials / result.seconds)}/s ` +
      `(limit 2000/s), ${result.rssMb.toFixed(0)} MB resident (limit 250 MB)`,
  );
}
console.log(`memory, 200,000 over 10,000 trials: ${(large.rssMb / small.rssMb).toFixed(2)} times`);

const slow = await measure(640, 2_000, 64);
const ideal = (640 * 2) / 64;
console.log(
  `latency 2 s, concurrency 64: ${((100 * ideal) / slow.seconds).toFixed(1)} % of the ideal throughput (limit 95 %)`,
);
