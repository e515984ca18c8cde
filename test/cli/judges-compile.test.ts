import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseRulePolicy } from '../../src/core/rule-policy.ts';
import { parsePreconditions } from '../../src/detectors/judging/preconditions.ts';
import { completion, lastMessage, sendJson, startChatServer } from '../net/chat-server.ts';
import { expectClearError } from './clear-error.ts';
import { inProcess } from './in-process.ts';

const POLICY = `id: house
title: House rules
rules:
  - { id: gambling, hazard: illegal, forbidden: Adverts for gambling., allowed: Card games. }
  - { id: fakes, hazard: deception, forbidden: Forged documents., allowed: Play money. }
`;

async function setUp(answer: (asked: string) => string) {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-compile-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'my.yaml'), POLICY);
  const server = await startChatServer((request, response) =>
    sendJson(response, completion(answer(lastMessage(request)))),
  );
  onTestFinished(server.stop);
  const env = { SAFELIGHT_CACHE: join(folder, 'cache') };
  const compile = (out: string, rest = '') =>
    inProcess(
      `judges compile --policy my.yaml --out ${out} --base-url ${server.url} --model m${rest}`.split(
        ' ',
      ),
      folder,
      env,
    );
  return { folder, compile };
}

const DRAFT = {
  objective: 'It advertises games for money.',
  all: [{ any: ['Is it an advert?'] }, { any: ['Are there dice?', 'Are there chips?'] }],
};

it('drafts preconditions that judge nothing before a person has reviewed them', async () => {
  const { folder, compile } = await setUp((asked) =>
    asked.includes('gambling') ? `Sure:\n${JSON.stringify(DRAFT)}` : 'No idea.',
  );
  const ended = await compile('pre.yaml', ' --json');
  expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
  expect(JSON.parse(ended.stdout)).toMatchObject({ compiled: ['gambling'], unusable: ['fakes'] });
  const text = await readFile(join(folder, 'pre.yaml'), 'utf8');
  const policy = parseRulePolicy(
    POLICY.split('\n')
      .filter((line) => !line.includes('fakes'))
      .join('\n'),
    'my.yaml',
  );
  expect(() => parsePreconditions(text, 'pre.yaml', policy, false)).toThrow('nobody has reviewed');
  const reviewed = text.replace('reviewed: false', 'reviewed: true');
  expect(parsePreconditions(reviewed, 'pre.yaml', policy, false).rules).toMatchObject([DRAFT]);
  // What a person reviewed is never written over.
  expectClearError(await compile('pre.yaml'), {
    message: /is there already/,
    hint: /another file/,
  });
});

it('says so where the model gives nothing that can be used', async () => {
  const { compile } = await setUp(() => 'No idea.');
  const ended = await compile('pre.yaml');
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain('no preconditions that can be used');
  expect(ended.stderr).toContain('requests to the model');
});
