import { z } from 'zod';
import { sha256Of } from '../core/ids.ts';
import { parametersSchema } from '../core/trial.ts';
import {
  checkMapping,
  fillWorkflow,
  readWorkflow,
  takesSeed,
  type Workflow,
  type WorkflowMapping,
} from './comfyui-workflow.ts';
import type { Endpoint, EndpointEnvironment, GenerationRequest } from './endpoint.ts';
import type {
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpReply,
  MediaPointer,
  ParseContext,
  PollStep,
  Step,
} from './http-adapter.ts';
import { bearerKey, keyInHeader } from './http-authorization.ts';
import { createHttpEndpoint, type HttpSeams } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import {
  completed,
  errorReply,
  failed,
  jobUnknown,
  unexpectedShape,
  unknownStatus,
} from './http-signals.ts';

// Verified 2026-11 against ComfyUI's `server.py` (`POST /prompt` answers `{prompt_id, number,
// node_errors}` or 400 `{error: {type, message, …}, node_errors}`; `/history/{id}` is `{}` until the
// job has ended, and for a job that nobody knows), its pull request 2523 (`status: {status_str,
// completed, messages}`) and the outputs of SaveImage, SaveVideo (`images`) and VHS_VideoCombine
// (`gifs`), `GET /queue` (`queue_running`, `queue_pending`). Not verifiable here: Comfy Cloud. A job
// that is lost in a restart looks like one that waits, and ends at the deadline; one of an earlier
// process is looked for in the queue. ComfyUI has no word for a refusal: a checker node shows in pixels,
// or as an error of its node, which is a failure.

const placeSchema = z
  .string()
  .regex(/^[^.\s]+\..+$/, '<node id>.<input>, such as 6.text')
  .describe('<node id>.<input>, such as 6.text.');
const placesSchema = z
  .union([placeSchema.transform((place) => [place]), z.array(placeSchema).min(1)])
  .optional();

/** Options of the `comfyui` endpoint, as a pipeline file writes them. */
export const comfyuiOptionsSchema = z.strictObject({
  modality: z.enum(['image', 'video']).default('image'),
  baseUrl: httpUrlSchema.default('http://127.0.0.1:8188').describe('The ComfyUI server.'),
  tokenEnv: environmentVariableSchema
    .optional()
    .describe('Environment variable with the key, where a proxy asks for one.'),
  auth: z.enum(['bearer', 'x-api-key']).default('bearer').describe('Header that carries the key.'),
  workflow: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .describe('A JSON file in the API format (Workflow > Export (API)), or the workflow itself.'),
  prompt: placesSchema.describe(
    'Inputs that take the prompt; or write {prompt} into the workflow.',
  ),
  seed: placesSchema.describe('Inputs that take the seed; or write "{seed}" into the workflow.'),
  parameters: z
    .record(placeSchema, z.json())
    .default({})
    .describe('Values of further inputs, such as 5.width: 512.'),
  safetySettings: parametersSchema
    .default({})
    .describe('What the workflow does about safety, for the report: it is not sent.'),
  outputs: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Nodes whose files are taken; without it all that were saved.'),
  ...httpOptionsShape,
});
export type ComfyuiOptions = z.output<typeof comfyuiOptionsSchema>;

/** Options with the workflow read. */
interface LoadedOptions extends Omit<ComfyuiOptions, 'workflow'> {
  readonly workflow: Workflow;
}

const submittedSchema = z.looseObject({ prompt_id: z.string().min(1) });
const turnedAwaySchema = z.looseObject({ error: z.looseObject({ type: z.string() }) });
const historySchema = z.record(z.string(), z.unknown());
const entrySchema = z.looseObject({
  outputs: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
  status: z
    .looseObject({
      status_str: z.string().nullish(),
      messages: z.array(z.unknown()).nullish().catch(undefined),
    })
    .nullish(),
});
type Entry = z.infer<typeof entrySchema>;
/** Entries are `[number, prompt_id, …]`. */
const queueSchema = z.looseObject({
  queue_running: z.array(z.unknown()),
  queue_pending: z.array(z.unknown()),
});
const fileSchema = z.looseObject({
  filename: z.string().min(1),
  subfolder: z.string().nullish(),
  type: z.string().nullish(),
});
type SavedFile = z.infer<typeof fileSchema>;
const messageSchema = z.tuple([
  z.string(),
  z.looseObject({ node_type: z.string().nullish(), exception_type: z.string().nullish() }),
]);

const FILE_KINDS = {
  image: /\.(png|jpe?g|webp|gif|avif)$/i,
  video: /\.(mp4|webm|mov|mkv|m4v)$/i,
} as const;

/** A workflow on a ComfyUI server. */
export const comfyui: HttpAdapter<LoadedOptions> = {
  protocol: 'comfyui',
  describe,
  buildRequest,
  parseResponse,
};

/**
 * A ComfyUI workflow as an endpoint.
 *
 * @throws SafelightError where the workflow cannot be read, or does not fit the options.
 */
export function createComfyuiEndpoint(
  id: string,
  options: ComfyuiOptions,
  environment: EndpointEnvironment,
  seams?: HttpSeams,
): Endpoint {
  const workflow = readWorkflow(id, options.workflow);
  checkMapping(id, workflow, mappingOf(options));
  return {
    ...createHttpEndpoint(id, comfyui, { ...options, workflow }, environment, seams),
    recordedOptions: { workflow },
  };
}

