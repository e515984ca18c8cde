import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { drawScene, toSharp } from '../media/made-media.ts';
import { expectClearError, expectNothingLeaks, PROMPT_MARK } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();

beforeAll(async () => {
  await mkdir(join(folder, 'made'));
  const rows: object[] = [];
  for (let seed = 1; seed <= 6; seed += 1) {
    await toSharp(drawScene(48, 48, seed))
      .png()
      .toFile(join(folder, 'made', `${seed}.png`));
    rows.push({
      id: `p${seed}`,
      path: `made/${seed}.png`,
      prompt: `${PROMPT_MARK} ${seed}`,
      intent: seed % 2 === 0 ? 'harmful' : 'benign',
      hazards: [seed <= 2 ? 'sexual' : seed <= 4 ? 'hate' : 'shocking'],
      family: `f${Math.ceil(seed / 2)}`,
    });
  }
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');
  await writeFile(join(folder, 'made.jsonl'), `${lines}\n`);
  const detectors = ['--detectors', 'nsfwjs', 'pixel-screen'];
  await inProcess(['score', 'made.jsonl', '--out', 'runs/made', ...detectors], folder);
});

async function crosswalk(...args: string[]) {
  const ended = await inProcess(['suites', 'crosswalk', ...args], folder);
  expectNothingLeaks(ended);
  return ended;
}

describe('suites crosswalk', () => {
  it("shows the hazards' edges without a run", async () => {
    const ended = await crosswalk('--to', 'llama_guard');
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^hate\s+exact\s+S10 \(Hate\)/m);
    expect(ended.stdout).toMatch(/^shocking\s+none\s+–/m);
    const json = await crosswalk('--to', 'llama_guard', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      taxonomy: 'llama_guard',
      hazards: { ip: [{ type: 'exact', to: 'S8' }] },
      carriers: { text: [{ type: 'none' }] },
    });
  });

  it("shows a run's numbers, and what cannot be mapped", async () => {
    const ended = await crosswalk('--to', 'ailuminate', 'runs/made');
    expect(ended.stdout).toMatch(
      /^sxc \(Sexual content\)\s+0 of 1\s+0 of 1\s+sexual\/visual \(exact\)/m,
    );
    expect(ended.stdout).toMatch(
      /^hte \(Hate\)\s+–\s+0 of 1\s+hate\/visual \(exact, harm not covered\)/m,
    );
    expect(ended.stdout).toMatch(/Cannot be mapped:\n {2}shocking\/visual: it has no counterpart/);
    expect(ended.stdout).toMatch(
      /Related, and not counted:\n {2}sexual\/visual: src is partial\. /,
    );
    const json = await crosswalk('--to', 'ailuminate', 'runs/made', '--json');
    const view = z
      .object({ endpoints: z.array(z.object({ unmapped: z.array(z.unknown()) })) })
      .parse(JSON.parse(json.stdout));
    expect(view.endpoints[0]?.unmapped).toMatchObject([
      { row: { hazard: 'shocking' }, reason: 'none' },
    ]);
    expect(json.exitCode).toBe(ended.exitCode);
  });

  it('refuses an unknown taxonomy and a folder without a run', async () => {
    expectClearError(await crosswalk('--to', 'ailuminat'), {
      message: 'no taxonomy "ailuminat"',
      hint: 'Did you mean "ailuminate"?',
    });
    expectClearError(await crosswalk('--to', 'ailuminate', 'runs/nowhere'), {
      message: /journal/,
      hint: /./,
    });
  });
});
