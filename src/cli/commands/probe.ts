import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Option } from 'commander';
import { createProbe, type Probe } from '../../audit/probe.ts';
import type { ProbeAnswer } from '../../audit/probe-state.ts';
import { SafelightError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { ProbeOptions, ProbeResult } from '../../core/probe.ts';
import type { Prompt } from '../../core/prompt.ts';
import { renderProbe } from '../../report/render-probe.ts';
import { gatherFacts, judgeRun } from '../../run/judge-run.ts';
import type { Pipeline } from '../../run/pipeline.ts';
import { isWanted } from '../../run/plan.ts';
import { runFolder } from '../../run/run-folder.ts';
import { openRun } from '../../store/run-reader.ts';
import { needsModel } from '../../suites/augmentations/augment-prompt.ts';
import type { AugmentationChain } from '../../suites/augmentations/augmentation.ts';
import {
  AUGMENTATION_NAMES,
  loadAugmentation,
  loadChain,
} from '../../suites/augmentations/registry.ts';
import { type AddCommand, examples } from '../command.ts';
import { type ExecuteOptions, executePipeline } from '../execute-pipeline.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { probeTables } from '../probe-tables.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ExecuteOptions {
  readonly set: readonly string[];
}

export const addProbe: AddCommand = (program, { terminal, action }) => {
  program
    .command('probe <pipeline>')
    .description('search, within budgets, for wordings on which guarded endpoints fail')
    .option('--out <folder>', 'where to write the run (default: reports/<name>)')
    .addOption(new Option('--resume', 'go on with an interrupted search').conflicts('force'))
    .addOption(new Option('--force', 'delete the run in that folder first'))
    .option('--set <key=value...>', 'override any key of the pipeline', [])
    .option('--json', 'print what was found as JSON')
    .addHelpText(
      'after',
      `\nThe pipeline's key \`probe\` says that whoever runs the endpoints allows it (\`authorised: true\`)
and how much may be asked (\`maxQueries\`, \`maxRefusals\`). Rates and kinds of change go into
probe.json and probe.html; the wordings stay in the journal.\n${examples(
        'safelight probe pipelines/probe-demo.yaml',
        'safelight probe my.yaml --out reports/probe --set probe.queries=10',
      )}`,
    )
    .action(action((file: string, options: Options) => probe(file, options, terminal)));
};

async function probe(file: string, options: Options, terminal: Terminal): Promise<ExitCode> {
  const loaded = await loadPipeline(file, options.set, terminal.cwd);
  const settings = requireProbe(loaded.pipeline, file);
  const chains = await loadChains(settings);
  const pipeline = { ...loaded.pipeline, endpoints: withLimits(loaded.pipeline, settings) };
  const probes = new Map<string, Probe>();
  const done = await executePipeline(
    { ...loaded, pipeline },
    options,
    terminal,
    async ({ folder, policy, source, endpoints }) => {
      for (const { entry } of endpoints) {
        if (entry.id === settings.reference) continue;
        const prompts: Prompt[] = [];
        for await (const prompt of source.prompts()) {
          if (isWanted(prompt, entry.only) && prompt.sealed === undefined) prompts.push(prompt);
        }
        probes.set(entry.id, createProbe(entry.id, prompts, chains, settings));
      }
      return async () => {
        const answers = await readAnswers(folder, policy);
        const round = new Map<string, readonly Prompt[]>();
        for (const [id, one] of probes) {
          one.learn(answers.get(id) ?? []);
          round.set(id, await one.next());
        }
        return round;
      };
    },
  );
  if (done === undefined) return EXIT.interrupted;
  const answers = await readAnswers(done.folder, done.policy);
  const reference =
    settings.reference === undefined
      ? undefined
      : new Map(
          (answers.get(settings.reference) ?? []).map(({ promptId, verdict }) => [
            promptId,
            verdict === 'harmful',
          ]),
        );
  const result: ProbeResult = {
    schema: 1,
    runId: done.summary.run.id,
    endpoints: [...probes.values()].map((one) => one.result(reference)),
  };
  await writeFile(join(done.folder, 'probe.json'), `${JSON.stringify(result, null, 2)}\n`);
  const page = join(done.folder, 'probe.html');
  await writeFile(page, renderProbe(result, done.summary));
  if (options.json === true) terminal.out(JSON.stringify(result, null, 2));
  else {
    for (const line of probeTables(result)) terminal.out(line);
    terminal.out(`\nSearch: ${relative(terminal.cwd, page)}`);
  }
  return done.summary.run.valid ? EXIT.done : EXIT.notValid;
}

function requireProbe(
  { probe: settings, until, seeds, endpoints }: Pipeline,
  file: string,
): ProbeOptions {
  const invalid = (message: string, hint: string): SafelightError =>
    new SafelightError(`${file}: ${message}`, {
      code: 'probe_invalid',
      kind: 'configuration',
      hint,
    });
  if (settings === undefined) {
    throw invalid(
      'the pipeline does not say what to search for',
      'Add `probe: { authorised: true, maxQueries: 200, maxRefusals: 100 }` where you may.',
    );
  }
  if (until !== undefined) throw invalid('`probe` and `until` exclude each other', 'Take one out.');
  if (seeds !== 1 && !(Array.isArray(seeds) && seeds.length === 1)) {
    throw invalid('a search asks each wording once', 'Set `seeds: 1`.');
  }
  const ids = endpoints.map(({ id }) => id);
  const { reference } = settings;
  if (reference !== undefined && !ids.includes(reference)) {
    throw invalid(`there is no endpoint "${reference}" to refer to`, didYouMean(reference, ids));
  }
  if (ids.every((id) => id === reference)) {
    throw invalid('only the reference is there', 'Name the guarded endpoint as well.');
  }
  return settings;
}

/** The search's budgets hold for the plain round too. */
function withLimits(
  { endpoints }: Pipeline,
  { maxQueries, maxRefusals, maxUsd, reference }: ProbeOptions,
): Pipeline['endpoints'] {
  return endpoints.map((entry) =>
    entry.id === reference
      ? entry
      : {
          ...entry,
          limits: {
            ...entry.limits,
            maxTrials: Math.min(maxQueries, entry.limits?.maxTrials ?? maxQueries),
            maxRefusals: Math.min(maxRefusals, entry.limits?.maxRefusals ?? maxRefusals),
            ...(maxUsd === undefined
              ? {}
              : { maxUsd: Math.min(maxUsd, entry.limits?.maxUsd ?? maxUsd) }),
          },
        },
  );
}

async function loadChains({ chains }: ProbeOptions): Promise<AugmentationChain[]> {
  if (chains === undefined) {
    const all = await Promise.all(AUGMENTATION_NAMES.map(loadAugmentation));
    return all.flatMap((one): AugmentationChain[] =>
      one.by === 'code' ? [{ name: one.id, steps: [one] }] : [],
    );
  }
  const loaded = await Promise.all([...new Set(chains)].map(loadChain));
  const model = loaded.find(needsModel);
  if (model === undefined) return loaded;
  throw new SafelightError(`probe: "${model.name}" needs a language model`, {
    code: 'probe_needs_model',
    kind: 'configuration',
    hint: 'A search uses techniques in code: see `safelight suites augment --help` for which they are.',
  });
}

/** Verdicts by endpoint, in the order of the journal. */
async function readAnswers(
  folder: string,
  policy: Parameters<typeof gatherFacts>[1],
): Promise<Map<string, ProbeAnswer[]>> {
  const reader = await openRun(runFolder(folder).journal);
  try {
    const facts = await gatherFacts(reader, policy);
    const answers = new Map<string, ProbeAnswer[]>();
    for await (const { record, verdict } of judgeRun(reader, facts, policy)) {
      const { trial, prompt, costUsd } = record.generated;
      const own = answers.get(trial.endpoint) ?? [];
      answers.set(trial.endpoint, own);
      own.push({ promptId: prompt.id, verdict: verdict.class, costUsd });
    }
    return answers;
  } finally {
    await reader.close();
  }
}
