import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  credentialsFor,
  fetchMedia,
  isPrivateHost,
  type MediaTrust,
} from '../../src/net/fetch-media.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const trustOf = (ownOrigin: string, parts: Partial<MediaTrust> = {}): MediaTrust => ({
  ownOrigin,
  ownAddressIsPrivate: true,
  credentials: { authorization: 'Bearer secret' },
  maxBytes: 1_000,
  timeoutMs: 5_000,
  ...parts,
});
const signal = new AbortController().signal;
const code = async (url: string, trust: MediaTrust): Promise<string> => {
  const answer = await fetchMedia(url, trust, signal);
  return answer.kind === 'problem' ? answer.code : answer.kind;
};

describe('fetchMedia', () => {
  it('takes media of the own origin, with credentials', async () => {
    let authorization: string | undefined;
    const origin = await serve((request, response) => {
      authorization = request.headers.authorization;
      response.end('bytes');
    });
    const answer = await fetchMedia(`${origin}/a`, trustOf(origin), signal);
    expect(answer).toEqual({ kind: 'bytes', bytes: Buffer.from('bytes') });
    expect(authorization).toBe('Bearer secret');
  });

  it('does not go where the endpoint does not live', async () => {
    let asked = 0;
    const origin = await serve((_request, response) => {
      asked += 1;
      response.end('x');
    });
    const elsewhere = trustOf('https://endpoint.example');
    expect(await code(`${origin}/a`, elsewhere)).toBe('not_https');
    expect(await code(`${origin.replace('http:', 'https:')}/a`, elsewhere)).toBe('private_address');
    expect(await code('https://localhost/a', elsewhere)).toBe('private_address');
    // The own name, which now resolves to another address than when it was configured.
    expect(await code(`${origin}/a`, trustOf(origin, { ownAddressIsPrivate: false }))).toBe(
      'private_address',
    );
    expect(await code('ftp://127.0.0.1/a', trustOf(origin))).toBe('bad_url');
    expect(await code('/a', trustOf(origin))).toBe('bad_url');
    expect(asked).toBe(0);
  });

  it('checks every redirect anew and ends a loop', async () => {
    let inner = 0;
    const other = await serve((_request, response) => {
      inner += 1;
      response.end('x');
    });
    const origin = await serve((request, response) => {
      const location =
        request.url === '/out' ? `${other}/a` : request.url === '/in' ? '/end' : '/loop';
      if (request.url === '/end') response.end('end');
      else response.writeHead(302, { location }).end();
    });
    expect(await code(`${origin}/in`, trustOf(origin))).toBe('bytes');
    expect(await code(`${origin}/out`, trustOf(origin))).toBe('not_https');
    expect(await code(`${origin}/loop`, trustOf(origin))).toBe('too_many_redirects');
    expect(inner).toBe(0);
  });

  it('caps bytes, declared or not, and time', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/exact') response.end(Buffer.alloc(1_000, 1));
      else if (request.url === '/over') response.end(Buffer.alloc(1_001, 1));
      else if (request.url === '/empty') response.end();
      else if (request.url === '/packed') response.setHeader('content-encoding', 'gzip').end('x');
      else if (request.url === '/endless') {
        const timer = setInterval(() => response.write('x'.repeat(100)), 1);
        response.once('close', () => clearInterval(timer));
      } else if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '10' }).write('x');
        setImmediate(() => response.destroy());
      } else if (request.url === '/gone') response.writeHead(410).end();
    });
    expect(await code(`${origin}/exact`, trustOf(origin))).toBe('bytes');
    expect(await code(`${origin}/over`, trustOf(origin))).toBe('too_large');
    expect(await code(`${origin}/endless`, trustOf(origin))).toBe('too_large');
    expect(await code(`${origin}/empty`, trustOf(origin))).toBe('empty');
    expect(await code(`${origin}/packed`, trustOf(origin))).toBe('encoded');
    expect(await code(`${origin}/cut`, trustOf(origin))).toBe('network');
    expect(await code(`${origin}/gone`, trustOf(origin))).toBe('http_status');
    expect(await code(`${origin}/silent`, trustOf(origin, { timeoutMs: 50 }))).toBe('timeout');
  });

  it('rejects with the reason of its caller only', async () => {
    const caller = new AbortController();
    const origin = await serve(() => caller.abort(new Error('stop')));
    await expect(fetchMedia(`${origin}/a`, trustOf(origin), caller.signal)).rejects.toThrow('stop');
  });
});

it('knows a private host', async () => {
  expect(await isPrivateHost(new URL('http://localhost:1'))).toBe(true);
  expect(await isPrivateHost(new URL('http://[::1]:1'))).toBe(true);
  expect(await isPrivateHost(new URL('https://8.8.8.8'))).toBe(false);
});

it('gives credentials to the own origin alone', () => {
  const trust = trustOf('https://own.example');
  expect(credentialsFor(new URL('https://own.example/a'), trust)).toEqual(trust.credentials);
  for (const url of [
    'http://own.example/a',
    'https://own.example:8443/a',
    'https://own.example.net/a',
    'https://own.example@other.example/a',
  ]) {
    expect(credentialsFor(new URL(url), trust)).toEqual({});
  }
});
