import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DownloadOptions, downloadFile } from '../../src/net/download-file.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'safelight-download-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const options: DownloadOptions = {
  maxBytes: 1_000,
  timeoutMs: 5_000,
  mayBePrivate: true,
  credentials: { authorization: 'Bearer token' },
  signal: new AbortController().signal,
};

describe('downloadFile', () => {
  it.each([
    ['tells its length', { 'content-length': 1_001 }],
    ['does not tell its length', {}],
  ])('stops at a file that is too large and %s, and leaves nothing', async (_name, headers) => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, headers).end(Buffer.alloc(1_001));
    });
    const target = join(await folder(), 'a');
    expect(await downloadFile(new URL(origin), target, options)).toMatchObject({
      kind: 'problem',
      code: 'too_large',
    });
    expect(await readdir(join(target, '..'))).toEqual([]);
  });

  it('sends credentials to the first origin alone, and follows redirects within it', async () => {
    const seen: (string | undefined)[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else response.end('bytes');
    });
    const target = join(await folder(), 'deep', 'a');
    const answer = await downloadFile(new URL(`${origin}/a`), target, options);
    expect(answer).toMatchObject({ kind: 'file', bytes: 5, resumedBytes: 0 });
    expect(seen).toEqual(['Bearer token', 'Bearer token']);
    expect(await readFile(target, 'utf8')).toBe('bytes');
  });

  it('does not follow to another private origin, nor for ever', async () => {
    let asked = 0;
    const other = await serve((_request, response) => {
      asked += 1;
      response.end('x');
    });
    const origin = await serve((request, response) => {
      const location = request.url === '/away' ? `${other}/x` : '/round';
      response.writeHead(302, { location }).end();
    });
    const target = join(await folder(), 'a');
    const code = async (path: string): Promise<unknown> =>
      downloadFile(new URL(path, origin), target, options);
    expect(await code('/away')).toMatchObject({ code: 'not_https' });
    expect(await code('/round')).toMatchObject({ code: 'too_many_redirects' });
    expect(asked).toBe(0);
  });

  it('gives up at its deadline', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200).write('a');
    });
    const target = join(await folder(), 'a');
    const answer = await downloadFile(new URL(origin), target, { ...options, timeoutMs: 100 });
    expect(answer).toMatchObject({ kind: 'problem', code: 'timeout' });
    expect(await readdir(join(target, '..'))).toEqual(['a.part']);
  });
});
