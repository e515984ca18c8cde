import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type PullOptions, pullDataset } from '../../../src/suites/importers/pull.ts';
import { IMPORTER_NAMES, loadImporter } from '../../../src/suites/importers/registry.ts';
import { DATASET_SOURCES } from '../../../src/suites/importers/sources.ts';
import { makeFolder } from '../prompt-lines.ts';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

interface Ask {
  readonly url: string | undefined;
  readonly range: string | undefined;
}

/** A server that knows ranges, unless `serve` answers itself. */
async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse, asked: number) => boolean = () =>
    false,
): Promise<{ origin: string; asks: Ask[] }> {
  const asks: Ask[] = [];
  const server = createServer((request, response) => {
    asks.push({ url: request.url, range: request.headers.range });
    if (answer(request, response, asks.length)) return;
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const continues = start > 0 && request.headers['if-range'] === '"v1"';
    const body = continues ? BYTES.subarray(start) : BYTES;
    response.writeHead(continues ? 206 : 200, {
      etag: '"v1"',
      'content-length': body.length,
      ...(continues
        ? { 'content-range': `bytes ${start}-${BYTES.length - 1}/${BYTES.length}` }
        : {}),
    });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { origin: `http://127.0.0.1:${address.port}`, asks };
}

async function optionsFor(origin: string, parts: Partial<PullOptions> = {}): Promise<PullOptions> {
  return {
    out: join(await makeFolder(), 'data'),
    signal: new AbortController().signal,
    retryDelayMs: 1,
    mayBePrivate: true,
    sources: [
      {
        importer: 'i2p',
        dataset: 'I2P',
        licence: 'MIT',
        homepage: 'https://example.org',
        files: [{ name: 'i2p.csv', url: `${origin}/i2p.csv` }],
      },
    ],
    ...parts,
  };
}

describe('pullDataset', () => {
  it('records what came and from where, and does not ask again', async () => {
    const { origin, asks } = await startServer();
    const options = await optionsFor(origin);
    const pulled = await pullDataset('i2p', options);
    expect(pulled).toEqual({
      dataset: 'I2P',
      importer: 'i2p',
      licence: 'MIT',
      homepage: 'https://example.org',
      files: [{ name: 'i2p.csv', url: `${origin}/i2p.csv`, bytes: BYTES.length, sha256: SHA256 }],
    });
    expect(await readFile(join(options.out, 'i2p.csv'))).toEqual(BYTES);
    expect((await readdir(options.out)).sort()).toEqual(['i2p.csv', 'source.json']);
    expect(await pullDataset('i2p', options)).toEqual(pulled);
    expect(asks).toHaveLength(1);
    // A file that was damaged since is fetched anew.
    await writeFile(join(options.out, 'i2p.csv'), 'damaged');
    await pullDataset('i2p', options);
    expect(asks).toHaveLength(2);
  });

  it('goes on where the connection broke', async () => {
    const { origin, asks } = await startServer((_request, response, asked) => {
      if (asked > 1) return false;
      response.writeHead(200, { etag: '"v1"', 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 100_000), () => response.destroy());
      return true;
    });
    const { files } = await pullDataset('i2p', await optionsFor(origin));
    expect(files[0]?.sha256).toBe(SHA256);
    expect(asks).toHaveLength(2);
    const start = Number(/^bytes=(\d+)-$/.exec(asks[1]?.range ?? '')?.[1]);
    expect(start).toBeGreaterThan(0);
    expect(start).toBeLessThanOrEqual(100_000);
  });

  it('starts anew where the file on the server has changed meanwhile', async () => {
    const { origin, asks } = await startServer();
    const options = await optionsFor(origin);
    await pullDataset('i2p', options);
    await rm(join(options.out, 'source.json'));
    await writeFile(join(options.out, 'i2p.csv.part'), 'of another version');
    await writeFile(
      join(options.out, 'i2p.csv.part.json'),
      JSON.stringify({ url: `${origin}/i2p.csv`, validator: '"v0"' }),
    );
    const { files } = await pullDataset('i2p', options);
    expect(asks[1]?.range).toBe('bytes=18-');
    expect(files[0]?.sha256).toBe(SHA256);
  });

  it('says so where the authors have changed a recorded file', async () => {
    let body = 'old';
    const { origin } = await startServer((_request, response) => {
      response.end(body);
      return true;
    });
    const options = await optionsFor(origin);
    await pullDataset('i2p', options);
    body = 'new';
    await rm(join(options.out, 'i2p.csv'));
    await expect(pullDataset('i2p', options)).rejects.toMatchObject({ code: 'pull_changed' });
  });

  it('does not follow to a private address, nor without https', async () => {
    const { origin } = await startServer();
    const options = await optionsFor(origin, { mayBePrivate: false });
    await expect(pullDataset('i2p', options)).rejects.toMatchObject({
      code: 'pull_failed',
      message: 'i2p.csv: the file lies at an address without https',
    });
    const elsewhere = await startServer((_request, response) => {
      response.writeHead(302, { location: 'https://127.0.0.1:1/x' }).end();
      return true;
    });
    await expect(pullDataset('i2p', await optionsFor(elsewhere.origin))).rejects.toThrow(
      'i2p.csv: the file lies at an address that is not public',
    );
  });

  it('tells what a refusal means, without asking again', async () => {
    const { origin, asks } = await startServer((_request, response) => {
      response.writeHead(403).end('secret words');
      return true;
    });
    await expect(pullDataset('i2p', await optionsFor(origin))).rejects.toMatchObject({
      code: 'pull_failed',
      message: 'i2p.csv: the file was answered with HTTP status 403',
      hint: expect.stringMatching(/accept its terms/),
    });
    expect(asks).toHaveLength(1);
  });

  it('gives up after three attempts', async () => {
    const { origin, asks } = await startServer((_request, response) => {
      response.writeHead(503).end();
      return true;
    });
    await expect(pullDataset('i2p', await optionsFor(origin))).rejects.toMatchObject({
      code: 'pull_failed',
    });
    expect(asks).toHaveLength(3);
  });

  it('names what is fetched by hand, and the nearest data set', async () => {
    const options = await optionsFor('http://127.0.0.1:1', { sources: DATASET_SOURCES });
    await expect(pullDataset('unsafebench', options)).rejects.toMatchObject({
      code: 'source_by_hand',
      hint: expect.stringContaining('suites import unsafebench'),
    });
    await expect(pullDataset('i2pp', options)).rejects.toMatchObject({
      code: 'source_unknown',
      hint: 'Did you mean "i2p"?',
    });
  });
});

describe('the table of sources', () => {
  it('has every data set once, under the licence of its importer, at https', async () => {
    const names = DATASET_SOURCES.map(({ importer }) => importer);
    expect(names).toEqual(IMPORTER_NAMES.filter((name) => name !== 'generic'));
    for (const source of DATASET_SOURCES) {
      const importer = await loadImporter(source.importer);
      expect([source.dataset, source.licence]).toEqual([importer.dataset, importer.licence]);
      for (const { name, url } of source.files) {
        expect(new URL(url).protocol).toBe('https:');
        expect(name).toMatch(/^[^/\\]+\.(csv|json|txt|json\.gz)$/);
      }
    }
  });
});
