import { open } from 'node:fs/promises';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';

export interface WeightTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});
const headerSchema = z.record(z.string(), z.unknown());

/** Longer is no list of tensors. */
const HEADER_MAX_BYTES = 16 * 2 ** 20;
/** Of all that is read: heads are small, whatever else lies in their file. */
const TENSORS_MAX_BYTES = 256 * 2 ** 20;
const SIZES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

/**
 * Reads the tensors of a safetensors file whose names are wanted, and leaves the others.
 *
 * @throws SafelightError `weights_missing` or `weights_damaged`.
 */
export async function readSafetensors(
  path: string,
  isWanted: (name: string) => boolean,
): Promise<ReadonlyMap<string, WeightTensor>> {
  const file = await open(path).catch((cause: unknown) => {
    throw new SafelightError(`the weights ${path} cannot be read`, {
      code: 'weights_missing',
      kind: 'configuration',
      hint: 'Look at the path of `weights`. docs/detectors.md says how to make the file.',
      cause,
    });
  });
  try {
    const { size } = await file.stat();
    const read = async (length: number, position: number): Promise<Buffer> => {
      if (position + length > size) throw damaged(path, 'it ends too early');
      const buffer = Buffer.alloc(length);
      await file.read(buffer, 0, length, position);
      return buffer;
    };
    const headerBytes = Number((await read(8, 0)).readBigUInt64LE(0));
    if (headerBytes > HEADER_MAX_BYTES) throw damaged(path, 'it has no safetensors header');
    const header = parseHeader(path, (await read(headerBytes, 8)).toString('utf8'));
    const tensors = new Map<string, WeightTensor>();
    let total = 0;
    for (const [name, value] of Object.entries(header)) {
      if (name === '__metadata__' || !isWanted(name)) continue;
      const entry = entrySchema.safeParse(value);
      if (!entry.success) throw damaged(path, `its entry ${name} cannot be read`);
      const { dtype, shape, data_offsets: offsets } = entry.data;
      const length = shape.reduce((product, side) => product * side, 1);
      const bytes = length * (SIZES[dtype] ?? Number.NaN);
      total += bytes;
      if (offsets[1] - offsets[0] !== bytes || total > TENSORS_MAX_BYTES) {
        throw damaged(path, `${name} is of type ${dtype}, shape [${shape.join(', ')}]`);
      }
      const data = await read(bytes, 8 + headerBytes + offsets[0]);
      tensors.set(name, { shape, values: toFloats(data, dtype, length) });
    }
    return tensors;
  } finally {
    await file.close();
  }
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(path, 'it has no safetensors header', cause);
  }
}

function toFloats(data: Buffer, dtype: string, length: number): Float32Array {
  const values = new Float32Array(length);
  for (let index = 0; index < length; index += 1) {
    if (dtype === 'F32') values[index] = data.readFloatLE(index * 4);
    else if (dtype === 'F16') values[index] = halfToNumber(data.readUInt16LE(index * 2));
    else values[index] = bfloatToNumber(data.readUInt16LE(index * 2));
  }
  return values;
}

function halfToNumber(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** The upper half of a 32-bit value. */
function bfloatToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits * 65_536);
  return view.getFloat32(0);
}

function damaged(path: string, problem: string, cause?: unknown): SafelightError {
  return new SafelightError(`the weights ${path} cannot be used: ${problem}`, {
    code: 'weights_damaged',
    kind: 'configuration',
    hint: 'They are to be a safetensors file of 16 or 32 bit floats: see docs/detectors.md.',
    cause,
  });
}
