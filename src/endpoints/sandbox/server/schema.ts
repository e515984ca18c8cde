import { z } from 'zod';
import type { Modality } from '../../../core/prompt.ts';

/** Version of Gradio whose answers ours were compared with, field by field, in November 2026. */
const GRADIO_VERSION = '6.31.0';
export const API_PREFIX = '/gradio_api';

interface Component {
  readonly id: number;
  readonly type: string;
  readonly label: string;
  readonly schema: object;
  readonly pythonType: string;
  readonly example: unknown;
}

interface Input extends Component {
  readonly name: string;
  /** Absent where the caller must give a value. */
  readonly initial?: string | number | boolean;
}

const FILE_SCHEMA = {
  properties: {
    path: { type: 'string', title: 'Path' },
    url: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null, title: 'Url' },
    size: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null, title: 'Size' },
    orig_name: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null, title: 'Orig Name' },
    mime_type: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null, title: 'Mime Type' },
    is_stream: { default: false, title: 'Is Stream', type: 'boolean' },
    meta: { additionalProperties: true, default: { _type: 'gradio.FileData' }, type: 'object' },
  },
  title: 'FileData',
  type: 'object',
} as const;

function number(id: number, name: string, label: string, initial: number, whole = true): Input {
  const type = whole ? 'integer' : 'number';
  const pythonType = whole ? 'int' : 'float';
  return { id, type: 'number', label, schema: { type }, pythonType, example: 3, name, initial };
}

const PROMPT: Input = {
  id: 1,
  type: 'textbox',
  label: 'Prompt',
  schema: { type: 'string' },
  pythonType: 'str',
  example: 'Hello!!',
  name: 'prompt',
};
const SEED = number(2, 'seed', 'Seed', 0);
const RANDOMIZE: Input = {
  id: 3,
  type: 'checkbox',
  label: 'Randomize seed',
  schema: { type: 'boolean' },
  pythonType: 'bool',
  example: true,
  name: 'randomize_seed',
  initial: true,
};
const WIDTH = number(4, 'width', 'Width', 512);
const HEIGHT = number(5, 'height', 'Height', 512);
const DURATION = number(6, 'duration_s', 'Duration (s)', 2, false);
const RUN_BUTTON_ID = 8;

function result(type: 'image' | 'video'): Component {
  const label = type === 'image' ? 'Result' : 'Video';
  return { id: 7, type, label, schema: FILE_SCHEMA, pythonType: 'filepath', example: null };
}

interface SandboxFunction {
  readonly apiName: string;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Component[];
}

/** The one function that a sandbox serves, with the names that known Spaces use. */
export const SANDBOX_FUNCTIONS: Readonly<Record<Modality, SandboxFunction>> = {
  image: {
    apiName: 'infer',
    inputs: [PROMPT, SEED, RANDOMIZE, WIDTH, HEIGHT],
    outputs: [result('image'), SEED],
  },
  video: {
    apiName: 'generate_video',
    inputs: [PROMPT, SEED, WIDTH, HEIGHT, DURATION],
    outputs: [result('video'), SEED],
  },
};

/** Body of `GET /config`. */
export function configBody(modality: Modality, root: string, appId: number): object {
  const { apiName, inputs, outputs } = SANDBOX_FUNCTIONS[modality];
  const button = { id: RUN_BUTTON_ID, type: 'button', label: 'Run', schema: {}, example: null };
  const components = [...inputs, ...outputs.slice(0, 1), button].map((component) => ({
    id: component.id,
    type: component.type,
    props: {
      label: component.label,
      name: component.type,
      show_label: true,
      visible: true,
      ...('initial' in component ? { value: component.initial } : {}),
    },
    skip_api: component.type === 'button',
    component_class_id: component.type,
    key: null,
    api_info: component.schema,
    api_info_as_input: component.schema,
    api_info_as_output: component.schema,
    example_inputs: component.example,
  }));
  const layout = { id: 0, children: components.map(({ id }) => ({ id })) };
  return {
    version: GRADIO_VERSION,
    api_prefix: API_PREFIX,
    mode: 'blocks',
    app_id: appId,
    dev_mode: false,
    analytics_enabled: false,
    components,
    connect_heartbeat: false,
    title: 'Safelight sandbox',
    space_id: null,
    enable_queue: true,
    show_error: false,
    run_history: false,
    is_colab: false,
    max_file_size: null,
    theme: 'default',
    protocol: 'sse_v3',
    pages: [['', 'Home', true]],
    page: { '': { layout, components: components.map(({ id }) => id), dependencies: [0] } },
    mcp_server: false,
    dependencies: [
      {
        id: 0,
        targets: [[RUN_BUTTON_ID, 'click']],
        inputs: inputs.map(({ id }) => id),
        outputs: outputs.map(({ id }) => id),
        backend_fn: true,
        js: null,
        queue: true,
        api_name: apiName,
        api_description: null,
        batch: false,
        max_batch_size: 4,
        cancels: [],
        types: { generator: false, cancel: false },
        collects_event_data: false,
        trigger_mode: 'once',
        api_visibility: 'public',
        connection: 'sse',
        time_limit: null,
        stream_every: 0.5,
      },
    ],
    layout,
    username: null,
    root,
  };
}

/** Body of `GET /gradio_api/info`. */
export function infoBody(modality: Modality): object {
  const { apiName, inputs, outputs } = SANDBOX_FUNCTIONS[modality];
  const component = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1);
  return {
    named_endpoints: {
      [`/${apiName}`]: {
        parameters: inputs.map((input) => ({
          label: input.label,
          parameter_name: input.name,
          parameter_has_default: input.initial !== undefined,
          parameter_default: input.initial ?? null,
          type: input.schema,
          python_type: { type: input.pythonType, description: '' },
          component: component(input.type),
          example_input: input.example,
        })),
        returns: outputs.map((output) => ({
          label: output.label,
          type: output.schema,
          python_type: { type: output.pythonType, description: '' },
          component: component(output.type),
        })),
        api_visibility: 'public',
        description: '',
      },
    },
    unnamed_endpoints: {},
  };
}

/** What one call asks for. */
export interface CallArguments {
  readonly prompt: string;
  readonly seed: number;
  readonly randomizeSeed: boolean;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly durationS: number;
}

const whole = z.number().int().nonnegative();
/** Even, so that video can be subsampled, and within 64–1024. */
const sidePx = z
  .number()
  .finite()
  .transform((value) => Math.min(1024, Math.max(64, Math.round(value / 8) * 8)));
const durationS = z
  .number()
  .finite()
  .transform((value) => Math.min(8, Math.max(0.5, value)));
const imageCall = z
  .tuple([z.string(), whole, z.boolean(), sidePx, sidePx])
  .transform(([prompt, seed, randomizeSeed, widthPx, heightPx]): CallArguments => {
    return { prompt, seed, randomizeSeed, widthPx, heightPx, durationS: 0 };
  });
const videoCall = z
  .tuple([z.string(), whole, sidePx, sidePx, durationS])
  .transform(([prompt, seed, widthPx, heightPx, seconds]): CallArguments => {
    return { prompt, seed, randomizeSeed: false, widthPx, heightPx, durationS: seconds };
  });

/** Positional arguments of a call; undefined where a real function would raise. */
export function parseCall(modality: Modality, data: readonly unknown[]): CallArguments | undefined {
  const parsed = (modality === 'image' ? imageCall : videoCall).safeParse(data);
  return parsed.success ? parsed.data : undefined;
}
