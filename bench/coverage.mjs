// How often the intervals cover the truth, by simulation: prints a table and writes it into
// docs/statistics.md. Needs a built `dist/`. `--runs 2000` is the default; `--no-write` only prints.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { correctHarm } from '../dist/judge/correct-harm.js';
import { createHarmSample } from '../dist/judge/harm-sample.js';
import { unsafeAtK } from '../dist/metrics/at-k.js';
import { aurocWithInterval } from '../dist/metrics/auroc-interval.js';
import { clusterBootstrap, shareOf } from '../dist/metrics/bootstrap.js';
import { chooseInterval } from '../dist/metrics/choose-interval.js';
import { comparePaired } from '../dist/metrics/compare-paired.js';
import { createConfidenceSequence } from '../dist/metrics/confidence-sequence.js';
import { disparity } from '../dist/metrics/disparity.js';
import { clusteredClopperPearson, familyRate } from '../dist/metrics/family-rate.js';
import { carriesBootstrap } from '../dist/metrics/family-sums.js';
import { createFamilyTable, sumsOf } from '../dist/metrics/family-table.js';
import { jointEstimates } from '../dist/metrics/joint-estimates.js';
import { ppiPlusPlus } from '../dist/metrics/ppi.js';
import { ratioOfColumns } from '../dist/metrics/ratio.js';
import { roganGladen } from '../dist/metrics/rogan-gladen.js';
import { stratifiedPpi } from '../dist/metrics/stratified-ppi.js';

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    only: { type: 'string', default: '' },
    'no-write': { type: 'boolean', default: false },
  },
});
const RUNS = Number(flags.runs);
// Half of what a report draws: the error of the limits is still far below that of the coverage.
const RESAMPLES = 1_000;

const source = (seed) => {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
};

/** Successes among a family's answers: with the chance `alike` they are all one draw (ICC = alike). */
function answers(random, size, share, alike) {
  if (random() < alike) return random() < share ? size : 0;
  let successes = 0;
  for (let at = 0; at < size; at += 1) if (random() < share) successes += 1;
  return successes;
}

/** Counts, over runs, how often each named interval covers the truth, and how wide it is. */
function simulate(setting, seed, run) {
  const random = source(seed);
  const methods = new Map();
  for (let at = 0; at < RUNS; at += 1) {
    for (const [
      name,
      {
        low,
        high,
        truth,
        warned = false,
        kind = 'nominal',
        covers = low <= truth && truth <= high,
      },
    ] of Object.entries(run(random, at))) {
      const method = methods.get(name) ?? { kind, runs: 0, covered: 0, width: 0, warned: 0 };
      method.runs += 1;
      if (covers) method.covered += 1;
      method.width += high - low;
      if (warned) method.warned += 1;
      methods.set(name, method);
    }
  }
  return [...methods].map(([name, { kind, runs, covered, width, warned }]) => ({
    setting,
    name,
    kind,
    runs,
    coverage: covered / runs,
    width: width / runs,
    warned: warned / runs,
  }));
}

function rateSetting({ families, sizes, share, alike }, seed) {
  const seeds = sizes.length === 1 ? sizes[0] : `${sizes[0]}–${sizes.at(-1)}`;
  const name = `${families} families × ${seeds}, p = ${share}, ICC ${alike}`;
  return simulate(name, seed, (random, run) => {
    const builder = createFamilyTable(2);
    for (let at = 0; at < families; at += 1) {
      const size = sizes[at % sizes.length];
      builder.add([size, answers(random, size, share, alike)]);
    }
    const table = builder.table();
    const sums = sumsOf(table);
    const wilson = familyRate(sums);
    const exact = clusteredClopperPearson(sums);
    const chosen = chooseInterval(table, { seed: run, resamples: RESAMPLES });
    const warned = chosen.warnings.length > 0;
    const single = sizes.every((size) => size === 1);
    const result = {
      [single ? 'Wilson' : 'Wilson n_eff']: {
        low: wilson.ciLow,
        high: wilson.ciHigh,
        truth: share,
        // A method that is asked for by name may warn where the chosen one need not.
        warned: warned || wilson.warnings !== undefined,
      },
      'Clopper–Pearson': { ...exact, truth: share, warned, kind: 'conservative' },
      chosen: { low: chosen.ciLow, high: chosen.ciHigh, truth: share, warned },
    };
    if (single || !carriesBootstrap(sums)) return result;
    const [estimate] = clusterBootstrap(table, [shareOf(0, 1)], {
      seed: run,
      resamples: RESAMPLES,
    });
    if (estimate?.bca === undefined) return result;
    return {
      ...result,
      'bootstrap, percentile': {
        ...estimate.percentile,
        truth: share,
        warned: warned || estimate.warnings.length > 0,
      },
      'bootstrap, BCa': { ...estimate.bca, truth: share, warned },
    };
  });
}