function mappingOf({
  prompt = [],
  seed = [],
  parameters,
}: Pick<ComfyuiOptions, 'prompt' | 'seed' | 'parameters'>): WorkflowMapping {
  return { prompt, seed, parameters };
}

function describe(options: LoadedOptions): HttpAdapterDescription {
  const { workflow, tokenEnv, auth } = options;
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    authorization: auth === 'bearer' ? bearerKey(tokenEnv) : keyInHeader(tokenEnv, 'x-api-key'),
    parameters: {
      ...options.parameters,
      // The graph decides the media: another one makes other trials.
      workflow: sha256Of(workflow).slice(0, 16),
      inputs: JSON.stringify([options.prompt ?? [], options.seed ?? []]),
      outputs: JSON.stringify(options.outputs ?? []),
    },
    safetySettings: options.safetySettings,
    revision: null,
    takesSeed: takesSeed(workflow, mappingOf(options)),
    notice: 'has no words for refusals: a checker shows in the media alone',
  };
}

function buildRequest(options: LoadedOptions, request: GenerationRequest): HttpCall {
  const values = { prompt: request.promptText, seed: request.seed };
  const filled = fillWorkflow(options.workflow, mappingOf(options), values);
  return {
    name: 'submit',
    method: 'POST',
    url: 'prompt',
    body: { kind: 'json', value: { prompt: filled } },
  };
}

function parseResponse(reply: HttpReply, context: ParseContext<LoadedOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) {
    const turnedAway = turnedAwaySchema.safeParse(body);
    // The words name every model file there is, whatever that is called: they are not searched.
    return reply.status === 400 && turnedAway.success
      ? failed({ cause: 'bad_request', signal: turnedAway.data.error.type.slice(0, 80) })
      : errorReply(reply);
  }
  if (context.call === 'submit') {
    const submitted = submittedSchema.safeParse(body);
    if (!submitted.success) return unexpectedShape();
    const { prompt_id: jobId } = submitted.data;
    return { ...poll(jobId), jobId };
  }
  const { jobId = '' } = context.carry;
  if (context.call === 'queue') return readQueue(body, jobId);
  const history = historySchema.safeParse(body);
  if (!history.success || Array.isArray(body)) return unexpectedShape();
  if (Object.keys(history.data).length === 0) {
    // Said of jobs that wait, and of jobs that nobody knows: the queue tells them apart.
    if (context.call === 'last-look') return jobUnknown('neither in the history nor in the queue');
    return context.pickedUp === true ? lookUp('queue', 'queue', jobId) : poll(jobId);
  }
  const entry = entrySchema.safeParse(history.data[jobId]);
  return entry.success ? readEntry(entry.data, context.options) : unexpectedShape();
}

function poll(jobId: string): PollStep {
  return {
    kind: 'poll',
    call: { name: 'status', method: 'GET', url: historyOf(jobId) },
    carry: { jobId },
  };
}

function historyOf(jobId: string): string {
  return `history/${encodeURIComponent(jobId)}`;
}

function lookUp(name: string, url: string, jobId: string): PollStep {
  return { kind: 'poll', call: { name, method: 'GET', url }, carry: { jobId }, afterMs: 0 };
}

function readQueue(body: unknown, jobId: string): Step {
  const queue = queueSchema.safeParse(body);
  if (!queue.success) return unexpectedShape();
  const { queue_running: running, queue_pending: pending } = queue.data;
  const isThere = [...running, ...pending].some(
    (entry) => Array.isArray(entry) && entry[1] === jobId,
  );
  // It may have ended between the two looks.
  return isThere ? poll(jobId) : lookUp('last-look', historyOf(jobId), jobId);
}

function readEntry({ status, outputs }: Entry, options: LoadedOptions): Step {
  // Versions before 2024 have no status.
  switch (status?.status_str) {
    case undefined:
    case null:
    case 'success':
      return completed(undefined, { media: pointersTo(outputs ?? {}, options) });
    case 'error':
      return failed({ cause: 'unknown', signal: errorOf(status.messages ?? []) });
    default:
      return unknownStatus(status?.status_str);
  }
}

/** Names the node and the exception, and none of the words, which quote inputs. */
function errorOf(messages: readonly unknown[]): string {
  for (const message of messages) {
    const parsed = messageSchema.safeParse(message);
    if (!parsed.success) continue;
    const [event, { node_type: node, exception_type: exception }] = parsed.data;
    if (event === 'execution_interrupted') return 'interrupted';
    if (event === 'execution_error') {
      return `node ${node ?? 'unknown'}: ${exception ?? 'an error'}`.slice(0, 120);
    }
  }
  return 'an error without a message';
}

function pointersTo(
  outputs: NonNullable<Entry['outputs']>,
  { modality, outputs: wanted }: LoadedOptions,
): MediaPointer[] {
  const files = Object.entries(outputs)
    .filter(([node]) => wanted === undefined || wanted.includes(node))
    .flatMap(([, content]) => Object.values(content).flatMap(filesIn));
  const saved = files.filter(({ type }) => type !== 'temp');
  // Previews lie in `temp`: they count where nothing else was saved.
  const kept = saved.length > 0 ? saved : files;
  const fitting = kept.filter(({ filename }) => FILE_KINDS[modality].test(filename));
  return (fitting.length > 0 ? fitting : kept).map(({ filename, subfolder, type }) => {
    const query = new URLSearchParams({
      filename,
      subfolder: subfolder ?? '',
      type: type ?? 'output',
    });
    return { kind: 'url', url: `view?${query}` };
  });
}

function filesIn(value: unknown): SavedFile[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    const parsed = fileSchema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}
