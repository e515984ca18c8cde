import { expect, it } from 'vitest';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { type ContractServer, describeGradioContract } from './contract.ts';
import { gradioAvailable as available, startGradioApp } from './gradio-app.ts';
import { createContext, environment, request } from './memory-context.ts';

// The contract against the real Gradio server. SAFELIGHT_TEST_PYTHON names a Python that can import
// gradio; without it the suite is visibly skipped.
async function start(): Promise<ContractServer> {
  const app = await startGradioApp('app.py');
  return {
    url: app.url,
    apis: {
      picture: { api: '/picture' },
      gallery: { api: '/gallery' },
      video: { api: '/video' },
      refuse: { api: '/refuse' },
      warn: { api: '/warn' },
      crash: { api: '/crash' },
      slow: { api: '/slow' },
      running: 1,
      queueSize: 2,
    },
    stop: app.stop,
  };
}

describeGradioContract(
  available ? 'real server' : 'real server (SAFELIGHT_TEST_PYTHON names no Python with gradio)',
  start,
  { skip: !available },
);

it.skipIf(!available)('reads the other habits of real apps', { timeout: 120_000 }, async () => {
  const server = await start();
  const ask = async (api: string) => {
    const options = gradioOptionsSchema.parse({ url: server.url, api });
    const endpoint = createGradioEndpoint('real', options, environment);
    const generation = await endpoint.generate(request, createContext());
    await endpoint.close();
    return generation;
  };
  try {
    // Words in place of a picture.
    expect((await ask('/words')).outcome).toMatchObject({
      kind: 'refused',
      mode: 'text',
      stage: 'output_filter',
    });
    // ZeroGPU's words name the wait.
    expect((await ask('/quota')).outcome).toMatchObject({
      kind: 'failed',
      cause: 'quota',
      retryAfterMs: 4_447_000,
    });
    // A generator: the last of its pictures, and no preview.
    expect((await ask('/steps')).outcome).toMatchObject({ kind: 'media', media: [{}] });
    // `queue=False`: the client never ends such a job by itself.
    expect((await ask('/unqueued')).outcome).toMatchObject({ kind: 'media' });
    expect((await ask('/unqueued_refuse')).outcome).toMatchObject({ kind: 'refused' });
    // Session state, which the schema hides, between the parameters.
    expect((await ask('/remember')).outcome).toMatchObject({ kind: 'media' });
  } finally {
    await server.stop();
  }
});