/** One draw decides both systems' answers to a family with the chance `shared`. */
function pairedTable(random, { families, size, p, q, shared }) {
  const builder = createFamilyTable(4);
  for (let at = 0; at < families; at += 1) {
    if (random() < shared) {
      const draw = random();
      builder.add([size, draw < p ? size : 0, size, draw < q ? size : 0]);
    } else builder.add([size, answers(random, size, p, 0), size, answers(random, size, q, 0)]);
  }
  return builder.table();
}

function differenceSetting(options, seed) {
  const { families, size, p, q, shared } = options;
  const name = `paired: ${families} families × ${size}, ${p} against ${q}, shared ${shared}`;
  return simulate(name, seed, (random, run) => {
    const table = pairedTable(random, options);
    const { difference, warnings } = comparePaired(table, { seed: run, resamples: RESAMPLES });
    const ratio = ratioOfColumns(table);
    return {
      [difference.method.startsWith('mover') ? 'difference, MOVER' : 'difference, bootstrap']: {
        low: difference.ciLow,
        high: difference.ciHigh,
        truth: p - q,
        warned: warnings.length > 0,
      },
      ...('undefined' in ratio || ratio.ciHigh === null
        ? {}
        : { 'ratio, MOVER-R': { low: ratio.ciLow, high: ratio.ciHigh, truth: p / q } }),
    };
  });
}

function jointSetting(options, seed) {
  const { families, size, p, q, shared } = options;
  const name = `S and U: ${families} families × ${size}, ${p} and ${q}, shared ${shared}`;
  return simulate(name, seed, (random, run) => {
    const joint = jointEstimates(pairedTable(random, options), { seed: run, resamples: RESAMPLES });
    const as = (estimate, truth) => ({ low: estimate.ciLow, high: estimate.ciHigh, truth });
    return {
      "Youden's J": as(joint.youdenJ, p + q - 1),
      'harmonic mean': as(joint.harmonicMean, (2 * p * q) / (p + q)),
    };
  });
}

/** A detector with these error rates, on media of which `labelled` are labelled. */
function correctionSetting({ trials, labelled, share, sensitivity, specificity }, seed) {
  const name = `detector Se ${sensitivity}, Sp ${specificity}: ${trials} media, ${labelled} labelled, p = ${share}`;
  const look = (random, truth) => Number(random() < (truth ? sensitivity : 1 - specificity));
  return simulate(name, seed, (random) => {
    const draw = () => {
      const truth = Number(random() < share);
      return { truth, predicted: look(random, truth) };
    };
    const sample = Array.from({ length: labelled }, draw);
    const rest = Array.from({ length: trials }, () => draw().predicted);
    const ppi = ppiPlusPlus({
      truth: sample.map(({ truth }) => truth),
      predicted: sample.map(({ predicted }) => predicted),
      predictedUnlabelled: rest,
    });
    const half = labelled / 2;
    const found = (truth) => {
      let count = 0;
      for (let at = 0; at < half; at += 1) count += Number(look(random, truth) === truth);
      return count;
    };
    const counts = {
      flagged: rest.reduce((sum, value) => sum + value, 0),
      trials,
      truePositives: found(1),
      positives: half,
      trueNegatives: found(0),
      negatives: half,
    };
    const results = {
      'PPI++ (z)': {
        low: ppi.ciLow,
        high: ppi.ciHigh,
        truth: share,
        warned: ppi.warnings.length > 0,
      },
    };
    const stratified = stratifiedPpi([
      {
        name: 'all',
        labelled: sample.map((item, at) => ({ family: `l${at}`, ...item })),
        unlabelled: rest.map((predicted, at) => ({ family: `u${at}`, predicted })),
      },
    ]);
    results['PPI++ (n_eff)'] = {
      low: stratified.ciLow,
      high: stratified.ciHigh,
      truth: share,
      warned: stratified.warnings.length > 0,
    };
    for (const interval of ['delta', 'lang-reiczigel']) {
      const rate = roganGladen(counts, { interval });
      if ('undefined' in rate) continue;
      results[`Rogan–Gladen, ${interval}`] = {
        low: rate.ciLow,
        high: rate.ciHigh,
        truth: share,
        warned: rate.warnings.length > 0,
      };
    }
    return results;
  });
}

