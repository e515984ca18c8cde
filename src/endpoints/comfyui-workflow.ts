import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Parameters } from '../core/trial.ts';

/** A graph in ComfyUI's API format: nodes by id. */
export type Workflow = Readonly<Record<string, WorkflowNode>>;

const nodeSchema = z.looseObject({
  class_type: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
});
type WorkflowNode = z.output<typeof nodeSchema>;
const workflowSchema = z.record(z.string(), nodeSchema);
/** What the editor saves by default: for itself, not for the API. */
const editorFormatSchema = z.looseObject({ nodes: z.array(z.unknown()) });

/** Where a value goes: `<node id>.<input>`, such as `6.text`. */
export interface WorkflowMapping {
  readonly prompt: readonly string[];
  readonly seed: readonly string[];
  readonly parameters: Parameters;
}

const PLACEHOLDER = /\{(prompt|seed)\}/g;

/**
 * Reads a workflow from a file, or takes it as it stands in the pipeline.
 *
 * @throws SafelightError `workflow_missing`, `workflow_invalid`.
 */
export function readWorkflow(
  id: string,
  source: string | Readonly<Record<string, unknown>>,
): Workflow {
  const value = typeof source === 'string' ? readJson(id, source) : source;
  const name = typeof source === 'string' ? source : '`workflow`';
  if (editorFormatSchema.safeParse(value).success) {
    throw invalid(
      id,
      `${name} is in the format of the editor`,
      'Export it in the API format: Workflow > Export (API) in ComfyUI.',
    );
  }
  const parsed = workflowSchema.safeParse(value);
  if (!parsed.success || Object.keys(parsed.data).length === 0) {
    const node = parsed.error?.issues[0]?.path[0];
    throw invalid(
      id,
      node === undefined
        ? `${name} is no workflow`
        : `${name}: node ${String(node)} is none of the API format`,
      'A workflow in the API format has nodes by id, each with class_type and inputs.',
    );
  }
  return parsed.data;
}

function readJson(id: string, path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SafelightError(`endpoint "${id}": cannot read the workflow ${path}`, {
      code: 'workflow_missing',
      kind: 'configuration',
      hint: 'Name a JSON file, relative to the pipeline file.',
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(id, `${path} is no JSON`, 'Export the workflow again, in the API format.', cause);
  }
}

/**
 * Holds the mapping against the workflow, before anything is sent.
 *
 * @throws SafelightError `workflow_invalid` for a node or an input that is not there, and where
 *   nothing takes the prompt.
 */
export function checkMapping(id: string, workflow: Workflow, mapping: WorkflowMapping): void {
  const places = [...mapping.prompt, ...mapping.seed, ...Object.keys(mapping.parameters)];
  for (const place of places) {
    const [node, input] = partPlace(place);
    const found = workflow[node];
    if (found === undefined) {
      const nodes = Object.entries(workflow).map(
        ([name, { class_type: type }]) => `${name} (${type})`,
      );
      throw invalid(
        id,
        `"${place}": the workflow has no node ${node}`,
        `There are: ${nodes.join(', ')}.`,
      );
    }
    if (!Object.hasOwn(found.inputs, input)) {
      throw invalid(
        id,
        `"${place}": node ${node} (${found.class_type}) has no input "${input}"`,
        didYouMean(input, Object.keys(found.inputs)),
      );
    }
  }
  if (mapping.prompt.length === 0 && !holds(workflow, '{prompt}')) {
    throw invalid(
      id,
      'nothing in the workflow takes the prompt',
      'Set `prompt: <node>.<input>`, such as 6.text, or write {prompt} into a text of the workflow.',
    );
  }
}

/** Whether trials can be done again: something takes the seed. */
export function takesSeed(workflow: Workflow, mapping: WorkflowMapping): boolean {
  return mapping.seed.length > 0 || holds(workflow, '{seed}');
}

/** A workflow for one trial. Placeholders first, so that nothing is looked for in a prompt. */
export function fillWorkflow(
  workflow: Workflow,
  mapping: WorkflowMapping,
  values: { readonly prompt: string; readonly seed: number },
): Workflow {
  const set = new Map<string, unknown>([
    ...Object.entries(mapping.parameters),
    ...mapping.prompt.map((place) => [place, values.prompt] as const),
    ...mapping.seed.map((place) => [place, values.seed] as const),
  ]);
  return Object.fromEntries(
    Object.entries(workflow).map(([node, content]) => [
      node,
      {
        ...content,
        inputs: Object.fromEntries(
          Object.entries(content.inputs).map(([input, value]) => {
            const place = `${node}.${input}`;
            return [input, set.has(place) ? set.get(place) : fillInput(value, values)];
          }),
        ),
      },
    ]),
  );
}

function fillInput(
  value: unknown,
  { prompt, seed }: { readonly prompt: string; readonly seed: number },
): unknown {
  if (typeof value !== 'string') return value;
  if (value === '{seed}') return seed;
  return value.replace(PLACEHOLDER, (_whole, name) => (name === 'prompt' ? prompt : String(seed)));
}

function holds(workflow: Workflow, placeholder: string): boolean {
  return Object.values(workflow).some(({ inputs }) =>
    Object.values(inputs).some((value) => typeof value === 'string' && value.includes(placeholder)),
  );
}

/** Ids of nodes have no dot; names of inputs may. */
function partPlace(place: string): readonly [string, string] {
  const dot = place.indexOf('.');
  return [place.slice(0, dot), place.slice(dot + 1)];
}

function invalid(id: string, problem: string, hint: string, cause?: unknown): SafelightError {
  return new SafelightError(`endpoint "${id}": ${problem}`, {
    code: 'workflow_invalid',
    kind: 'configuration',
    hint,
    cause,
  });
}
