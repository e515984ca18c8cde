import { SafelightError } from '../../core/errors.ts';
import type { DetectorDescription } from '../../core/journal-event.ts';
import { howToGet } from '../../detectors/onnx/catalogue.ts';
import { DETECTOR_ADAPTERS, type DetectorAdapterName } from '../../detectors/registry.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addModelsStore } from '../models-store.ts';
import { printTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ModelRow {
  readonly name: string;
  readonly title: string;
  readonly description: DetectorDescription | null;
  /** Why it cannot be loaded, null where it can. */
  readonly problem: string | null;
  /** What a detector that is not on this machine needs. */
  readonly service?: string;
  /** How to get the model of a detector that does not come with one. */
  readonly absent?: string;
}

export const addModels: AddCommand = (program, context) => {
  const { terminal, action } = context;
  const command = program
    .command('models')
    .description('what looks at media: the detectors')
    .addHelpText('after', examples('safelight models list', 'safelight models verify'));
  command
    .command('list')
    .description('list the detectors, what they claim to see, their licences and weights')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight models list'))
    .action(action((options: { json?: boolean }) => list(options.json === true, terminal)));
  command
    .command('verify')
    .description('load every detector and check the hashes of its weights')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight models verify'))
    .action(action((options: { json?: boolean }) => verify(options.json === true, terminal)));
  addModelsStore(command, context);
};

async function loadAll(terminal: Terminal): Promise<ModelRow[]> {
  const names = Object.keys(DETECTOR_ADAPTERS) as DetectorAdapterName[];
  const rows: ModelRow[] = [];
  for (const name of names) {
    const adapter = await DETECTOR_ADAPTERS[name]();
    if (!adapter.runsHere) {
      const service =
        adapter.needs === 'judge'
          ? 'needs a chat server: `baseUrl` and `model`, see docs/judges.md'
          : 'a service: needs its key or address, see docs/services.md';
      rows.push({ name, title: adapter.title, description: null, problem: null, service });
      continue;
    }
    // Such as `classifier`, which has to be told its model.
    if (!adapter.optionsSchema.safeParse({}).success) continue;
    try {
      const detector = await adapter.create({}, name, { env: terminal.env, folder: terminal.cwd });
      rows.push({
        name,
        title: adapter.title,
        description: detector.description,
        problem: null,
      });
      await detector.close();
    } catch (error) {
      if (!(error instanceof SafelightError)) throw error;
      if (adapter.pulls !== null && error.code === 'model_missing') {
        const absent = `not pulled: ${howToGet(adapter.pulls)}`;
        rows.push({ name, title: adapter.title, description: null, problem: null, absent });
        continue;
      }
      const problem = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
      rows.push({ name, title: adapter.title, description: null, problem });
    }
  }
  return rows;
}

async function list(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const rows = await loadAll(terminal);
  if (json) {
    terminal.out(JSON.stringify(rows, null, 2));
    return EXIT.done;
  }
  printTable(
    ['use', 'version', 'licence', 'weights', 'claims'],
    rows.map(({ name, description, problem, service, absent, title }) => [
      name,
      description?.version ?? '–',
      description?.licence ?? '–',
      description?.weightsSha256?.slice(0, 12) ??
        (problem === null && absent === undefined ? 'none' : 'missing'),
      description === null
        ? (problem ?? `${title}: ${absent ?? service}`)
        : describeClaims(description),
    ]),
    terminal,
  );
  return EXIT.done;
}

function describeClaims(description: DetectorDescription): string {
  if (description.testDouble) return 'test double: everything, as the sandbox tells it';
  if (description.claims.length === 0) return 'no hazard: soft refusals only';
  return description.claims.map(({ hazard, carrier }) => `${hazard}/${carrier}`).join(', ');
}

async function verify(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const rows = await loadAll(terminal);
  if (json) terminal.out(JSON.stringify(rows, null, 2));
  else {
    for (const { name, description, problem, service, absent } of rows) {
      if (service !== undefined || absent !== undefined) continue;
      const weights = description?.weightsSha256;
      terminal.out(
        problem === null
          ? `ok      ${name}${weights == null ? '' : `  ${weights}`}`
          : `failed  ${name}  ${problem}`,
      );
    }
  }
  return rows.every(({ problem }) => problem === null) ? EXIT.done : EXIT.gateFailed;
}
