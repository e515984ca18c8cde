import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ffmpegInstaller from '@ffmpeg-installer/ffmpeg';
import { expect, it } from 'vitest';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { type ContractServer, describeGradioContract } from './contract.ts';
import { createContext, environment, request } from './memory-context.ts';

// The contract against the real Gradio server. The variable names a Python that can import gradio;
// without it the suite is visibly skipped.
const python = process.env.SAFELIGHT_TEST_PYTHON ?? '';
const available =
  python !== '' && spawnSync(python, ['-c', 'import gradio'], { timeout: 120_000 }).status === 0;
const app = fileURLToPath(new URL('../gradio-app/app.py', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function start(): Promise<ContractServer> {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-gradio-'));
  const video = join(folder, 'square.mp4');
  const source = ['-f', 'lavfi', '-i', 'testsrc=duration=1:size=64x48:rate=10'];
  await promisify(execFile)(ffmpegInstaller.path, [...source, '-pix_fmt', 'yuv420p', video]);
  const port = await freePort();
  const child = spawn(python, [app, String(port)], {
    env: { ...process.env, SAFELIGHT_TEST_MP4: video, GRADIO_TEMP_DIR: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('ready')) break;
  }
  return {
    url: `http://127.0.0.1:${port}`,
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
    stop: async () => {
      if (child.exitCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
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