/** Families of four media, a score that depends on the truth, labels drawn by stratum of score. */
function stratifiedSetting({ families, labels, share, alike, refused }, seed) {
  const name = `strata by score: ${families} families × 4, ${labels.join(' + ')} labelled, p = ${share}, ICC ${alike}, ${refused} refused`;
  return simulate(name, seed, (random) => {
    const strata = labels.map(() => []);
    const zeros = new Map();
    for (let family = 0; family < families; family += 1) {
      const together = random() < alike;
      const common = Number(random() < share);
      for (let at = 0; at < 4; at += 1) {
        const truth = together ? common : Number(random() < share);
        // Refusals are of what is harmless here, so that the rate over all is share · (1 − refused).
        if (random() < refused) {
          zeros.set(family, (zeros.get(family) ?? 0) + 1);
          continue;
        }
        const score = Math.min(1, Math.max(0, 0.25 + 0.4 * truth + 0.9 * (random() - 0.5)));
        const stratum = score < 0.3 ? 0 : score < 0.5 ? 1 : 2;
        strata[stratum].push({ family: `${family}`, predicted: Number(score >= 0.42), truth });
      }
    }
    const result = stratifiedPpi(
      strata.map((items, at) => {
        for (let first = 0; first < Math.min(labels[at], items.length); first += 1) {
          const other = first + Math.floor(random() * (items.length - first));
          [items[first], items[other]] = [items[other], items[first]];
        }
        return {
          name: `${at}`,
          labelled: items.slice(0, labels[at]),
          unlabelled: items.slice(labels[at]),
        };
      }),
      { knownZeros: [...zeros].map(([family, trials]) => ({ family: `${family}`, trials })) },
    );
    if ('undefined' in result) return {};
    return {
      'stratified PPI++': {
        low: result.ciLow,
        high: result.ciHigh,
        truth: share * (1 - refused),
        warned: result.warnings.length > 0,
      },
    };
  });
}

const BY_SCORE = ['0.1 to 0.5', '0.5 to 0.9', '0.9 and more'];

/**
 * What `safelight judge` does with people's labels, whole: media of families, some refused, labels drawn
 * by stratum of score, and verdicts that miss and see harm that is not there.
 */
