import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { distFile } from '../../../src/detectors/onnx/dist-file.ts';

const program = `
  import { createNsfwjsDetector } from ${JSON.stringify(distFile('detectors/nsfwjs.js').href)};
  const detector = await createNsfwjsDetector({ workers: 1 });
  const image = { widthPx: 8, heightPx: 8, rgb: new Uint8Array(192) };
  const context = { signal: new AbortController().signal, prompt: undefined, earlier: [] };
  await detector.detect({ kind: 'image', image }, context);
  await detector.close();`;

it('leaves no identifier or report of the runtime in the home folder', async () => {
  const home = await mkdtemp(join(tmpdir(), 'safelight-home-'));
  try {
    // Nothing else: on a build machine (CI=true) the runtime reports nothing by itself.
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      env: { HOME: home },
    });
    expect(await readdir(home, { recursive: true })).toEqual([]);
  } finally {
    await rm(home, { recursive: true });
  }
});
