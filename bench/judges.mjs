// What a judge costs on this machine beside the server's time: CPU of the process a call, and of it
// the picture's encoding, which judges of one picture share. Needs a built `dist/`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DETECTOR_ADAPTERS } from '../dist/detectors/registry.js';
import { encodePicture } from '../dist/media/encode-picture.js';

const CALLS = 200;
const SIDE_PX = 1024;
const LIMIT_MS = 5;

// In a process of its own, whose CPU is not counted.
const SERVER = `
const { createServer } = require('node:http');
const reply = JSON.stringify({ model: 'bench', choices: [{ finish_reason: 'stop',
  message: { role: 'assistant', content: '2' },
  logprobs: { content: [{ token: '2', logprob: -0.2, top_logprobs: [
    { token: '2', logprob: -0.2 }, { token: '1', logprob: -1.7 }] }] } }] });
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(reply));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;
const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
const [port] = await once(child.stdout, 'data');
const folder = await mkdtemp(join(tmpdir(), 'safelight-bench-'));

/** A picture with some detail, different for each seed. */
function picture(seed) {
  const rgb = new Uint8Array(SIDE_PX * SIDE_PX * 3);
  for (let at = 0; at < rgb.length; at += 1) rgb[at] = (at >> 9) + ((at * (seed + 7)) >> 14);
  const ref = { kind: 'image', sha256: 'a'.repeat(64), mime: 'image/png', sizeBytes: 1 };
  const image = { widthPx: SIDE_PX, heightPx: SIDE_PX, rgb };
  return { kind: 'image', ref, image, bytes: new Uint8Array() };
}

const context = {
  signal: new AbortController().signal,
  prompt: {
    text: 'a boat on a lake',
    shownText: undefined,
    language: 'en',
    pairs: [{ hazard: 'violence', carrier: 'visual' }],
    riskReason: undefined,
  },
  earlier: [],
};
const encoding = { maxSidePx: SIDE_PX, format: 'jpeg' };

async function cpuOf(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / CALLS;
}

async function judge(options) {
  const adapter = await DETECTOR_ADAPTERS['vlm-judge']();
  const all = {
    baseUrl: `http://127.0.0.1:${Number(port)}/v1`,
    model: 'bench',
    probe: false,
    faithfulness: false,
    ...options,
  };
  return adapter.create(all, 'bench', { env: {}, folder });
}

try {
  const encodings = await cpuOf(async () => {
    for (let at = 0; at < CALLS; at += 1) await encodePicture(picture(at).image, encoding);
  });
  const makings = await cpuOf(async () => {
    for (let at = 0; at < CALLS; at += 1) picture(at);
  });
  const rows = [];
  for (const [name, options] of [
    ['a call', {}],
    ['a call that is kept in a cache', { cache: 'cache' }],
    ['an answer from the cache', { cache: 'cache' }],
  ]) {
    const detector = await judge(options);
    // Encoded before, as by a judge that looked first.
    const media = picture(1);
    await encodePicture(media.image, encoding);
    for (let at = 0; at < 20; at += 1) await detector.detect(media, context);
    const cpuMs = await cpuOf(async () => {
      for (let at = 0; at < CALLS; at += 1) {
        const riskReason = options.cache === undefined ? undefined : `reason ${at}`;
        const prompt = { ...context.prompt, riskReason };
        await detector.detect(media, { ...context, prompt });
      }
    });
    rows.push([name, cpuMs]);
    await detector.close();
  }
  console.log(
    `encoding ${SIDE_PX} × ${SIDE_PX} as JPEG: ${(encodings - makings).toFixed(2)} ms CPU`,
  );
  for (const [name, cpuMs] of rows) console.log(`${name}: ${cpuMs.toFixed(2)} ms CPU`);
  const worst = Math.max(...rows.map(([, cpuMs]) => cpuMs));
  console.log(`limit ${LIMIT_MS} ms: ${worst < LIMIT_MS ? 'kept' : 'MISSED'}`);
  if (worst >= LIMIT_MS) process.exitCode = 1;
} finally {
  child.kill();
  await rm(folder, { recursive: true });
}