function correctedSetting({ families, labels, share, alike, refused }, seed) {
  const name = `harmCorrected: ${families} families × 4, ${labels.join(' + ')} labelled, p = ${share}, ICC ${alike}, ${refused} refused`;
  return simulate(name, seed, (random) => {
    const strata = BY_SCORE.map(() => []);
    const sample = createHarmSample();
    for (let family = 0; family < families; family += 1) {
      const together = random() < alike;
      const common = Number(random() < share);
      for (let at = 0; at < 4; at += 1) {
        const truth = together ? common : Number(random() < share);
        if (random() < refused) {
          sample.zeros.set(`${family}`, (sample.zeros.get(`${family}`) ?? 0) + 1);
          continue;
        }
        const score = 0.25 + 0.4 * truth + 0.9 * (random() - 0.5);
        const stratum = score < 0.3 ? 0 : score < 0.5 ? 1 : 2;
        strata[stratum].push({ family: `${family}`, predicted: Number(score >= 0.42), truth });
      }
    }
    strata.forEach((items, at) => {
      const drawn = Math.min(labels[at], items.length);
      for (let first = 0; first < drawn; first += 1) {
        const other = first + Math.floor(random() * (items.length - first));
        [items[first], items[other]] = [items[other], items[first]];
      }
      const stratum = sample.strata.get(BY_SCORE[at]);
      stratum.labelled.push(...items.slice(0, drawn));
      stratum.unlabelled.push(
        ...items.slice(drawn).map(({ family, predicted }) => ({ family, predicted })),
      );
    });
    const { harmCorrected: rate, harmCorrection: told } = correctHarm(sample, 'bench', undefined);
    const results = {};
    const add = (method, found, truth, kind) => {
      if (found === undefined || 'undefined' in found) return;
      results[method] = {
        low: found.ciLow,
        high: found.ciHigh,
        truth,
        kind,
        warned: (rate.warnings ?? []).length > 0,
      };
    };
    add('PPI++ in the summary', rate, share * (1 - refused));
    // Labels drawn by stratum tell more than weights alone let these three know.
    add('Rogan–Gladen beside it', told?.roganGladen, share * (1 - refused), 'conservative');
    // The score is above .42 for that part of the harmful, and below for that of the harmless.
    add('sensitivity, weighted', told?.sensitivity, 1 - (0.42 - 0.2) / 0.9, 'conservative');
    add('specificity, weighted', told?.specificity, (0.42 + 0.2) / 0.9, 'conservative');
    return results;
  });
}

/** Two normal scores of equal spread, so far apart that the AUROC is .85 or .97. */
function aurocSetting({ positives, negatives, truth, apart }, seed) {
  const name = `detector: ${positives} positives, ${negatives} negatives, AUROC ${truth}`;
  return simulate(name, seed, (random) => {
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const { ciLow, ciHigh } = aurocWithInterval(
      Array.from({ length: positives }, () => normal() + apart),
      Array.from({ length: negatives }, normal),
    );
    return { 'AUROC, Newcombe 5': { low: ciLow, high: ciHigh, truth } };
  });
}

/** Prompts' own rates are 0, .2 or .8 with equal chance. */
function atKSetting(prompts, seed) {
  const truth = (0 + (1 - 0.8 ** 3) + (1 - 0.2 ** 3)) / 3;
  return simulate(`${prompts} prompts × 8, unsafe@3`, seed, (random) => {
    const { ciLow, ciHigh } = unsafeAtK(
      Array.from({ length: prompts }, () => {
        const share = [0, 0.2, 0.8][Math.floor(random() * 3)];
        return { samples: 8, unsafe: answers(random, 8, share, 0) };
      }),
      3,
    );
    return { 'unsafe@k': { low: ciLow, high: ciHigh, truth, kind: 'conservative' } };
  });
}

/** Groups that share families: their intervals hold only if all of them cover at once. */
function groupSetting({ families, size, shares, alike, shared }, seed) {
  const groups = shares.length;
  const spread = [...new Set([Math.min(...shares), Math.max(...shares)])].join('–');
  const name = `${groups} groups in ${families} families × ${size}, p = ${spread}, ICC ${alike}, shared ${shared}`;
  const names = shares.map((_, at) => `${at}`);
  return simulate(name, seed, (random) => {
    const builder = createFamilyTable(2 * groups);
    for (let at = 0; at < families; at += 1) {
      const common = random() < shared ? random() : undefined;
      builder.add(
        shares.flatMap((share) => [
          size,
          common === undefined ? answers(random, size, share, alike) : common < share ? size : 0,
        ]),
      );
    }
    const found = disparity(builder.table(), names, { reference: '0' });
    const holds = ({ ciLow, ciHigh }, truth) => ciLow <= truth && truth <= ciHigh;
    const warned = found.groups.some(({ rate }) => rate.warnings !== undefined);
    const told = (estimates, truths) => ({
      covers: estimates.every((estimate, at) => holds(estimate, truths[at])),
      low: 0,
      high: estimates.reduce((sum, one) => sum + one.ciHigh - one.ciLow, 0) / estimates.length,
      warned,
      kind: 'conservative',
    });
    const rates = found.groups.map(({ rate }) => rate);
    const results = {
      'all rates at once': told(rates, shares),
      'all differences at once': told(
        found.groups.slice(1).map(({ difference }) => difference),
        shares.slice(1).map((share) => share - shares[0]),
      ),
    };
    if ('undefined' in found.gap) return results;
    const values = rates.map(({ rate }) => rate);
    const shareWith = (value) => shares[values.indexOf(value)];
    const gap = shareWith(Math.max(...values)) - shareWith(Math.min(...values));
    return { ...results, 'gap of highest and lowest': told([found.gap], [gap]) };
  });
}

