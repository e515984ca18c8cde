import { z } from 'zod';
import { ENDPOINT_ADAPTERS, type EndpointAdapterName } from '../../endpoints/registry.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findEndpoint } from '../find-endpoint.ts';
import { loadPipeline } from '../load-pipeline.ts';
import { openPromptSource } from '../prompt-source.ts';
import { printTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { closeAll, createEndpoints, endpointAdapter } from '../wiring.ts';

export const addEndpoints: AddCommand = (program, { terminal, action }) => {
  const command = program
    .command('endpoints')
    .description('what a pipeline can send prompts to')
    .addHelpText(
      'after',
      examples('safelight endpoints list', 'safelight endpoints describe gradio'),
    );
  command
    .command('list')
    .description('list the adapters that a pipeline names with "use"')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight endpoints list'))
    .action(action((options: { json?: boolean }) => list(options.json === true, terminal)));
  command
    .command('describe <adapter-or-pipeline>')
    .description("an adapter's options, or what the endpoints of a pipeline answer when asked")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('safelight endpoints describe gradio', 'safelight endpoints describe my.yaml'),
    )
    .action(
      action((name: string, options: { json?: boolean }) =>
        /\.ya?ml$/i.test(name)
          ? describePipeline(name, options.json === true, terminal)
          : describeAdapter(name, options.json === true, terminal),
      ),
    );
  command
    .command('check <pipeline-or-id> [id]')
    .description(
      'send one harmless prompt, and say step by step what was found; an id alone is looked for in ./safelight.yaml, then in ./pipelines',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'safelight endpoints check my.yaml',
        'safelight endpoints check my.yaml flux-schnell',
        'safelight endpoints check flux-schnell',
      ),
    )
    .action(
      action(async (target: string, named: string | undefined, options: { json?: boolean }) => {
        const { checkEndpoints } = await import('../endpoints-check.ts');
        const { file, id } = await findEndpoint(target, named, terminal.cwd);
        return checkEndpoints(file, id, options.json === true, terminal);
      }),
    );
  command
    .command('replay <run>')
    .description("decide a run's recorded answers again with the rules of today; sends nothing")
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight endpoints replay reports/today'))
    .action(
      action(async (run: string, options: { json?: boolean }) => {
        const { replayEndpoints } = await import('../endpoints-replay.ts');
        return replayEndpoints(run, options.json === true, terminal);
      }),
    );
};

async function list(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const names = Object.keys(ENDPOINT_ADAPTERS) as EndpointAdapterName[];
  const rows = await Promise.all(
    names.map(async (name) => ({ name, title: (await ENDPOINT_ADAPTERS[name]()).title })),
  );
  if (json) terminal.out(JSON.stringify(rows, null, 2));
  else
    printTable(
      ['use', 'what it is'],
      rows.map((row) => [row.name, row.title]),
      terminal,
    );
  return EXIT.done;
}

async function describeAdapter(name: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const adapter = await endpointAdapter(name, 'endpoints describe');
  const schema = z.toJSONSchema(adapter.optionsSchema, { io: 'input', unrepresentable: 'any' });
  if (json) {
    terminal.out(JSON.stringify({ use: name, title: adapter.title, options: schema }, null, 2));
    return EXIT.done;
  }
  terminal.out(`${name}: ${adapter.title}\n`);
  const required = new Set(schema.required ?? []);
  printTable(
    ['option', 'type', 'meaning'],
    Object.entries(schema.properties ?? {}).map(([option, property]) => [
      required.has(option) ? `${option} (required)` : option,
      typeof property === 'object' ? describeType(property) : '',
      typeof property === 'object' ? (property.description ?? '') : '',
    ]),
    terminal,
  );
  return EXIT.done;
}

function describeType(property: z.core.JSONSchema.BaseSchema): string {
  if (property.enum !== undefined) return property.enum.join(' | ');
  return [property.type ?? 'any'].flat().join(' | ');
}

async function describePipeline(
  file: string,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const { pipeline, folder, at } = await loadPipeline(file, [], terminal.cwd);
  const source = await openPromptSource(pipeline, folder, terminal.env);
  const endpoints = await createEndpoints(
    pipeline.endpoints,
    (index) => at('endpoints', index),
    source.prompts,
    terminal,
    folder,
  );
  try {
    const descriptions = await Promise.all(
      endpoints.map(({ endpoint }) => endpoint.describe(terminal.signal)),
    );
    if (json) {
      terminal.out(JSON.stringify(descriptions, null, 2));
      return EXIT.done;
    }
    printTable(
      ['id', 'kind', 'modality', 'revision', 'parameters', 'safety settings'],
      descriptions.map((description) => [
        description.id,
        description.kind,
        description.modality,
        description.revision ?? 'not told',
        JSON.stringify(description.parameters),
        JSON.stringify(description.safetySettings),
      ]),
      terminal,
    );
    return EXIT.done;
  } finally {
    await closeAll(endpoints.map(({ endpoint }) => endpoint));
  }
}
