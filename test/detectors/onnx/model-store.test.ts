import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import { createNamedClassifier } from '../../../src/detectors/classifier.ts';
import type { CatalogueEntry } from '../../../src/detectors/onnx/catalogue.ts';
import {
  listInstalledModels,
  readModelFile,
  removeInstalledModel,
} from '../../../src/detectors/onnx/installed-models.ts';
import { writeOnnxModel } from '../../../src/detectors/onnx/onnx-file.ts';
import { addModel, pullModel } from '../../../src/detectors/onnx/pull-model.ts';

/** Mean of each channel: three values for three labels. */
const model = writeOnnxModel(
  {
    name: 'means',
    inputs: [{ name: 'pixels', shape: ['batch', 3, 2, 2] }],
    outputs: [{ name: 'scores', shape: ['batch', 3] }],
    nodes: [
      { operator: 'GlobalAveragePool', inputs: ['pixels'], output: 'mean' },
      { operator: 'Flatten', inputs: ['mean'], output: 'scores' },
    ],
    initializers: [],
  },
  'test',
);
const SPEC = `
id: channels
labels: [red, green, blue]
input: {widthPx: 2, heightPx: 2, resize: stretch}
activation: none
scores: [{hazard: violence, atOrAbove: green, threshold: 0.7}]
licence: MIT
`;
const signal = new AbortController().signal;

let folder: string;
let server: Server;
let url: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-store-'));
  server = createServer((request, response) => {
    response.statusCode = request.url === '/model.onnx' ? 200 : 404;
    response.end(request.url === '/model.onnx' ? model : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

function entry(path: string, sha256: string | null, more = {}): CatalogueEntry {
  return {
    name: 'remote',
    title: 'A model',
    licence: 'MIT',
    bytes: model.length,
    claims: [],
    source: { kind: 'download', files: [{ url: `${url}/${path}`, file: 'model.onnx', sha256 }] },
    ...more,
  };
}

function pull(wanted: CatalogueEntry, acceptLicence = false) {
  return pullModel(wanted, { folder, signal, acceptLicence, mayBePrivate: true });
}

describe('pulling a model', () => {
  it('installs it whole, also when two pull at once', async () => {
    const wanted = entry('model.onnx', sha256OfBytes(model));
    await Promise.all([pull(wanted), pull(wanted)]);
    const { bytes } = await readModelFile('remote', 'model.onnx', folder);
    expect(sha256OfBytes(bytes)).toBe(sha256OfBytes(model));
    expect(await readdir(join(folder, '.staging'))).toEqual([]);
    await removeInstalledModel('remote', folder);
    expect(await listInstalledModels(folder)).toEqual([]);
  });

  it('leaves nothing of a file with another hash, or that is not there', async () => {
    await expect(pull(entry('model.onnx', '0'.repeat(64)))).rejects.toMatchObject({
      code: 'model_mismatch',
    });
    await expect(pull(entry('gone', null))).rejects.toMatchObject({ code: 'model_unreachable' });
    expect(await listInstalledModels(folder)).toEqual([]);
  });

  it('asks for consent to a licence first', async () => {
    const wanted = entry('model.onnx', null, { terms: 'share alike' });
    await expect(pull(wanted)).rejects.toMatchObject({ code: 'licence_not_accepted' });
    await expect(pull(wanted, true)).resolves.toMatchObject({ name: 'remote' });
  });
});

describe("a user's own classifier", () => {
  async function add(spec: string) {
    const files = [join(folder, 'own.onnx'), join(folder, 'own.yaml')] as const;
    await writeFile(files[0], model);
    await writeFile(files[1], spec);
    return addModel(...files, join(folder, 'store'));
  }

  it('is added by a declaration, and scores by it', async () => {
    await add(SPEC);
    const store = join(folder, 'store');
    const detector = await createNamedClassifier({ model: 'channels', folder: store, workers: 1 });
    expect(detector.description).toMatchObject({
      unverified: true,
      weightsSha256: sha256OfBytes(model),
      suggestedThresholds: [{ hazard: 'violence', carrier: 'visual', threshold: 0.7 }],
    });
    const image = { widthPx: 1, heightPx: 1, rgb: Uint8Array.of(0, 51, 102) };
    const ref = { sha256: '0'.repeat(64), kind: 'image' as const, mime: 'image/png', sizeBytes: 1 };
    const [found] = await detector.detect(
      { kind: 'image', ref, image, bytes: new Uint8Array(1) },
      { signal, prompt: undefined, earlier: [] },
    );
    await detector.close();
    if (found?.result.kind !== 'scores') expect.fail('no scores');
    expect(found.result.scores[0]?.score).toBeCloseTo(0.6, 6);
  });

  it('is refused where its declaration is wrong, or its file has changed', async () => {
    await expect(add(SPEC.replace('green,', 'grey,'))).rejects.toThrow('own.yaml:6');
    await expect(add(`${SPEC}sha256: ${'a'.repeat(64)}`)).rejects.toMatchObject({
      code: 'model_mismatch',
    });
    await add(SPEC);
    const path = join(folder, 'store', 'channels', 'model.onnx');
    await writeFile(path, (await readFile(path)).subarray(1));
    const opened = createNamedClassifier({ model: 'channels', folder: join(folder, 'store') });
    await expect(opened).rejects.toMatchObject({ code: 'model_damaged' });
  });
});
