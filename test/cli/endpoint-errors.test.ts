import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SandboxServer, startSandboxServer } from '../../src/endpoints/sandbox/server.ts';
import { expectClearError, expectNothingLeaks, SECRET } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();

/** A real server that is not started by the pipeline, as a Space is not. */
let server: SandboxServer;
beforeAll(async () => {
  server = await startSandboxServer({
    persona: 'open',
    knowledge: new Map(),
    ffmpegPath: () => Promise.reject(new Error('no video is asked for')),
    modality: 'image',
  });
});
afterAll(() => server.close());

/** Writes a pipeline with one Gradio endpoint and says what a command makes of it. */
async function ask(
  entry: string,
  { command = ['run'], detectors = 'pixel-screen', env = {}, out = 'runs/never' } = {},
) {
  const yaml = `name: p
suites: [controls]
sample: { families: 2 }
endpoints:
  - { id: remote, use: gradio, ${entry} }
detectors: [${detectors}]
`;
  await writeFile(join(folder, 'p.yaml'), yaml);
  const more = command[0] === 'run' ? ['--out', out] : [];
  return inProcess([...command, 'p.yaml', ...more], folder, { ...process.env, ...env });
}

/** A port of loopback on which nothing listens. */
async function closedPort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('an endpoint that cannot be used', () => {
  it('cannot be reached: nothing is journalled, and no token is shown', async () => {
    const ended = await ask(`url: "http://127.0.0.1:${await closedPort()}", tokenEnv: MY_TOKEN`, {
      env: { MY_TOKEN: SECRET },
    });
    expectClearError(ended, {
      message: 'endpoint "remote" cannot be reached (ECONNREFUSED)',
      hint: 'Check its address',
    });
    expect(await readdir(join(folder, 'runs', 'never'))).toEqual([]);
  });

  it('has no such parameter: names those that there are', async () => {
    const entry = () => `url: "${server.url}", api: /infer, parameters: { guidance_scale: 7 }`;
    for (const command of [['run'], ['endpoints', 'describe']]) {
      expectClearError(await ask(entry(), { command }), {
        message:
          'endpoint "remote": the app has no parameter "guidance_scale", only prompt, seed, randomize_seed, width, height',
        hint: 'There are: ',
      });
    }
  });

  it('has no parameter that a mapping names: the nearest', async () => {
    expectClearError(await ask(`url: "${server.url}", api: /infer, mapping: { prompt: promt }`), {
      message: 'has no parameter "promt"',
      hint: 'Did you mean "prompt"?',
    });
  });

  it('has no such function: names those that there are', async () => {
    expectClearError(await ask(`url: "${server.url}", api: /infr`), {
      message: 'the app has no function "/infr"',
      hint: 'Did you mean "/infer"?',
    });
  });

  it('wants a token that the environment does not hold: names the variable', async () => {
    expectClearError(
      await ask(`url: "${server.url}", tokenEnv: MY_TOKEN`, { env: { MY_TOKEN: undefined } }),
      {
        message: 'endpoint "remote": the environment variable MY_TOKEN is not set',
        hint: 'Set MY_TOKEN',
      },
    );
  });

  it('is given the token itself: does not repeat it', async () => {
    const ended = await ask(`url: "${server.url}", tokenEnv: "${SECRET}-"`);
    expectClearError(ended, {
      message: 'p.yaml:5: endpoints[0] (remote): tokenEnv: the name of an environment variable',
      hint: 'Name of the environment variable',
    });
  });

  it('is no Gradio app', async () => {
    const listener = createHttpServer((_request, response) => response.end('hi'));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expectClearError(await ask(`url: "http://127.0.0.1:${port}"`), {
      message: 'endpoint "remote" does not answer as a Gradio app does',
      hint: 'address must be that of the app itself',
    });
    await new Promise((resolve) => listener.close(resolve));
  });

  it('is real, and a stand-in that is told the truth should judge it', async () => {
    expectClearError(await ask(`url: "${server.url}"`, { detectors: 'sandbox-oracle' }), {
      message: 'p.yaml:6: detectors[0] (sandbox-oracle): loads with sandbox endpoints only',
      hint: 'remove it',
    });
    await writeFile(join(folder, 'a.png'), '');
    expectClearError(await inProcess(['score', 'a.png', '--detectors', 'sandbox-oracle'], folder), {
      message: 'loads with sandbox endpoints only',
      hint: 'remove it',
    });
  });
});

describe('an endpoint that does not answer', () => {
  it.each([{ json: [] }, { json: ['--json'] }])(
    'is interrupted with exit code 130 %j',
    async ({ json }) => {
      const interrupt = new AbortController();
      const silent = createHttpServer(() => interrupt.abort());
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      await writeFile(
        join(folder, 'silent.yaml'),
        `name: p
suites: [controls]
endpoints: [{ id: a, use: gradio, url: "http://127.0.0.1:${port}" }]
detectors: [pixel-screen]
`,
      );
      const args = ['run', 'silent.yaml', '--out', 'runs/silent', ...json];
      const ended = await inProcess(args, folder, process.env, interrupt.signal);
      expectNothingLeaks(ended);
      expect(ended.exitCode).toBe(130);
      if (json.length > 0) expect(JSON.parse(ended.stdout).error.code).toBe('interrupted');
      else expect(ended.stderr).toContain('Interrupted. Nothing acknowledged is lost');
      silent.closeAllConnections();
      await new Promise((resolve) => silent.close(resolve));
    },
  );
});

describe('an endpoint that can be used', () => {
  it('is described without being asked to generate', async () => {
    const ended = await ask(`url: "${server.url}", parameters: { width: 64 }`, {
      command: ['endpoints', 'describe', '--json'],
    });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject([
      { id: 'remote', kind: 'gradio', modality: 'image', parameters: { width: 64 } },
    ]);
  });

  it('is given its token, and no file of the run tells it', async () => {
    const ended = await ask(
      `url: "${server.url}", tokenEnv: MY_TOKEN, parameters: { width: 64, height: 64 }`,
      { env: { MY_TOKEN: SECRET }, out: 'runs/tokened' },
    );
    expectNothingLeaks(ended);
    expect(ended.exitCode).toBe(0);
    const run = join(folder, 'runs', 'tokened');
    expect((await readSummary(run)).endpoints).toMatchObject([{ id: 'remote', trials: 2 }]);
    for (const file of await readdir(run)) {
      expect(await readFile(join(run, file), 'utf8'), file).not.toContain(SECRET);
    }
  });
});
