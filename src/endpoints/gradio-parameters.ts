import { SafelightError } from '../core/errors.ts';
import type { Parameters } from '../core/trial.ts';
import type { GradioOptions } from './gradio-options.ts';
import { fixedPrompt, noPromptParameter, unknownParameter } from './gradio-parameter-errors.ts';
import type { GradioParameter } from './gradio-schema.ts';

/** How a prompt and a seed become the list of values that an app's function takes. */
export interface ParameterPlan {
  /** The values in the order of the function's parameters, to send and to record. */
  readonly fill: (promptText: string, seed: number) => unknown[];
  /** Everything but prompt and seed, for the description. */
  readonly fixed: Parameters;
  /** Those of them that steer a safety filter. */
  readonly safetySettings: Parameters;
  /** False where the function has no parameter for it: then trials differ by chance alone. */
  readonly takesSeed: boolean;
}

// Names seen on public Spaces, the most telling first.
const PROMPT_NAMES = [
  'prompt',
  'positive_prompt',
  'text_prompt',
  'prompt_text',
  'prompts',
  'input_prompt',
  'user_prompt',
  'text',
  'input_text',
  'caption',
  'description',
  'query',
];
const SEED_NAMES = ['seed', 'seed_value', 'seed_ui', 'random_seed', 'rng_seed', 'noise_seed'];
/** A box that makes the app draw a seed of its own, ticked by default on most Spaces. */
const RANDOM_SEED_NAME = /^(randomi[sz]e(_?seed)?|random_seed|use_random_seed)(_ui)?$/i;
const SAFETY_NAME = /safety|nsfw|moderat|content_filter/i;
const MEDIA_INPUTS = new Set([
  'Image',
  'Video',
  'Audio',
  'File',
  'Gallery',
  'ImageEditor',
  'UploadButton',
]);
// The largest seed that NumPy, PyTorch's generator and Gradio's usual slider all take.
const DEFAULT_MAX_SEED = 2_147_483_647;

type Slot =
  | { readonly kind: 'prompt' }
  | { readonly kind: 'seed'; readonly max: number }
  | { readonly kind: 'fixed'; readonly value: unknown };

