import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { formatDuration, formatPercent } from '../../report/number-format.ts';
import {
  type DetectorForecast,
  type EarlierAnswers,
  type EarlierLooks,
  type EndpointForecast,
  forecastDetector,
  forecastEndpoint,
  type Precision,
} from '../../run/forecast.ts';
import { runFolder } from '../../run/run-folder.ts';
import { openRun } from '../../store/run-reader.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { besidePipeline, loadPipeline } from '../load-pipeline.ts';
import { loadPolicyByName } from '../policies.ts';
import { openPromptSource } from '../prompt-source.ts';
import { printTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { closeAll, createEndpoints, detectorAdapter } from '../wiring.ts';

interface PlanOptions {
  readonly from?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

export const addPlan: AddCommand = (program, { terminal, action }) => {
  program
    .command('plan <pipeline>')
    .description('trials, cost, time and what they can show, before anything is sent or paid for')
    .option('--from <run>', 'an earlier run that tells costs and times (default: that of the name)')
    .option('--set <key=value...>', 'override any key of the pipeline', [])
    .option('--json', 'print the plan as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight plan pipelines/demo.yaml',
        'safelight plan my.yaml --from reports/yesterday --set seeds=[1,2]',
      ),
    )
    .action(action((file: string, options: PlanOptions) => plan(file, options, terminal)));
};

async function plan(file: string, options: PlanOptions, terminal: Terminal): Promise<ExitCode> {
  const { pipeline, folder, at } = await loadPipeline(file, options.set, terminal.cwd);
  // Read here, so that what is wrong with it shows before anything is paid for.
  await loadPolicyByName(pipeline.policy, (path) => besidePipeline(path, folder));
  const source = await openPromptSource(pipeline, folder, terminal.env);
  const earlier = await readEarlier(
    resolve(terminal.cwd, options.from ?? join('reports', pipeline.name)),
    options.from !== undefined,
  );
  const lookers = await Promise.all(
    pipeline.detectors.map(async ({ use, when, id, priceUsd }, index) => ({
      detector: typeof id === 'string' ? id : use,
      cascade: when !== undefined,
      priceUsd: typeof priceUsd === 'number' ? priceUsd : undefined,
      isPaid: !(await detectorAdapter(use, `${at('detectors', index)} (${use})`)).runsHere,
    })),
  );
  const mediaHosts = await Promise.all(
    pipeline.detectors.map(async ({ use, sendMedia, when: _when, ...rest }, index) => {
      const place = `${at('detectors', index)} (${use})`;
      const host = (await detectorAdapter(use, place)).sendsMediaTo(rest, place);
      return host === null ? [] : [{ detector: use, host, allowed: sendMedia === true }];
    }),
  );
  const endpoints = await createEndpoints(
    pipeline.endpoints,
    (index) => at('endpoints', index),
    source.prompts,
    terminal,
    folder,
  );
  const forecasts: EndpointForecast[] = [];
  try {
    for (const { entry, endpoint } of endpoints) {
      forecasts.push(
        await forecastEndpoint(
          entry,
          endpoint.modality,
          source.prompts(),
          pipeline,
          earlier.answers.get(entry.id),
        ),
      );
    }
  } finally {
    await closeAll(endpoints.map(({ endpoint }) => endpoint));
  }
  const sendsMediaTo = mediaHosts.flat();
  const trials = forecasts.reduce((sum, one) => sum + one.trials, 0);
  const detectors = lookers
    .filter(({ isPaid }) => isPaid)
    .map(({ detector, ...options }) =>
      forecastDetector(detector, options, trials, earlier.looks.get(detector)),
    );
  if (options.json === true) {
    terminal.out(
      JSON.stringify(
        { schema: 1, pipeline: pipeline.name, endpoints: forecasts, detectors, sendsMediaTo },
        null,
        2,
      ),
    );
  } else print(forecasts, detectors, sendsMediaTo, terminal);
  return EXIT.done;
}

interface Earlier {
  /** Mean latency and cost of an answer, by endpoint. */
  readonly answers: ReadonlyMap<string, EarlierAnswers>;
  /** Of each detector. */
  readonly looks: ReadonlyMap<string, EarlierLooks>;
}

async function readEarlier(folder: string, isAsked: boolean): Promise<Earlier> {
  const { journal } = runFolder(folder);
  if (!isAsked && !existsSync(journal)) return { answers: new Map(), looks: new Map() };
  const sums = new Map<string, { answers: number; ms: number; priced: number; usd: number }>();
  const looks = new Map<string, LookSum>();
  const reader = await openRun(journal);
  try {
    for await (const { generated, detected } of reader.records()) {
      addLooks(looks, detected?.findings ?? []);
      if (generated.cached || generated.outcome.kind === 'failed') continue;
      const { endpoint } = generated.trial;
      const sum = sums.get(endpoint) ?? { answers: 0, ms: 0, priced: 0, usd: 0 };
      sums.set(endpoint, sum);
      sum.answers += 1;
      sum.ms += generated.latencyMs;
      if (generated.costUsd !== null) {
        sum.priced += 1;
        sum.usd += generated.costUsd;
      }
    }
  } finally {
    await reader.close();
  }
  return {
    answers: new Map(
      [...sums].map(([endpoint, { answers, ms, priced, usd }]) => [
        endpoint,
        { latencyMs: ms / answers, costUsd: priced === 0 ? null : usd / priced },
      ]),
    ),
    looks: new Map(
      [...looks].map(([detector, { priced, usd, ...counts }]) => [
        detector,
        { ...counts, costUsd: priced === 0 ? null : usd / priced },
      ]),
    ),
  };
}

interface LookSum {
  asked: number;
  skipped: number;
  priced: number;
  usd: number;
}

/** Counts a medium once for each detector, however many findings it gave. */
function addLooks(sums: Map<string, LookSum>, findings: readonly Finding[]): void {
  const media = new Map<string, { detector: string; asked: boolean; usd: number | undefined }>();
  for (const { detector, mediaSha256, result, costUsd } of findings) {
    if (mediaSha256 === null) continue;
    const key = `${detector} ${mediaSha256}`;
    const one = media.get(key) ?? { detector, asked: false, usd: undefined };
    media.set(key, one);
    if (result.kind !== 'skipped') one.asked = true;
    if (costUsd !== undefined && costUsd !== null) one.usd = (one.usd ?? 0) + costUsd;
  }
  for (const { detector, asked, usd } of media.values()) {
    const sum = sums.get(detector) ?? { asked: 0, skipped: 0, priced: 0, usd: 0 };
    sums.set(detector, sum);
    if (asked) sum.asked += 1;
    else sum.skipped += 1;
    if (asked && usd !== undefined) {
      sum.priced += 1;
      sum.usd += usd;
    }
  }
}

function print(
  forecasts: readonly EndpointForecast[],
  detectors: readonly DetectorForecast[],
  sendsMediaTo: readonly { detector: string; host: string; allowed: boolean }[],
  terminal: Terminal,
): void {
  printTable(
    ['endpoint', 'prompts', 'trials', 'harmful', 'benign', 'controls', 'cost', 'time'],
    forecasts.map((one) => [
      one.endpoint,
      String(one.prompts),
      String(one.trials),
      String(one.byIntent.harmful.prompts),
      String(one.byIntent.benign.prompts),
      String(one.byIntent.control.prompts),
      one.costUsd === null ? 'unknown' : `$${one.costUsd.toFixed(2)} (${one.costFrom})`,
      one.durationMs === null ? 'unknown' : `about ${formatDuration(one.durationMs)}`,
    ]),
    terminal,
  );
  const total = forecasts.reduce((sum, { trials }) => sum + trials, 0);
  const known = forecasts.flatMap(({ costUsd }) => costUsd ?? []);
  terminal.out(
    `\n${total} trials; cost ${
      known.length === forecasts.length
        ? `$${known.reduce((sum, usd) => sum + usd, 0).toFixed(2)}`
        : `unknown for ${forecasts.length - known.length} of ${forecasts.length} endpoints (declare priceUsd, or name a run with --from)`
    }.`,
  );
  for (const { endpoint, stoppedByGuard, otherModality } of forecasts) {
    if (stoppedByGuard > 0) {
      terminal.out(`${endpoint}: ${stoppedByGuard} prompts are stopped by the minors guard.`);
    }
    if (otherModality > 0) {
      terminal.out(`${endpoint}: ${otherModality} prompts ask for another kind of media.`);
    }
  }
  for (const forecast of detectors) terminal.out(detectorSentence(forecast));
  for (const { detector, host, allowed } of sendsMediaTo) {
    terminal.out(
      `${detector} sends media to ${host}${allowed ? '' : ': not allowed by this pipeline (sendMedia: true)'}.`,
    );
  }
  if (sendsMediaTo.length === 0) terminal.out('No detector sends media to another host.');
  // Endpoints that are asked the same can show the same.
  const shown = new Set<string>();
  for (const { harm, overRefusal } of forecasts) {
    for (const [what, precision] of [
      ['Harm', harm],
      ['Over-refusal', overRefusal],
    ] as const) {
      if (precision !== null) shown.add(sentence(what, precision));
    }
  }
  for (const line of shown) terminal.out(line);
  if (forecasts.some(({ harm }) => harm !== null)) {
    terminal.out(
      'Families of hazards that no detector here claims leave the rate of harm: then it shows less than this.',
    );
  }
}

function detectorSentence(forecast: DetectorForecast): string {
  const { detector, mediaAtMost, mediaExpected, costUsdAtMost, costUsdExpected } = forecast;
  const media = `${detector} is asked about at most ${mediaAtMost} media`;
  const cost =
    costUsdAtMost === null
      ? 'cost unknown (declare priceUsd, or name a run with --from)'
      : `at most $${costUsdAtMost.toFixed(2)} (${forecast.costFrom === 'declared price' ? 'declared price, one request a medium' : forecast.costFrom})`;
  if (!forecast.cascade) return `${media}: ${cost}.`;
  const expected =
    mediaExpected === null
      ? 'how many are in doubt is not known yet'
      : `about ${Math.round(mediaExpected)} of them in doubt${costUsdExpected === null ? '' : `, $${costUsdExpected.toFixed(2)}`}`;
  return `${media}: ${cost}; ${expected}.`;
}

function sentence(what: string, precision: Precision): string {
  const { families, halfWidthAtHalf, halfWidthAtTenth, upperLimitAtZero } = precision;
  const difference = precision.smallestDifferenceAtFifth;
  return `${what}, ${families} families: ±${formatPercent(halfWidthAtHalf)} at a rate of 50 %, ±${formatPercent(halfWidthAtTenth)} at 10 %, below ${formatPercent(upperLimitAtZero)} if none is found; two systems that differ on a fifth of the families: ${difference === null ? 'no difference would be shown' : `differences from ${formatPercent(difference)} on`}.`;
}