/** Covers at every one of 500 looks. */
function sequenceSetting(share, size, seed) {
  return simulate(`500 looks, families × ${size}, p = ${share}`, seed, (random) => {
    const sequence = createConfidenceSequence();
    let low = 0;
    let high = 1;
    for (let look = 0; look < 500; look += 1) {
      const state = sequence.add(answers(random, size, share, 0.3) / size);
      low = state.low;
      high = state.high;
    }
    // Limits never widen, so that the last ones cover only if all before did.
    return { 'confidence sequence': { low, high, truth: share, kind: 'conservative' } };
  });
}

const SETTINGS = [
  ['rate', () => rateSetting({ families: 100, sizes: [1], share: 0.3, alike: 0 }, 1)],
  ['rate', () => rateSetting({ families: 400, sizes: [1], share: 0.02, alike: 0 }, 2)],
  ['rate', () => rateSetting({ families: 2000, sizes: [1], share: 0.005, alike: 0 }, 3)],
  ['rate', () => rateSetting({ families: 40, sizes: [4], share: 0.3, alike: 0.3 }, 4)],
  ['rate', () => rateSetting({ families: 40, sizes: [4], share: 0.5, alike: 0.9 }, 5)],
  ['rate', () => rateSetting({ families: 100, sizes: [4], share: 0.1, alike: 0.3 }, 6)],
  ['rate', () => rateSetting({ families: 100, sizes: [1, 2, 3, 4, 5], share: 0.1, alike: 0.6 }, 7)],
  ['rate', () => rateSetting({ families: 250, sizes: [4], share: 0.03, alike: 0.3 }, 8)],
  ['rate', () => rateSetting({ families: 30, sizes: [10], share: 0.5, alike: 0.2 }, 9)],
  ['rate', () => rateSetting({ families: 150, sizes: [2], share: 0.9, alike: 0.5 }, 10)],
  ['rate', () => rateSetting({ families: 15, sizes: [4], share: 0.3, alike: 0.5 }, 11)],
  ['rate', () => rateSetting({ families: 60, sizes: [4], share: 0.02, alike: 0.3 }, 12)],
  ['pair', () => differenceSetting({ families: 150, size: 1, p: 0.2, q: 0.12, shared: 0.5 }, 13)],
  ['pair', () => differenceSetting({ families: 60, size: 4, p: 0.3, q: 0.2, shared: 0.5 }, 14)],
  ['pair', () => differenceSetting({ families: 80, size: 1, p: 0.06, q: 0.03, shared: 0.3 }, 15)],
  ['joint', () => jointSetting({ families: 60, size: 3, p: 0.8, q: 0.6, shared: 0.5 }, 16)],
  ['joint', () => jointSetting({ families: 40, size: 2, p: 0.95, q: 0.9, shared: 0.5 }, 17)],
  [
    'label',
    () =>
      correctionSetting(
        { trials: 1000, labelled: 200, share: 0.2, sensitivity: 0.9, specificity: 0.95 },
        18,
      ),
  ],
  [
    'label',
    () =>
      correctionSetting(
        { trials: 1000, labelled: 200, share: 0.05, sensitivity: 0.8, specificity: 0.97 },
        19,
      ),
  ],
  [
    'label',
    () =>
      correctionSetting(
        { trials: 500, labelled: 60, share: 0.1, sensitivity: 0.98, specificity: 0.99 },
        20,
      ),
  ],
  [
    'strata',
    () =>
      stratifiedSetting(
        { families: 200, labels: [60, 60, 60], share: 0.15, alike: 0.3, refused: 0.2 },
        21,
      ),
  ],
  [
    'strata',
    () =>
      stratifiedSetting(
        { families: 200, labels: [100, 60, 40], share: 0.05, alike: 0.3, refused: 0 },
        22,
      ),
  ],
  [
    'strata',
    () =>
      stratifiedSetting(
        { families: 100, labels: [40, 30, 30], share: 0.3, alike: 0.6, refused: 0.3 },
        23,
      ),
  ],
  [
    'corrected',
    () =>
      correctedSetting(
        { families: 200, labels: [60, 60, 60], share: 0.15, alike: 0.3, refused: 0.2 },
        29,
      ),
  ],
  [
    'corrected',
    () =>
      correctedSetting(
        { families: 100, labels: [40, 30, 30], share: 0.3, alike: 0.6, refused: 0.3 },
        30,
      ),
  ],
  [
    'corrected',
    () =>
      correctedSetting(
        { families: 300, labels: [70, 70, 60], share: 0.06, alike: 0.3, refused: 0.1 },
        31,
      ),
  ],
  [
    'score',
    () => aurocSetting({ positives: 40, negatives: 80, truth: 0.85, apart: 1.4657382 }, 26),
  ],
  [
    'score',
    () => aurocSetting({ positives: 30, negatives: 200, truth: 0.97, apart: 2.6598438 }, 27),
  ],
  ['score', () => atKSetting(60, 28)],
  [
    'group',
    () =>
      groupSetting(
        { families: 100, size: 4, shares: [0.1, 0.1, 0.1, 0.1], alike: 0.3, shared: 0 },
        32,
      ),
  ],
  [
    'group',
    () =>
      groupSetting(
        { families: 100, size: 4, shares: [0.1, 0.15, 0.2, 0.3], alike: 0.3, shared: 0.3 },
        33,
      ),
  ],
  [
    'group',
    () =>
      groupSetting(
        { families: 60, size: 4, shares: Array(10).fill(0.2), alike: 0.3, shared: 0.5 },
        34,
      ),
  ],
  [
    'group',
    () =>
      groupSetting(
        { families: 100, size: 1, shares: [0.1, 0.1, 0.2, 0.2], alike: 0, shared: 0.5 },
        35,
      ),
  ],
  ['look', () => sequenceSetting(0.1, 1, 24)],
  ['look', () => sequenceSetting(0.02, 4, 25)],
];

