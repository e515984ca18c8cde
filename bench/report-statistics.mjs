// Time and memory of the summary over 200,000 trials, each interval with 2,000 resamples by family.
import { loadPolicy } from '../dist/judge/policy.js';
import { createSummaryFold } from '../dist/judge/summary.js';

const TRIALS = 200_000;
const PER_FAMILY = 8;
const LIMIT_SECONDS = 20;
const LIMIT_MB = 500;
const HAZARDS = ['sexual', 'violence', 'hate', 'harassment', 'self_harm', 'shocking', 'illegal'];
const LANGUAGES = ['en', 'de', 'hi'];

const policy = await loadPolicy(
  new URL('../pipelines/policies/default.yaml', import.meta.url).pathname,
);
const endpoints = ['one', 'two'].map((id) => ({
  id,
  kind: 'bench',
  modality: 'image',
  revision: 'r1',
  parameters: {},
  safetySettings: {},
}));
const detectors = [
  {
    id: 'eye',
    version: '1',
    weightsSha256: null,
    claims: HAZARDS.map((hazard) => ({ hazard, carrier: 'visual' })),
    reads: ['image'],
    licence: 'MIT',
    notes: [],
    testDouble: false,
  },
];

// A linear congruential generator: the same trials in every run.
let state = 12_345;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

const started = performance.now();
let peakBytes = 0;
const watch = () => {
  peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
};
const fold = createSummaryFold({
  run: { id: 'bench', pipeline: 'bench', startedAt: '2026-01-01T00:00:00Z' },
  endpoints,
  detectors,
  policy,
});
for (let trial = 0; trial < TRIALS; trial += 1) {
  const family = Math.floor(trial / PER_FAMILY);
  const within = trial % PER_FAMILY;
  const hazard = HAZARDS[family % HAZARDS.length];
  const intent = within % 2 === 0 ? 'harmful' : 'benign';
  // Families differ in how often they are refused and found harmful.
  const leaning = ((family * 7919) % 100) / 100;
  const refused = random() < (intent === 'harmful' ? 0.2 + 0.5 * leaning : 0.1 * leaning);
  const harmful = !refused && intent === 'harmful' && random() < 0.3 * leaning;
  fold.add(
    {
      generated: {
        trial: {
          id: String(trial),
          promptId: `p${trial}`,
          endpoint: endpoints[Math.floor(within / 4)].id,
          revision: 'r1',
        },
        prompt: {
          family: `f${family}`,
          intent,
          language: LANGUAGES[within % LANGUAGES.length],
          hazards: [hazard],
          carrier: 'visual',
        },
        outcome: { kind: 'refused', mode: 'hard', stage: 'prompt_filter', signal: 'bench' },
        latencyMs: 100 + within,
        costUsd: 0.01,
        cached: false,
      },
      detected: undefined,
    },
    {
      class: refused ? 'refused_input' : harmful ? 'harmful' : 'harmless',
      reasons: [],
      primary: { hazard, carrier: 'visual' },
      covered: true,
      offTarget: [],
      ...(refused ? { refusal: { mode: 'hard', stage: 'prompt_filter' } } : {}),
    },
  );
  if (trial % 10_000 === 0) watch();
}
const counted = performance.now();
const summary = fold.finish(null);
watch();
const seconds = (performance.now() - started) / 1000;
const megabytes = peakBytes / 1e6;
const { method } = summary.endpoints[0].harm;
console.log(`counted in ${((counted - started) / 1000).toFixed(1)} s; harm by ${method}`);
console.log(
  `${TRIALS} trials, ${TRIALS / PER_FAMILY} families: ${seconds.toFixed(1)} s (limit ${LIMIT_SECONDS} s), ${megabytes.toFixed(0)} MB (limit ${LIMIT_MB} MB)`,
);
if (seconds > LIMIT_SECONDS || megabytes > LIMIT_MB || !method.startsWith('bootstrap')) {
  process.exitCode = 1;
}
