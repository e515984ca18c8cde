/** Field numbers of onnx.proto: ModelProto.metadata_props, StringStringEntryProto.key and value. */
const METADATA_PROPS = 14;
const KEY = 1;
const VALUE = 2;

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

interface Field {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** The length-delimited fields of one message; fields of other types are passed over. */
function* readFields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at];
      if (byte === undefined) throw new RangeError('the message ends inside a number');
      at++;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT:
        readVarint();
        break;
      case FIXED_64:
        at += 8;
        break;
      case FIXED_32:
        at += 4;
        break;
      case LENGTH_DELIMITED: {
        const length = readVarint();
        if (at + length > bytes.length) throw new RangeError('the message ends inside a field');
        yield { number, bytes: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      default:
        throw new RangeError('the message has a field of an unknown type');
    }
  }
}

/**
 * Reads one entry of an ONNX file's metadata, which the runtime does not hand out in JavaScript.
 *
 * @throws RangeError where the file is not a protobuf message.
 */
export function readOnnxMetadata(model: Uint8Array, key: string): string | undefined {
  for (const field of readFields(model)) {
    if (field.number !== METADATA_PROPS) continue;
    const entry = [...readFields(field.bytes)];
    const text = (number: number): string | undefined => {
      const found = entry.find((each) => each.number === number);
      return found === undefined ? undefined : Buffer.from(found.bytes).toString('utf8');
    };
    if (text(KEY) === key) return text(VALUE);
  }
  return undefined;
}