const rows = SETTINGS.filter(([kind]) => flags.only === '' || kind === flags.only).flatMap(
  ([, run]) => run(),
);

const percent = (share) => (100 * share).toFixed(1);
function verdict({ kind, coverage, runs }) {
  if (runs < RUNS / 2) return 'seldom possible';
  if (kind === 'conservative') return coverage >= 0.93 ? 'holds' : '**too narrow**';
  if (coverage < 0.93) return '**too narrow**';
  return coverage > 0.97 ? 'wide' : 'holds';
}

const table = [
  '| setting | method | runs | covers % | mean width | warned % | |',
  '|---|---|---:|---:|---:|---:|---|',
  ...rows.map(
    (row) =>
      `| ${row.setting} | ${row.name} | ${row.runs} | ${percent(row.coverage)} | ${row.width.toFixed(4)} | ${percent(row.warned)} | ${verdict(row)} |`,
  ),
].join('\n');
console.log(table);

if (!flags['no-write'] && flags.only === '') {
  const path = fileURLToPath(new URL('../docs/statistics.md', import.meta.url));
  const text = readFileSync(path, 'utf8');
  const marked =
    /(<!-- coverage: written by bench\/coverage\.mjs -->\n)[\s\S]*?(<!-- end of coverage -->)/;
  if (!marked.test(text)) throw new Error('docs/statistics.md lost its markers');
  writeFileSync(path, text.replace(marked, `$1\n${table}\n\n$2`));
}
