import { expect, it } from 'vitest';
import { readEventStream } from '../../src/net/event-stream.ts';
import fc from '../fast-check.ts';

async function read(bytes: Uint8Array, cuts: readonly number[]): Promise<string[]> {
  async function* chunks() {
    let from = 0;
    for (const cut of [...cuts, bytes.length]
      .map((at) => Math.min(at, bytes.length))
      .sort((a, b) => a - b)) {
      if (cut > from) yield bytes.subarray(from, cut);
      from = Math.max(from, cut);
    }
  }
  const events: string[] = [];
  for await (const event of readEventStream(chunks())) events.push(event);
  return events;
}

it('reads the same events however the bytes are cut', async () => {
  const text =
    ': comment\r\nid: 4\r\ndata: {"a":"ü"}\r\n\r\ndata:one\ndata: two\n\nevent: x\n\ndata: cr\r\rdata: torn';
  const bytes = Buffer.from(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      expect(await read(bytes, cuts)).toEqual(['{"a":"ü"}', 'one\ntwo', 'cr']);
    }),
  );
});
