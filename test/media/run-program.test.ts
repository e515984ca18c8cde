import { expect, test } from 'vitest';
import { runProgram } from '../../src/media/run-program.ts';
import { NEVER_ABORTED } from './made-media.ts';

const run = (code: string, more: { maxOutput?: number; stdin?: Uint8Array } = {}) =>
  runProgram(process.execPath, ['-e', code], {
    signal: NEVER_ABORTED,
    maxOutput: 1000,
    ...more,
  });

test('collects what a program writes, and its exit code', async () => {
  const result = await run('console.log("out"); console.error("err"); process.exitCode = 4');
  expect(result).toEqual({ exitCode: 4, stdout: 'out\n', stderr: 'err\n', overflowed: false });
});

test('feeds standard input, and does not mind a program that will not read it', async () => {
  const stdin = new Uint8Array(1_000_000).fill(65);
  const count = 'let n=0;process.stdin.on("data",d=>n+=d.length).on("end",()=>console.log(n))';
  expect((await run(count, { stdin })).stdout).toBe('1000000\n');
  expect((await run('process.exit(0)', { stdin })).exitCode).toBe(0);
});

test('ends a program that writes too much', async () => {
  const result = await run('for(;;) process.stdout.write("x".repeat(1000))', { maxOutput: 5000 });
  expect(result.overflowed).toBe(true);
  expect(result.stdout.length).toBeLessThanOrEqual(5000);
});

test('rejects where there is no such program, and on abort', async () => {
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(
    runProgram('/no/such/program', [], { signal: NEVER_ABORTED, maxOutput: 1 }),
  ).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(runProgram(process.execPath, [], { signal, maxOutput: 1 })).rejects.toThrow('stop');
});
