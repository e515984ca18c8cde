import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { distFile } from '../../../src/detectors/onnx/dist-file.ts';

interface Ended {
  readonly code: number | string | null | undefined;
  readonly output: string;
}

/** Runs the built detector on 20 pictures at once in a process of its own, which then does `then`. */
function runProcess(then: string): Promise<Ended> {
  const program = `
    import { createNsfwjsDetector } from ${JSON.stringify(distFile('detectors/nsfwjs.js').href)};
    const detector = await createNsfwjsDetector({ workers: 2 });
    const image = { widthPx: 8, heightPx: 8, rgb: new Uint8Array(192) };
    const context = { signal: new AbortController().signal, prompt: undefined, earlier: [] };
    const detections = Array.from({ length: 20 }, () =>
      detector.detect({ kind: 'image', image }, context).catch(() => undefined));
    await Promise.race(detections);
    ${then}`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', program],
      (error, stdout, stderr) => {
        resolve({
          code: error === null ? 0 : (error.code ?? error.signal),
          output: stdout + stderr,
        });
      },
    );
  });
}

describe('a process that ends', () => {
  it('during inference keeps its exit code and says nothing', async () => {
    expect(await runProcess('process.exit(7);')).toEqual({ code: 7, output: '' });
  });

  it('by closing the detector during inference ends well', async () => {
    expect(await runProcess('await detector.close();')).toEqual({ code: 0, output: '' });
  });

  it('is not kept alive by a detector that nobody closed', async () => {
    expect(await runProcess('await Promise.all(detections);')).toEqual({ code: 0, output: '' });
  });
});
