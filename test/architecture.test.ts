import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DETECTOR_ADAPTERS } from '../src/detectors/registry.ts';
import { ENDPOINT_ADAPTERS } from '../src/endpoints/registry.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** What each room may import beside itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  metrics: ['core'],
  net: ['core'],
  media: ['core'],
  suites: ['core', 'net'],
  endpoints: ['core', 'net', 'media'],
  detectors: ['core', 'net', 'media'],
  judge: ['core', 'metrics'],
  store: ['core'],
  run: ['core', 'metrics', 'net', 'media', 'suites', 'judge', 'store', 'endpoints', 'detectors'],
  audit: [
    'core',
    'metrics',
    'net',
    'media',
    'suites',
    'judge',
    'store',
    'endpoints',
    'detectors',
    'run',
  ],
  report: ['core', 'metrics', 'judge', 'store'],
  viewer: ['core', 'metrics', 'judge', 'store'],
};

/** Of these rooms a run knows the contract alone. */
const CONTRACTS: Readonly<Record<string, string>> = {
  endpoints: 'endpoints/endpoint.ts',
  detectors: 'detectors/detector.ts',
};

interface Import {
  readonly from: string;
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const files = sourceFiles(src);

function slash(path: string): string {
  return relative(src, path).split(sep).join('/');
}

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  const matches = text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g);
  return [...matches].map(([, to]) => ({
    from: slash(file),
    to: slash(resolve(dirname(file), to ?? '')),
  }));
});

const roomOf = (path: string): string => path.split('/')[0] ?? '';

describe('architecture', () => {
  it('sees the imports of the source', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(100);
  });

  it('lets a room import only what stands to its right', () => {
    const wrong = imports.filter(({ from, to }) => {
      const allowed = ALLOWED[roomOf(from)];
      return allowed !== undefined && roomOf(to) !== roomOf(from) && !allowed.includes(roomOf(to));
    });
    expect(wrong).toEqual([]);
  });

  it('lets a run or an audit know only the contracts of endpoints and detectors', () => {
    const wrong = imports.filter(({ from, to }) => {
      const contract = CONTRACTS[roomOf(to)];
      return ['run', 'audit'].includes(roomOf(from)) && contract !== undefined && to !== contract;
    });
    expect(wrong).toEqual([]);
  });

  it('lets only the command line and the public API touch a registry', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        to.endsWith('/registry.ts') && roomOf(from) !== 'cli' && from !== 'index.ts',
    );
    const ownRoom = wrong.filter(({ from, to }) => roomOf(from) !== roomOf(to));
    expect(ownRoom).toEqual([]);
  });

  it('has every room of src in the table', () => {
    const rooms = new Set(files.map((file) => roomOf(slash(file))));
    const known = new Set([...Object.keys(ALLOWED), 'cli', 'index.ts']);
    expect([...rooms].filter((room) => !known.has(room))).toEqual([]);
  });

  it('names no source file outside kebab-case', () => {
    const wrong = files
      .map(slash)
      .filter(
        (path) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(path),
      );
    expect(wrong).toEqual([]);
  });
});

describe('registries', () => {
  it('holds a detector for every factory in the folder', async () => {
    const factories = await factoriesIn(
      'detectors',
      /^export (?:async )?function create\w+\([^)]*\)[^{]*Detector\b/m,
    );
    expect(factories.sort()).toEqual(Object.keys(DETECTOR_ADAPTERS).sort());
  });

  it('holds an adapter for every endpoint in the folder', async () => {
    const factories = await factoriesIn(
      'endpoints',
      /^export (?:function create\w+Endpoint\(|const create\w+Endpoint = endpointFactory\()/m,
    );
    expect(factories.sort()).toEqual(Object.keys(ENDPOINT_ADAPTERS).sort());
  });
});

/** Names of the files directly in a room, or in a folder of the same name, that export a factory. */
async function factoriesIn(room: string, pattern: RegExp): Promise<string[]> {
  return files
    .map(slash)
    .filter(
      (path) => path.startsWith(`${room}/`) && /^\w+\/(?:([\w-]+)\/\1|[\w-]+)\.ts$/.test(path),
    )
    .filter((path) => pattern.test(readFileSync(join(src, path), 'utf8')))
    .map((path) => path.split('/').at(-1)?.replace(/\.ts$/, '') ?? '');
}
