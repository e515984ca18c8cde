import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import { convertNsfwjs } from '../../../src/detectors/onnx/convert-nsfwjs.ts';
import type { ModelCard } from '../../../src/detectors/onnx/model-card.ts';
import { bundledModelsFolder } from '../../../src/detectors/onnx/model-store.ts';

/**
 * Of nsfwjs 4.3.0, on every machine. Thresholds belong to a weight file's hash: when this changes,
 * thresholds and golden vectors have to be looked at again.
 */
const SHA256 = 'b15aaede992cf173edb7910d5dcb4c29d0bb84733a26997ffe4a48732ce1ea56';

const packageFolder = fileURLToPath(new URL('../../../node_modules/nsfwjs', import.meta.url));

describe('convertNsfwjs', () => {
  let outFolder: string;
  let card: ModelCard;
  let bytes: Uint8Array;
  beforeAll(async () => {
    outFolder = await mkdtemp(join(tmpdir(), 'safelight-convert-'));
    const cards = await convertNsfwjs({ packageFolder, outFolder });
    card = cards[1] ?? expect.fail('three cards');
    expect(cards).toHaveLength(3);
    bytes = await readFile(join(outFolder, card.file));
  });
  afterAll(() => rm(outFolder, { recursive: true }));

  it('gives the same bytes on every machine, and the build has them', async () => {
    expect(card.sha256).toBe(SHA256);
    expect(sha256OfBytes(bytes)).toBe(SHA256);
    const built = await readFile(new URL(card.file, bundledModelsFolder()));
    expect(sha256OfBytes(built)).toBe(SHA256);
  });

  it('writes what the schema of ONNX can read', () => {
    const { graph, opsetImport } = onnxProto.onnx.ModelProto.decode(bytes);
    expect(Number(opsetImport[0]?.version)).toBe(13);
    expect(graph?.input?.map(({ name }) => name)).toEqual(['input']);
    const operators: Record<string, number> = {};
    for (const { opType } of graph?.node ?? []) {
      operators[opType ?? ''] = (operators[opType ?? ''] ?? 0) + 1;
    }
    // 35 + 17 convolutions, of which 17 project without an activation.
    expect(operators).toEqual({
      Transpose: 1,
      Mul: 1,
      Sub: 1,
      Conv: 52,
      Clip: 35,
      Add: 10,
      AveragePool: 1,
      Squeeze: 1,
      Gemm: 1,
      Softmax: 1,
    });
  });

  it('keeps the licence beside the weights', async () => {
    const notice = await readFile(join(outFolder, card.notice), 'utf8');
    expect(notice).toContain('nsfwjs 4.3.0');
    expect(notice).toContain(await readFile(join(packageFolder, 'LICENSE'), 'utf8'));
    expect(card.licence).toBe('MIT');
  });
});
