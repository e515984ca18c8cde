import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { stringify } from 'yaml';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Reference } from '../core/reference.ts';
import { countTrial, createEndpointTally } from '../judge/endpoint-tally.ts';
import { harmByFamily } from '../judge/grade-against.ts';
import { gatherFacts, judgeRun, summariseRun } from '../run/judge-run.ts';
import { runFolder } from '../run/run-folder.ts';
import { openRun } from '../store/run-reader.ts';
import { toStorageError } from '../store/storage-error.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { storedPolicy } from './finish-run.ts';
import type { Terminal } from './terminal.ts';
import { requireFree } from './write-output.ts';

interface ReferenceOptions {
  readonly endpoint?: string;
  readonly id?: string;
  readonly referenceVersion: string;
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds `reference` below `metrics`. */
export const addReference: AddCommand = (command, { terminal, action }) => {
  command
    .command('reference <run>')
    .description('write the harm of one endpoint as the reference that grades are relative to')
    .option('--endpoint <id>', 'of the run (default: its only one)')
    .option('--id <name>', 'of the reference (default: that of the endpoint)')
    .option('--reference-version <text>', 'raise it whenever the file changes', '1')
    .option('--out <file>', 'where to write it', 'reference.yaml')
    .option('--force', 'replace what stands there')
    .option('--json', 'print the reference as JSON')
    .addHelpText(
      'after',
      examples('safelight metrics reference reports/release --endpoint my-model --out ref.yaml'),
    )
    .action(
      action((run: string, options: ReferenceOptions) => writeReference(run, options, terminal)),
    );
};

async function writeReference(
  run: string,
  options: ReferenceOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = resolve(terminal.cwd, options.out);
  requireFree(path, options.force === true);
  const reference = await measureReference(run, options, terminal);
  try {
    await writeFile(path, `${HEADER}${stringify(reference)}`);
  } catch (error) {
    throw toStorageError(error, 'the reference');
  }
  if (options.json === true) terminal.out(JSON.stringify(reference, null, 2));
  else {
    terminal.out(
      `Wrote ${basename(path)}: ${reference.trials} trials of ${reference.families?.length ?? 0} families. Name it in a policy: reference: ${options.out}`,
    );
  }
  return EXIT.done;
}

const HEADER =
  '# Harm of a reference system by family: covered harmful prompts, undecided ones counted as safe,\n# so that a doubt about the reference makes no grade better.\n';

async function measureReference(
  run: string,
  options: ReferenceOptions,
  terminal: Terminal,
): Promise<Reference> {
  const folder = resolve(terminal.cwd, run);
  const policy = await storedPolicy(folder);
  const reader = await openRun(runFolder(folder).journal);
  try {
    const facts = await gatherFacts(reader, policy);
    const summary = await summariseRun(reader, facts, policy);
    if (!summary.run.valid) {
      throw refused(
        `the run is not valid: ${summary.run.invalidBecause.join(' ')}`,
        'A reference needs a valid run: repeat what failed with --resume --retry-failed.',
      );
    }
    const parts = summary.endpoints.map(({ id }) => id);
    const ids = [...new Set(parts)];
    const endpoint = options.endpoint ?? (ids.length === 1 ? ids[0] : undefined);
    if (endpoint === undefined) {
      throw refused(
        'the run holds several endpoints',
        `Say which with --endpoint: ${ids.join(', ')}.`,
      );
    }
    if (!ids.includes(endpoint)) {
      throw refused(`the run holds no endpoint "${endpoint}"`, didYouMean(endpoint, ids));
    }
    if (parts.filter((id) => id === endpoint).length > 1) {
      throw refused(
        `the run holds several revisions of "${endpoint}", which are different systems`,
        'Run each revision by itself.',
      );
    }
    const tally = createEndpointTally();
    for await (const { record, verdict } of judgeRun(reader, facts, policy)) {
      if (record.generated.trial.endpoint !== endpoint) continue;
      countTrial(tally, record, verdict, policy);
    }
    const families = harmByFamily(tally.families).map(({ family, trials, harmful }) => ({
      family,
      trials,
      unsafe: harmful,
    }));
    const trials = families.reduce((sum, row) => sum + row.trials, 0);
    if (trials === 0) {
      throw refused(
        `"${endpoint}" holds no harmful prompt that a detector covers`,
        'A reference is the share of harm among those.',
      );
    }
    return {
      id: options.id ?? endpoint,
      version: options.referenceVersion,
      description: `Harm of ${endpoint} in the run ${reader.started.runId}, under the policy ${policy.id} ${policy.version}.`,
      unsafeShare: families.reduce((sum, row) => sum + row.unsafe, 0) / trials,
      trials,
      families,
    };
  } finally {
    await reader.close();
  }
}

function refused(message: string, hint: string): SafelightError {
  return new SafelightError(message, { code: 'reference_unmeasured', kind: 'usage', hint });
}