/** The parameter that takes the prompt, by its name, or the only text box. */
export function findPromptParameter(
  parameters: readonly GradioParameter[],
): GradioParameter | undefined {
  const texts = parameters.filter(isText);
  for (const name of PROMPT_NAMES) {
    const found = texts.find((entry) => entry.parameter_name?.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return texts.length === 1 ? texts[0] : undefined;
}

/**
 * Fits the configured values into the function's parameters.
 *
 * @param maxOf the largest value that a parameter's slider takes, where the app tells.
 * @throws SafelightError naming the parameters that exist.
 */
export function planParameters(
  parameters: readonly GradioParameter[],
  options: Pick<GradioOptions, 'parameters' | 'mapping' | 'positional'>,
  maxOf: (index: number) => number | undefined,
  endpointId: string,
): ParameterPlan {
  if (options.positional !== undefined) {
    return planPositional(options.positional, parameters, endpointId);
  }
  const names = parameters.map((entry, index) => entry.parameter_name ?? `param_${index}`);
  const resolve = (key: string): number => {
    const name = options.mapping[key] ?? key;
    const index = names.indexOf(name);
    if (index < 0) throw unknownParameter(endpointId, name, names);
    return index;
  };

  const promptAt =
    options.mapping.prompt === undefined
      ? foundAt(parameters, findPromptParameter(parameters))
      : resolve('prompt');
  if (promptAt < 0) throw noPromptParameter(endpointId, names);
  const seedAt =
    options.mapping.seed === undefined
      ? names.findIndex(
          (name, index) => SEED_NAMES.includes(name.toLowerCase()) && !isBoolean(parameters[index]),
        )
      : resolve('seed');
  const fixed = new Map(
    Object.entries(options.parameters).map(([key, value]) => [resolve(key), value]),
  );
  if (fixed.has(promptAt)) throw fixedPrompt(endpointId, names[promptAt] ?? 'prompt');

  const slots = parameters.map((parameter, index): Slot => {
    const name = names[index] ?? '';
    const given = fixed.get(index);
    if (given !== undefined) {
      checkValue(parameter, name, given, endpointId);
      return { kind: 'fixed', value: given };
    }
    if (index === promptAt) return { kind: 'prompt' };
    if (index === seedAt) return { kind: 'seed', max: maxOf(index) ?? DEFAULT_MAX_SEED };
    // Otherwise the app would overwrite our seed, and no trial could be done again.
    if (seedAt >= 0 && isBoolean(parameter) && RANDOM_SEED_NAME.test(name)) {
      return { kind: 'fixed', value: false };
    }
    return { kind: 'fixed', value: untouched(parameter, name, endpointId) };
  });
  return toPlan(slots, names);
}

function foundAt(
  parameters: readonly GradioParameter[],
  found: GradioParameter | undefined,
): number {
  return found === undefined ? -1 : parameters.indexOf(found);
}

function planPositional(
  positional: NonNullable<GradioOptions['positional']>,
  parameters: readonly GradioParameter[],
  endpointId: string,
): ParameterPlan {
  if (positional.length !== parameters.length) {
    throw new SafelightError(
      `endpoint "${endpointId}": \`positional\` has ${positional.length} values, the function takes ${parameters.length}`,
      {
        code: 'gradio_positional_length',
        kind: 'configuration',
        hint: `In order: ${parameters.map((entry, index) => entry.parameter_name ?? `param_${index}`).join(', ')}.`,
      },
    );
  }
  const slots = positional.map((value): Slot => {
    if (value === '$prompt') return { kind: 'prompt' };
    if (value === '$seed') return { kind: 'seed', max: DEFAULT_MAX_SEED };
    return { kind: 'fixed', value };
  });
  return toPlan(
    slots,
    parameters.map((entry, index) => entry.parameter_name ?? `param_${index}`),
  );
}

function toPlan(slots: readonly Slot[], names: readonly string[]): ParameterPlan {
  const fixed: Parameters = {};
  const safetySettings: Parameters = {};
  slots.forEach((slot, index) => {
    const name = names[index];
    if (slot.kind !== 'fixed' || name === undefined) return;
    (SAFETY_NAME.test(name) ? safetySettings : fixed)[name] = toParameter(slot.value);
  });
  return {
    fill: (promptText, seed) =>
      slots.map((slot) => {
        if (slot.kind === 'prompt') return promptText;
        return slot.kind === 'seed' ? seed % (slot.max + 1) : slot.value;
      }),
    fixed,
    safetySettings,
    takesSeed: slots.some((slot) => slot.kind === 'seed'),
  };
}

function toParameter(value: unknown): Parameters[string] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** What the app's own page would send for an input that nobody touched. */
export function untouched(parameter: GradioParameter, name: string, endpointId: string): unknown {
  if (parameter.parameter_has_default) return parameter.parameter_default ?? null;
  if (isText(parameter)) return '';
  if (MEDIA_INPUTS.has(parameter.component)) return null;
  throw new SafelightError(
    `endpoint "${endpointId}": the app's parameter "${name}" has no default`,
    {
      code: 'gradio_missing_parameter',
      kind: 'configuration',
      hint: `Give it a value under \`parameters\`.`,
    },
  );
}

function isText(parameter: GradioParameter): boolean {
  return (
    parameter.type.type === 'string' &&
    parameter.type.enum === undefined &&
    (parameter.component === 'Textbox' ||
      parameter.component === 'Text' ||
      parameter.component === 'TextArea' ||
      parameter.component === '')
  );
}

function isBoolean(parameter: GradioParameter | undefined): boolean {
  return parameter?.type.type === 'boolean';
}

function checkValue(
  parameter: GradioParameter,
  name: string,
  value: unknown,
  endpointId: string,
): void {
  const { type, enum: choices } = parameter.type;
  const expected =
    choices !== undefined && value !== null && !choices.includes(value)
      ? `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`
      : value !== null && isScalarType(type) && typeof value !== type
        ? `a ${type}`
        : undefined;
  if (expected === undefined) return;
  throw new SafelightError(`endpoint "${endpointId}": parameter "${name}" takes ${expected}`, {
    code: 'gradio_bad_parameter',
    kind: 'configuration',
    hint: 'Correct it under `parameters`.',
  });
}

function isScalarType(type: string | undefined): boolean {
  return type === 'string' || type === 'number' || type === 'boolean';
}
