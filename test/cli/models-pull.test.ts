import { once } from 'node:events';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../src/core/ids.ts';
import { readModelFile } from '../../src/detectors/onnx/installed-models.ts';
import { expectClearError, expectNothingLeaks } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { type Ended, safelight, startSafelight } from './safelight.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();
const store = join(folder, 'store');

/** Not a model: `pull` looks at hashes, whoever loads it at the rest. */
const model = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));

/** How the hub answers, and what it was asked. */
const hub = {
  etag: '"1"',
  ranges: true,
  /** Bytes after which the connection is cut, once. */
  cutAfter: undefined as number | undefined,
  /** Waits there instead, until the client goes. */
  hang: false,
  asked: [] as { path: string | undefined; range: string | undefined; from: string | undefined }[],
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { range, authorization } = request.headers;
  hub.asked.push({ path: request.url, range, from: authorization });
  const asked = /^bytes=(\d+)-$/.exec(range ?? '');
  const same = request.headers['if-range'] === hub.etag;
  const start = hub.ranges && asked !== null && same ? Number(asked[1]) : 0;
  const rest = model.subarray(start);
  response.writeHead(start === 0 ? 200 : 206, {
    etag: hub.etag,
    'content-length': rest.length,
    ...(start === 0
      ? {}
      : { 'content-range': `bytes ${start}-${model.length - 1}/${model.length}` }),
  });
  if (hub.cutAfter === undefined) {
    response.end(rest);
    return;
  }
  const cut = hub.cutAfter;
  hub.cutAfter = undefined;
  response.write(rest.subarray(0, cut), () => {
    if (!hub.hang) response.destroy();
  });
}

const server = createServer(answer).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('no port');
const env = {
  ...process.env,
  SAFELIGHT_MODELS: store,
  HF_ENDPOINT: `http://127.0.0.1:${address.port}/`,
  HF_TOKEN: 'hf_secret_of_this_test',
};
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  Object.assign(hub, { etag: '"1"', ranges: true, cutAfter: undefined, hang: false, asked: [] });
  await rm(store, { recursive: true, force: true });
});

const pull = () => inProcess(['models', 'pull', 'adamcodd'], folder, env);

/** An error, without the lines before it that tell what is pulled, and how far. */
const errorOf = (ended: Ended): Ended => ({
  ...ended,
  stderr: ended.stderr.slice(ended.stderr.indexOf('error: ')),
});

async function expectWhole(): Promise<void> {
  const { bytes } = await readModelFile('adamcodd', 'model.onnx', store);
  expect(sha256OfBytes(bytes)).toBe(sha256OfBytes(model));
  expect(await readdir(join(store, '.staging'))).toEqual([]);
}

describe('models pull', () => {
  it('tells how much has come, names the hash, and sends the token to the hub alone', async () => {
    const { exitCode, stdout, stderr } = await pull();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/model\.onnx 0\.3 MB of 0\.3 MB/);
    expect(stdout).toContain(sha256OfBytes(model));
    expect(stdout + stderr).not.toContain('hf_secret');
    expect(hub.asked).toEqual([
      {
        path: '/AdamCodd/vit-base-nsfw-detector/resolve/main/onnx/model.onnx',
        range: undefined,
        from: 'Bearer hf_secret_of_this_test',
      },
    ]);
    await expectWhole();
    const verified = await inProcess(['models', 'verify'], folder, env);
    expect(verified.stdout).toContain(`ok      model adamcodd  ${sha256OfBytes(model)}`);
    await writeFile(join(store, 'adamcodd', 'model.onnx'), model.subarray(1));
    const damaged = await inProcess(['models', 'verify'], folder, env);
    expect(damaged.exitCode).toBe(1);
    expect(damaged.stdout).toMatch(/^failed {2}model adamcodd .*models remove adamcodd/m);
  });

  it('goes on where the connection was cut', async () => {
    hub.cutAfter = 100_000;
    expectClearError(errorOf(await pull()), { message: /cannot be reached/, hint: /Pull again/ });
    expect(await readdir(store)).toEqual(['.staging']);
    expect((await pull()).exitCode).toBe(0);
    expect(hub.asked[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    await expectWhole();
  });

  it.each([
    ['knows no ranges', { ranges: false }],
    ['has another file meanwhile', { etag: '"2"' }],
  ])('begins anew where the hub %s', async (_name, later) => {
    hub.cutAfter = 100_000;
    await pull();
    Object.assign(hub, later);
    expect((await pull()).exitCode).toBe(0);
    await expectWhole();
  });

  it('goes on after it was killed', async () => {
    hub.cutAfter = 200_000;
    hub.hang = true;
    const { child, ended } = startSafelight(['models', 'pull', 'adamcodd'], { cwd: folder, env });
    await partOf(100_000);
    child.kill('SIGKILL');
    await ended;
    expect(await readdir(store)).toEqual(['.staging']);
    const again = await safelight(['models', 'pull', 'adamcodd'], { cwd: folder, env });
    expectNothingLeaks(again);
    expect(again.exitCode).toBe(0);
    expect(hub.asked[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    await expectWhole();
  });

  it('says what is wrong with a mirror that cannot be used', async () => {
    for (const [HF_ENDPOINT, message] of [
      ['mirror', /HF_ENDPOINT is not an address/],
      ['http://127.0.0.1:1', /cannot be reached/],
    ] as const) {
      const args = ['models', 'pull', 'adamcodd'];
      const ended = await inProcess(args, folder, { ...env, HF_ENDPOINT });
      expectClearError(errorOf(ended), { message, hint: /\w/ });
    }
  });

  it('adds a converted file by a declaration of the catalogue', async () => {
    await writeFile(join(folder, 'converted.onnx'), model);
    const args = ['models', 'add', 'converted.onnx', '--spec', 'falconsai'];
    expect((await inProcess(args, folder, env)).exitCode).toBe(0);
    const { stdout } = await inProcess(['models', 'list', '--json'], folder, env);
    expect(JSON.parse(stdout).models).toContainEqual(
      expect.objectContaining({ name: 'falconsai', state: 'present', verified: false }),
    );
  });
});

/** Waits until a part of at least so many bytes lies in the store. */
async function partOf(bytes: number): Promise<void> {
  for (;;) {
    const names = await readdir(store, { recursive: true }).catch(() => []);
    const part = names.find((name) => name.endsWith('model.onnx.part'));
    if (part !== undefined && (await stat(join(store, part))).size >= bytes) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
