import { SafelightError } from '../../core/errors.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import type { DetectorDescription } from '../../core/journal-event.ts';
import { NSFWJS_MODELS } from '../../detectors/nsfwjs.ts';
import { howToGet } from '../../detectors/onnx/catalogue.ts';
import {
  installedModelsFolder,
  listInstalledModels,
  verifyInstalledModel,
} from '../../detectors/onnx/installed-models.ts';
import { bundledModelsFolder, loadModel } from '../../detectors/onnx/model-store.ts';
import { DETECTOR_ADAPTERS, type DetectorAdapterName } from '../../detectors/registry.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { addModelsStore, listCatalogue, sizeOf } from '../models-store.ts';
import { printTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ModelRow {
  readonly name: string;
  readonly title: string;
  readonly description: DetectorDescription | null;
  /** Why it cannot be loaded, null where it can. */
  readonly problem: string | null;
  /** Of a detector that is not on this machine. */
  readonly needs?: 'service' | 'judge';
  /** The same in words. */
  readonly service?: string;
  /** How to get the model of a detector that does not come with one. */
  readonly absent?: string;
}

const NEEDS = {
  service: 'a service: needs its key or address, see docs/services.md',
  judge: 'needs a chat server: `baseUrl` and `model`, see docs/judges.md',
} as const;

export const addModels: AddCommand = (program, context) => {
  const { terminal, action } = context;
  const command = program
    .command('models')
    .description('what looks at media: the detectors')
    .addHelpText('after', examples('safelight models list', 'safelight models verify'));
  command
    .command('list')
    .description(
      'list detectors and models: claims, licences, sizes, whether they are there, how to get them',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight models list'))
    .action(action((options: { json?: boolean }) => list(options.json === true, terminal)));
  command
    .command('verify')
    .description(
      'load every detector and check the hashes of all weights, also of pulled and added models',
    )
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
      const needs = adapter.needs ?? 'service';
      const { title } = adapter;
      rows.push({ name, title, description: null, problem: null, needs, service: NEEDS[needs] });
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
      rows.push({ name, title: adapter.title, description: null, problem: sayProblem(error) });
    }
  }
  return rows;
}

async function list(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const rows = await loadAll(terminal);
  const models = await listCatalogue(installedModelsFolder(terminal.env));
  if (json) {
    terminal.out(JSON.stringify({ detectors: rows, models }, null, 2));
    return EXIT.done;
  }
  const here = rows.filter(({ service }) => service === undefined);
  printTable(
    ['use', 'version', 'weights', 'claims and licence'],
    here.map(({ name, description, problem, absent, title }) => [
      name,
      description?.version ?? '–',
      description?.weightsSha256?.slice(0, 12) ??
        (problem === null && absent === undefined ? 'none' : 'missing'),
      description === null
        ? (problem ?? `${title}: ${absent}`)
        : `${describeClaims(description)}. ${description.licence}`,
    ]),
    terminal,
  );
  terminal.out('');
  for (const need of ['service', 'judge'] as const) {
    const names = rows.filter((row) => row.needs === need).map(({ name }) => name);
    terminal.out(`${NEEDS[need]}: ${names.join(', ')}`);
  }
  terminal.out('');
  printTable(
    ['model', 'state', 'size', 'licence', 'claims, and how to get it'],
    models.map((model) => [
      model.name,
      model.state,
      sizeOf(model),
      model.licence,
      [model.claims.join(', '), model.state === 'present' ? model.title : model.get]
        .filter((part) => part !== '')
        .join('. '),
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
  const weights = [...(await verifyBundled()), ...(await verifyInstalled(terminal))];
  if (json) terminal.out(JSON.stringify({ detectors: rows, models: weights }, null, 2));
  else {
    for (const { name, description, problem, service, absent } of rows) {
      if (service !== undefined || absent !== undefined) continue;
      terminal.out(verified(name, description?.weightsSha256 ?? null, problem));
    }
    for (const { name, sha256, problem } of weights) {
      terminal.out(verified(`model ${name}`, sha256, problem));
    }
  }
  return [...rows, ...weights].every(({ problem }) => problem === null)
    ? EXIT.done
    : EXIT.gateFailed;
}

function verified(name: string, sha256: string | null, problem: string | null): string {
  if (problem !== null) return `failed  ${name}  ${problem}`;
  return `ok      ${name}${sha256 === null ? '' : `  ${sha256}`}`;
}

interface VerifiedModel {
  readonly name: string;
  /** Of its weights; of several files, of their hashes. */
  readonly sha256: string | null;
  readonly problem: string | null;
}

/** The sizes of nsfwjs, but those that this copy leaves out. */
async function verifyBundled(): Promise<VerifiedModel[]> {
  const rows: VerifiedModel[] = [];
  for (const size of NSFWJS_MODELS) {
    const row = await tryModel(`nsfwjs ${size}`, async () => {
      const { card } = await loadModel(`nsfwjs-${size}`, bundledModelsFolder());
      return card.sha256;
    });
    if (row.code !== 'model_missing' || size !== 'inception-v3') rows.push(row);
  }
  return rows;
}

async function verifyInstalled(terminal: Terminal): Promise<VerifiedModel[]> {
  const folder = installedModelsFolder(terminal.env);
  const rows: VerifiedModel[] = [];
  for (const name of await listInstalledModels(folder)) {
    rows.push(
      await tryModel(name, async () => {
        const { files } = await verifyInstalledModel(name, folder);
        const [first] = files;
        return files.length === 1 && first !== undefined
          ? first.sha256
          : sha256OfBytes(files.map(({ sha256 }) => sha256).join('\n'));
      }),
    );
  }
  return rows;
}

async function tryModel(
  name: string,
  load: () => Promise<string>,
): Promise<VerifiedModel & { readonly code?: string }> {
  try {
    return { name, sha256: await load(), problem: null };
  } catch (error) {
    if (!(error instanceof SafelightError)) throw error;
    return { name, sha256: null, problem: sayProblem(error), code: error.code };
  }
}

function sayProblem({ message, hint }: SafelightError): string {
  return hint === undefined ? message : `${message} ${hint}`;
}
