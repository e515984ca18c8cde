import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/endpoints/endpoint.ts';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { gradioAvailable, startGradioApp } from './gradio-app.ts';
import { createContext, environment, request } from './memory-context.ts';

const USER = { GRADIO_USER: 'warden', GRADIO_PASSWORD: 'open sesame' };
let endpoint: Endpoint | undefined;
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

function connect(url: string, env: Record<string, string>, fetch = environment.fetch): Endpoint {
  const options = gradioOptionsSchema.parse({
    preset: 'flux-schnell',
    url,
    auth: { userEnv: 'GRADIO_USER', passwordEnv: 'GRADIO_PASSWORD' },
  });
  endpoint = createGradioEndpoint('locked', options, { ...environment, fetch, env });
  return endpoint;
}

it('needs its variables to be set', () => {
  expect(() => connect('http://127.0.0.1:1', { GRADIO_USER: 'warden' })).toThrow(
    'GRADIO_PASSWORD is not set',
  );
});

it('takes the names of variables alone', () => {
  const parsed = gradioOptionsSchema.safeParse({
    url: 'http://127.0.0.1:1',
    auth: { userEnv: 'GRADIO_USER', passwordEnv: 'open sesame' },
  });
  expect(parsed.success).toBe(false);
});

describe.skipIf(!gradioAvailable)('an app behind a login, on the real server', () => {
  let server: Awaited<ReturnType<typeof startGradioApp>>;
  let url = '';
  beforeAll(async () => {
    server = await startGradioApp('spaces.py');
    url = `${server.url}/login-first`;
  }, 120_000);
  afterAll(() => server?.stop());

  it('is opened by user and password, once for all jobs', async () => {
    let logins = 0;
    const locked = connect(url, USER, (input, init) => {
      if (String(input).endsWith('/login')) logins += 1;
      return environment.fetch(input, init);
    });
    const first = await locked.generate(request, createContext());
    const second = await locked.generate({ ...request, seed: 8 }, createContext());
    expect(first.outcome).toMatchObject({ kind: 'media', media: [{ kind: 'image' }] });
    expect(second.outcome).toMatchObject({ kind: 'media', media: [{ kind: 'image' }] });
    expect(logins).toBe(1);
    expect(JSON.stringify(first.evidence)).not.toMatch(/open sesame|access-token/);
  });

  it('logs in again after the app forgot the login', async () => {
    let forget = false;
    let logins = 0;
    const locked = connect(url, USER, (input, init) => {
      if (String(input).endsWith('/login')) logins += 1;
      const headers = new Headers(init?.headers);
      if (forget && String(input).includes('/queue/join')) headers.delete('cookie');
      return environment.fetch(input, { ...init, headers });
    });
    expect((await locked.generate(request, createContext())).outcome.kind).toBe('media');
    forget = true;
    const { outcome } = await locked.generate(request, createContext());
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'auth' });
    forget = false;
    expect((await locked.generate(request, createContext())).outcome.kind).toBe('media');
    expect(logins).toBe(2);
  });

  it('says that the password is wrong, without saying the password', async () => {
    const locked = connect(url, { ...USER, GRADIO_PASSWORD: 'open barley' });
    await expect(locked.describe(createContext().signal)).rejects.toMatchObject({
      code: 'endpoint_unauthorized',
      message: expect.not.stringContaining('barley'),
    });
    const { outcome } = await locked.generate(request, createContext());
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'auth' });
  });

  it('says that a login is needed', async () => {
    const options = gradioOptionsSchema.parse({ preset: 'flux-schnell', url });
    endpoint = createGradioEndpoint('locked', options, environment);
    await expect(endpoint.describe(createContext().signal)).rejects.toMatchObject({
      code: 'endpoint_unauthorized',
      hint: expect.stringContaining('auth'),
    });
  });
});
