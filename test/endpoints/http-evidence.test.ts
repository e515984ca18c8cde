import { describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../src/core/ids.ts';
import type { HttpCall } from '../../src/endpoints/http-adapter.ts';
import { createHttpRecord, readRecordedReply } from '../../src/endpoints/http-evidence.ts';

const SUBMIT: HttpCall = {
  name: 'submit',
  method: 'POST',
  url: 'https://api.example.org/v1/x?key=hidden',
  body: { kind: 'json', value: { prompt: 'a heron stands in the water' } },
};
const STATUS: HttpCall = { name: 'status', method: 'GET', url: 'v1/status/1' };

function record() {
  let nowMs = 0;
  const made = createHttpRecord(
    'test',
    1,
    SUBMIT,
    { promptText: 'a heron stands in the water', secrets: ['s3cr3t'] },
    () => {
      nowMs += 1;
      return nowMs;
    },
  );
  return made;
}
const json = (value: unknown, headers: Record<string, string> = {}) => ({
  kind: 'reply' as const,
  status: 200,
  headers,
  body: { kind: 'json' as const, value },
});

describe('http evidence', () => {
  it('keeps the request without prompt and query', () => {
    const { evidence } = record();
    expect(evidence.request).toEqual({
      method: 'POST',
      url: 'https://api.example.org/v1/x?⟨query⟩',
      body: { kind: 'json', value: { prompt: '⟨prompt⟩' } },
    });
  });

  it('keeps media by the hash of their bytes, pointed at or not', () => {
    const { evidence, reply, call } = record();
    const bytes = Buffer.from('not a picture, but short');
    const long = Buffer.alloc(900, 7).toString('base64');
    call(SUBMIT, {});
    reply(json({ image: bytes.toString('base64'), preview: long, words: 'as it is '.repeat(99) }), [
      { kind: 'base64', data: bytes.toString('base64') },
    ]);
    expect(evidence.response?.body).toEqual({
      kind: 'json',
      value: {
        image: `⟨media ${sha256OfBytes(bytes)}⟩`,
        preview: '⟨1200 characters of base64⟩',
        words: 'as it is '.repeat(99),
      },
    });
  });

  it('keeps the headers that matter, and no others', () => {
    const { evidence, reply, call } = record();
    call(SUBMIT, {});
    reply(json({}, { 'retry-after': '3', 'set-cookie': 'a=b', server: 'x' }), []);
    expect(evidence.response?.headers).toEqual({ 'retry-after': '3' });
  });

  it('does not grow with a hostile body', () => {
    const { evidence, reply, call } = record();
    call(SUBMIT, {});
    reply(json(Array.from({ length: 100_000 }, () => ({ a: [1, 2, 3] }))), []);
    expect(JSON.stringify(evidence).length).toBeLessThan(100_000);
  });

  it('keeps the first answer and the newest state of a job', () => {
    const { evidence, reply, call } = record();
    call(SUBMIT, {});
    reply(json({ id: '1' }), []);
    for (let poll = 0; poll < 50; poll += 1) {
      call(STATUS, { id: '1' });
      reply(json({ state: `running ${poll}` }), []);
    }
    expect(evidence.events.map(({ type }) => type)).toEqual(['call', 'reply', 'call']);
    expect(readRecordedReply(evidence)).toMatchObject({
      call: 'status',
      carry: { id: '1' },
      reply: { status: 200, body: { kind: 'json', value: { state: 'running 49' } } },
    });
  });

  it('stands a prompt that is a word of its own frame', () => {
    const made = createHttpRecord('test', 1, SUBMIT, { promptText: 'json' }, () => 0);
    made.call({ ...STATUS, name: 'json' }, {});
    made.reply(json({ kind: 'json' }), []);
    expect(readRecordedReply(made.evidence)).toMatchObject({
      call: 'json',
      reply: { body: { kind: 'json', value: { kind: '⟨prompt⟩' } } },
    });
  });

  it('has no reply while a call is under way', () => {
    const { evidence, reply, call } = record();
    call(SUBMIT, {});
    reply(json({ id: '1' }), []);
    call(STATUS, {});
    expect(readRecordedReply(evidence)).toBeUndefined();
  });
});
