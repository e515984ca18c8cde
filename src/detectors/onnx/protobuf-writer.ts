/**
 * The part of the protocol buffers wire format that ONNX files need. Fields are written in the
 * order of the calls, so equal calls give equal bytes on every machine.
 *
 * Source: protobuf.dev/programming-guides/encoding.
 */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];

  /** A non-negative integer, `int32`, `int64` or an enumeration. */
  integer(field: number, value: number): this {
    return this.#tag(field, 0).#varint(value);
  }

  /** `float`. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#tag(field, 5).#chunks.push(bytes);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2).#varint(value.length).#chunks.push(value);
    return this;
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  #varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`not a non-negative integer: ${value}`);
    }
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 128) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
    this.#chunks.push(Uint8Array.from(bytes));
    return this;
  }
}
