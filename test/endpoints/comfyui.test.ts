import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SafelightError } from '../../src/core/errors.ts';
import { comfyuiOptionsSchema, createComfyuiEndpoint } from '../../src/endpoints/comfyui.ts';
import { describeAdapterContract, SECRET } from './adapter-contract.ts';
import { createContext, environment, request } from './memory-context.ts';

const workflow = {
  '3': { class_type: 'KSampler', inputs: { seed: 1, steps: 20, positive: ['6', 0] } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a placeholder', clip: ['4', 1] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'x', images: ['8', 0] } },
};
const file = (name: string, type = 'output') => ({ filename: name, subfolder: '', type });
const ended = (outputs: object, status: object = { status_str: 'success', completed: true }) => ({
  json: { 'job-1': { prompt: [1, 'job-1', {}], outputs, status } },
});
const submitted = { json: { prompt_id: 'job-1', number: 1, node_errors: {} } };
const numbered = (count: number, extension = 'png') =>
  Array.from({ length: count }, (_, index) => file(`${index}.${extension}`));

describeAdapterContract({
  name: 'comfyui',
  modality: 'image',
  media: 'url',
  env: { COMFY_KEY: SECRET },
  create: ({ baseUrl, options, environment: given, seams }) =>
    createComfyuiEndpoint(
      'under-test',
      comfyuiOptionsSchema.parse({
        baseUrl,
        tokenEnv: 'COMFY_KEY',
        workflow,
        prompt: '6.text',
        seed: '3.seed',
        parameters: { '5.width': 768 },
        ...options,
      }),
      given,
      seams,
    ),
  success: (_server, count) => [
    submitted,
    { json: {} },
    ended({ '9': { images: numbered(count) } }),
  ],
  several: true,
  fewer: () => [submitted, ended({ '9': { images: numbered(2) } })],
  pending: () => [submitted, { json: {} }],
  pickedUp: () => [
    { json: {} },
    { json: { queue_running: [[1, 'job-0']], queue_pending: [[2, 'job-1', {}]] } },
    { json: {} },
    ended({ '9': { images: numbered(1) } }),
  ],
  forgotten: () => [{ json: {} }, { json: { queue_running: [], queue_pending: [] } }, { json: {} }],
  refusals: { absent: 'pixels only' },
  unknownStatus: () => [submitted, ended({}, { status_str: 'daydreaming', completed: false })],
  errorInside200: {
    replies: () => [
      submitted,
      ended(
        {},
        {
          status_str: 'error',
          completed: false,
          messages: [
            ['execution_start', { prompt_id: 'job-1' }],
            [
              'execution_error',
              {
                node_id: '3',
                node_type: 'KSampler',
                exception_type: 'torch.OutOfMemoryError',
                exception_message: 'nsfw.safetensors was found in the prompt policy',
              },
            ],
          ],
        },
      ),
    ],
    expect: { kind: 'failed', cause: 'unknown', detail: 'node KSampler: torch.OutOfMemoryError' },
  },
  quota: { absent: 'a server of your own has none' },
  rows: [
    {
      title: 'sets the inputs that the options name, and no others',
      replies: () => [submitted, ended({ '9': { images: numbered(1) } })],
      expect: { kind: 'media' },
      check: (_generation, [submit, status]) => {
        expect(submit?.path).toBe('/prompt');
        expect(JSON.parse(submit?.body ?? '')).toEqual({
          prompt: {
            ...workflow,
            '3': { ...workflow['3'], inputs: { ...workflow['3'].inputs, seed: 7 } },
            '5': { ...workflow['5'], inputs: { ...workflow['5'].inputs, width: 768 } },
            '6': {
              ...workflow['6'],
              inputs: { ...workflow['6'].inputs, text: request.promptText },
            },
          },
        });
        expect(status?.path).toBe('/history/job-1');
        expect(status?.headers.authorization).toBe(`Bearer ${SECRET}`);
      },
    },
    {
      title: 'takes a workflow that does not fit the server for a bad request, whatever it quotes',
      replies: () => [
        {
          status: 400,
          json: {
            error: { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed' },
            node_errors: { '4': { errors: [{ details: "ckpt: 'x' not in ['nsfw content.pt']" }] } },
          },
        },
      ],
      expect: { kind: 'failed', cause: 'bad_request', detail: 'prompt_outputs_failed_validation' },
    },
    {
      title: 'tells an interruption from a refusal',
      replies: () => [
        submitted,
        ended({}, { status_str: 'error', messages: [['execution_interrupted', { node_id: '3' }]] }),
      ],
      expect: { kind: 'failed', cause: 'unknown', detail: 'interrupted' },
    },
    {
      title: 'leaves out previews where pictures were saved',
      replies: () => [
        submitted,
        ended({ '8': { images: [file('1.png', 'temp')] }, '9': { images: numbered(1) } }),
      ],
      expect: { kind: 'media' },
      check: ({ evidence }) => expect(evidence.media).toHaveLength(1),
    },
    {
      title: 'takes the files of the nodes that the options name',
      options: { outputs: ['8'] },
      replies: () => [
        submitted,
        ended({ '8': { images: [file('1.png', 'temp')] }, '9': { images: numbered(3) } }),
      ],
      expect: { kind: 'media' },
      check: ({ evidence }) => expect(evidence.media).toHaveLength(1),
    },
    {
      title: 'takes a job without files for what it is',
      replies: () => [submitted, ended({})],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'reads the history of versions without a status',
      replies: () => [
        submitted,
        { json: { 'job-1': { outputs: { '9': { images: numbered(1) } } } } },
      ],
      expect: { kind: 'media' },
    },
  ],
});

describeAdapterContract({
  name: 'comfyui',
  modality: 'video',
  media: 'url',
  env: {},
  create: ({ baseUrl, options, environment: given, seams }) =>
    createComfyuiEndpoint(
      'under-test',
      comfyuiOptionsSchema.parse({
        modality: 'video',
        baseUrl,
        workflow: {
          '1': { class_type: 'Text', inputs: { text: 'film of {prompt}, {a|b}', seed: '{seed}' } },
        },
        ...options,
      }),
      given,
      seams,
    ),
  success: (_server, count) => [
    submitted,
    ended({ '12': { gifs: numbered(count, 'mp4') }, '13': { images: [file('7.png')] } }),
  ],
  several: true,
  fewer: { absent: 'as for pictures' },
  pending: { absent: 'as for pictures' },
  refusals: { absent: 'pixels only' },
  unknownStatus: { absent: 'as for pictures' },
  errorInside200: { absent: 'as for pictures' },
  quota: { absent: 'a server of your own has none' },
  rows: [
    {
      title: 'fills placeholders of the workflow, and leaves other braces alone',
      replies: () => [submitted, ended({ '12': { images: numbered(1, 'mp4'), animated: [true] } })],
      expect: { kind: 'media' },
      check: (_generation, [submit]) =>
        expect(JSON.parse(submit?.body ?? '').prompt['1'].inputs).toEqual({
          text: `film of ${request.promptText}, {a|b}`,
          seed: 7,
        }),
    },
  ],
});

describe('comfyui workflows', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-comfyui-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const create = (options: object) =>
    createComfyuiEndpoint('mine', comfyuiOptionsSchema.parse(options), environment);

  it('are read from a file, and are part of the identity of a trial', async () => {
    const path = join(folder, 'workflow.json');
    const describeIt = async () => {
      const endpoint = create({ workflow: path, prompt: ['6.text'] });
      const description = await endpoint.describe(createContext().signal);
      await endpoint.close();
      return description;
    };
    await writeFile(path, JSON.stringify(workflow));
    const before = await describeIt();
    expect(before.notice).toContain('takes no seed');
    await writeFile(path, JSON.stringify({ ...workflow, '10': workflow['9'] }));
    expect((await describeIt()).parameters).not.toEqual(before.parameters);
  });

  it.each([
    ['a file that is not there', { workflow: 'no-such-file.json' }, /cannot read .*no-such-file/],
    ['the format of the editor', { workflow: { nodes: [], links: [] } }, /format of the editor/],
    ['what is no workflow', { workflow: {} }, /is no workflow/],
    ['a node without a class', { workflow: { '3': { inputs: {} } } }, /node 3/],
    ['a node that is not there', { workflow, prompt: '7.text' }, /has no node 7/],
    [
      'an input that is not there',
      { workflow, prompt: '6.txet' },
      /\(CLIPTextEncode\) has no input "txet"/,
    ],
    [
      'a parameter of no node',
      { workflow, prompt: '6.text', parameters: { '5.depth': 1 } },
      /"depth"/,
    ],
    ['a workflow without a place for the prompt', { workflow }, /nothing in the workflow takes/],
  ])('say before anything is sent: %s', (_title, options, message) => {
    const attempt = () => create(options);
    expect(attempt).toThrow(SafelightError);
    expect(attempt).toThrow(message);
  });

  it('say what is no JSON', async () => {
    const path = join(folder, 'broken.json');
    await writeFile(path, '{');
    expect(() => create({ workflow: path, prompt: '6.text' })).toThrow(/is no JSON/);
  });
});

it('looks for a workflow beside the pipeline file', async () => {
  const { ENDPOINT_ADAPTERS } = await import('../../src/endpoints/registry.ts');
  const adapter = await ENDPOINT_ADAPTERS.comfyui();
  const options = { baseUrl: 'http://127.0.0.1:8188', workflow: 'flux.json' };
  const context = { environment, prompts: async function* () {}, folder: '/nowhere/pipelines' };
  await expect(adapter.create('local', options, 'here', context)).rejects.toThrow(
    'cannot read the workflow /nowhere/pipelines/flux.json',
  );
});
