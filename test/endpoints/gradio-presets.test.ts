import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SafelightError } from '../../src/core/errors.ts';
import { parseOptions } from '../../src/core/parse-yaml.ts';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { GRADIO_PRESET_NAMES, GRADIO_PRESETS } from '../../src/endpoints/gradio-presets.ts';
import { gradioAvailable, startGradioApp } from './gradio-app.ts';
import { createContext, environment, request } from './memory-context.ts';

describe('the options of a preset', () => {
  it('are its Space, its function and its kind of media', () => {
    expect(gradioOptionsSchema.parse({ preset: 'ltx-video-distilled' })).toMatchObject({
      space: 'Lightricks/ltx-video-distilled',
      api: '/text_to_video',
      modality: 'video',
      mapping: { prompt: 'prompt', seed: 'seed_ui' },
      parameters: { mode: 'text-to-video' },
      timeoutMs: 900_000,
    });
  });

  it('are all valid', () => {
    for (const preset of GRADIO_PRESET_NAMES) gradioOptionsSchema.parse({ preset });
  });

  it('give way to those written beside it, key by key', () => {
    expect(
      gradioOptionsSchema.parse({
        preset: 'cogvideox-5b',
        space: 'me/copy',
        api: '/other',
        modality: 'image',
        parameters: { rife_status: true },
        mapping: { seed: 'seed' },
        timeoutMs: 5,
      }),
    ).toMatchObject({
      space: 'me/copy',
      api: '/other',
      modality: 'image',
      parameters: { rife_status: true, scale_status: false },
      mapping: { prompt: 'prompt', seed: 'seed' },
      timeoutMs: 5,
    });
  });

  it('point elsewhere with an address', () => {
    const options = gradioOptionsSchema.parse({ preset: 'sdxl', url: 'http://127.0.0.1:7860' });
    expect(options.url).toBe('http://127.0.0.1:7860');
    expect(options.space).toBeUndefined();
  });

  it('take names in place of a list of values, and a list in place of names', () => {
    const named = gradioOptionsSchema.parse({ preset: 'wan-2.2-5b', parameters: { shift: 3 } });
    expect(named).toMatchObject({ positional: undefined, parameters: { shift: 3 } });
    const listed = gradioOptionsSchema.parse({ preset: 'sdxl', positional: ['$prompt'] });
    expect(listed).toMatchObject({ positional: ['$prompt'], parameters: {}, mapping: {} });
  });

  it('are not those of an unknown one, whose nearest name is told', () => {
    const parse = () => parseOptions({ preset: 'flux-schnel' }, 'a.yaml:3', gradioOptionsSchema);
    expect(parse).toThrow(SafelightError);
    expect(parse).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('preset'),
        hint: 'Did you mean "flux-schnell"?',
      }),
    );
  });
});

// Values of the app's own defaults are those of spaces.py.
const EXPECTED: Record<(typeof GRADIO_PRESET_NAMES)[number], unknown[]> = {
  'cogvideox-5b': ['⟨prompt⟩', null, null, 0, 7, false, false],
  'flux-dev': ['⟨prompt⟩', 7, false, 0, 0, 0, 0],
  'flux-schnell': ['⟨prompt⟩', 7, false, 0, 0, 0],
  'ltx-video-distilled': [
    ...['⟨prompt⟩', '', '', '', 0, 0, 'text-to-video'],
    ...[0, 0, 7, false, 0, true],
  ],
  'qwen-image': ['⟨prompt⟩', 7, false, '16:9', 0, 0],
  'sd-3.5-large': ['⟨prompt⟩', '', 7, false, 0, 0, 0, 0],
  sdxl: ['⟨prompt⟩', '', '', '', false, false, false, 7, 0, 0, 0, 0],
  'wan-2.1': ['⟨prompt⟩', '1280*720', false, 7],
  'wan-2.2-5b': [null, '⟨prompt⟩', 1280, 704, 5, 30, 5, 5, 7],
};

describe.skipIf(!gradioAvailable)('a preset against an app of the same signature', () => {
  let server: Awaited<ReturnType<typeof startGradioApp>>;
  beforeAll(async () => {
    server = await startGradioApp('spaces.py');
  }, 120_000);
  afterAll(() => server?.stop());

  it.each(GRADIO_PRESET_NAMES)('%s', { timeout: 60_000 }, async (preset) => {
    const { poll } = GRADIO_PRESETS[preset];
    const options = gradioOptionsSchema.parse({
      preset,
      url: `${server.url}/${preset}`,
      ...(poll === undefined ? {} : { poll: { ...poll, everyMs: 20 } }),
    });
    const endpoint = createGradioEndpoint(preset, options, environment);
    const { outcome, evidence } = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(evidence.request).toMatchObject({ data: EXPECTED[preset] });
    expect(outcome).toMatchObject({
      kind: 'media',
      media: [{ kind: GRADIO_PRESETS[preset].modality }],
    });
  });
});
