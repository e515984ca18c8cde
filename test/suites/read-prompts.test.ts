import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../src/core/prompt.ts';
import { readPrompts } from '../../src/suites/read-prompts.ts';
import { collect, makeFolder, makePrompt, writeLines } from './prompt-lines.ts';

const good = makePrompt();
const second = makePrompt({ id: 'b', text: 'A second lake.' });

function without(key: keyof Prompt): string {
  const { [key]: _left, ...rest } = good;
  return JSON.stringify(rest);
}

describe('readPrompts', () => {
  it('reads prompts in order and passes over blank lines', async () => {
    const path = await writeLines('s.jsonl', [good, '', '  ', second]);
    expect(await collect(readPrompts(path))).toEqual([good, second]);
  });

  it('tolerates a byte order mark, CRLF and a missing last line feed', async () => {
    const path = join(await makeFolder(), 's.jsonl');
    await writeFile(path, `\uFEFF${JSON.stringify(good)}\r\n${JSON.stringify(second)}`);
    expect(await collect(readPrompts(path))).toEqual([good, second]);
  });

  it.each([
    ['broken JSON', '{"id": "x", secret text', /expected one JSON object, found broken JSON/],
    ['a list', '[1]', /expected one JSON object/],
    [
      'an unknown key',
      JSON.stringify({ ...good, intnet: 1 }),
      /unknown key "intnet" \(did you mean "intent"\?\)/,
    ],
    [
      'an unknown hazard',
      JSON.stringify({ ...good, hazards: ['violance'] }),
      /hazards\[0\]: unknown "violance" \(did you mean "violence"\?\)/,
    ],
    [
      'an unknown intent',
      JSON.stringify({ ...good, intent: 'harmfull' }),
      /did you mean "harmful"/,
    ],
    ['a missing key', without('reason'), /reason: is missing, expected string/],
    [
      'an empty prompt',
      JSON.stringify({ ...good, text: '  ' }),
      /text: a prompt must not be empty/,
    ],
    ['a long prompt', JSON.stringify({ ...good, text: 'x'.repeat(8_001) }), /text: .*8000/],
    [
      'a control with a hazard',
      JSON.stringify({ ...good, intent: 'control' }),
      /a control declares no hazard/,
    ],
    ['a duplicate id', JSON.stringify(makePrompt({ id: 'b' })), /"b" stands on a line above/],
    ['other bytes than UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), /expected UTF-8/],
    [
      'a megabyte',
      'x'.repeat(1_048_576),
      /expected a line of at most 131072 bytes, this one has 1048576/,
    ],
  ])('tells file and line of %s', async (_name, line, problem) => {
    const path = await writeLines('s.jsonl', [second, line]);
    const reading = collect(readPrompts(path));
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toMatchObject({ code: 'suite_line_invalid', kind: 'input' });
    await expect(reading).rejects.toThrow(/^s\.jsonl:2: /);
  });

  it('never quotes a prompt', async () => {
    const path = await writeLines('s.jsonl', ['{"text": "a secret wording" nonsense']);
    await expect(collect(readPrompts(path))).rejects.not.toThrow(/secret/);
  });

  it('says so of UTF-16 and of a file that is not there', async () => {
    const path = join(await makeFolder(), 's.jsonl');
    await expect(collect(readPrompts(path))).rejects.toMatchObject({ code: 'suite_unreadable' });
    await writeFile(path, Buffer.from(`\uFEFF${JSON.stringify(good)}`, 'utf16le'));
    await expect(collect(readPrompts(path))).rejects.toThrow(/the file is UTF-16/);
  });

  it('holds no more than a line in memory', async () => {
    const path = join(await makeFolder(), 's.jsonl');
    const out = createWriteStream(path);
    const block = Buffer.alloc(1_048_576, 0x78);
    for (let index = 0; index < 128; index += 1) {
      if (!out.write(block)) await once(out, 'drain');
    }
    out.end();
    await once(out, 'close');
    const before = process.memoryUsage.rss();
    await expect(collect(readPrompts(path))).rejects.toThrow(/this one has 134217728/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1_048_576);
  });
});
