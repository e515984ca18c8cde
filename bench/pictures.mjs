// Pictures through decoding and nsfwjs: the share reached of what the processors allow, peak memory,
// and inference alone against TensorFlow.js on WebAssembly.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COUNT = 400;
const SIDE_PX = 1024;
const SHARE_LIMIT = 0.85;
const MEMORY_LIMIT_MB = 700;
const WASM_LIMIT = 3;
/** Of either kind, to find the limit. */
const SAMPLE = 40;

const self = fileURLToPath(import.meta.url);
const [part, folder] = process.argv.slice(2);

/** CPU milliseconds of this process, all its threads. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timed(work) {
  const started = { cpu: cpuMs(), wall: performance.now() };
  await work();
  return { cpu: cpuMs() - started.cpu, wall: performance.now() - started.wall };
}

/** Runs a part in a process of its own, which prints a line of JSON at its end. */
function inOwnProcess(name, path) {
  const { status, stdout } = spawnSync(process.execPath, [self, name, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`the part ${name} failed`);
  // Libraries greet on standard output.
  return JSON.parse(String(stdout).trimEnd().split('\n').at(-1));
}

/** Scenes with sky, shapes and grain, as heavy to decode as photographs are. */
async function makePictures(target) {
  const { default: sharp } = await import('sharp');
  const { createRandom } = await import('../dist/core/seeded-random.js');
  const grain = createRandom('grain');
  const grains = Int8Array.from({ length: 2 ** 20 + 7 }, () => grain.integer(-6, 6));
  for (let index = 0; index < COUNT; index += 1) {
    const dice = createRandom('picture', index);
    const random = () => dice.between(0, 1);
    const colour = () =>
      `hsl(${Math.floor(random() * 360)} 60% ${20 + Math.floor(random() * 60)}%)`;
    const shapes = Array.from({ length: 24 }, () => {
      const [x, y, r] = [random(), random(), random() * 0.2].map((v) => Math.round(v * SIDE_PX));
      return `<ellipse cx="${x}" cy="${y}" rx="${r}" ry="${Math.round(r * (0.4 + random()))}" fill="${colour()}" opacity="0.8"/>`;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE_PX}" height="${SIDE_PX}"><defs><linearGradient id="s" y2="1"><stop stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#s)"/>${shapes.join('')}</svg>`;
    const pixels = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
    for (let at = 0; at < pixels.length; at += 1) {
      pixels[at] = Math.max(
        0,
        Math.min(255, pixels[at] + grains[(at + index * 997) % grains.length]),
      );
    }
    const picture = sharp(pixels, { raw: { width: SIDE_PX, height: SIDE_PX, channels: 3 } });
    await picture
      .clone()
      .png({ compressionLevel: 3 })
      .toFile(join(target, `${index}.png`));
    await picture.jpeg({ quality: 90 }).toFile(join(target, `${index}.jpg`));
  }
  return { made: 2 * COUNT };
}

async function openDetection(path) {
  const [{ createNsfwjsDetector }, { openMedia }, { DEFAULT_MEDIA_LIMITS }] = await Promise.all([
    import('../dist/detectors/nsfwjs.js'),
    import('../dist/media/open-media.js'),
    import('../dist/media/media.js'),
  ]);
  const signal = new AbortController().signal;
  const noTools = () => Promise.reject(new Error('no video is expected'));
  return {
    detector: await createNsfwjsDetector(),
    context: { signal, prompt: undefined, earlier: [] },
    open: (name) => {
      const mime = name.endsWith('.png') ? 'image/png' : 'image/jpeg';
      const ref = { sha256: '0'.repeat(64), kind: 'image', mime, sizeBytes: 0 };
      return openMedia({ path: join(path, name) }, ref, DEFAULT_MEDIA_LIMITS, noTools, signal);
    },
  };
}

/** What one picture costs by itself: decoding, and inference of what is decoded. */
async function findLimit(path) {
  const { detector, context, open } = await openDetection(path);
  const names = readdirSync(path).filter((name) => Number.parseInt(name, 10) < SAMPLE);
  await detector.detect(await open(names[0]), context);
  const media = [];
  const decoding = await timed(async () => {
    for (const name of names) media.push(await open(name));
  });
  const inference = await timed(async () => {
    for (const medium of media) await detector.detect(medium, context);
  });
  await detector.close();
  return { decodeMs: decoding.cpu / names.length, inferMs: inference.cpu / names.length };
}

/** The whole set through the detection stage, as `run` and `score` send it. */
async function lookAtAll(path) {
  const [{ detectMedia }, { createTaskQueue }, { LOOK_AT_ONCE }] = await Promise.all([
    import('../dist/run/detect-stage.js'),
    import('../dist/run/concurrency.js'),
    import('../dist/cli/options.js'),
  ]);
  const { detector, context, open } = await openDetection(path);
  const names = readdirSync(path);
  await detector.detect(await open(names[0]), context);
  const queue = createTaskQueue(LOOK_AT_ONCE, LOOK_AT_ONCE);
  let scored = 0;
  const spent = await timed(async () => {
    for (const [index, name] of names.entries()) {
      await queue.push(async () => {
        const ref = { sha256: String(index).padStart(64, '0'), kind: 'image' };
        const found = await detectMedia([ref], [detector], () => open(name), context.signal);
        scored += found.findings.filter(({ result }) => result.kind === 'scores').length;
      });
    }
    await queue.drain();
  });
  await detector.close();
  if (scored !== names.length) throw new Error(`${names.length - scored} were not scored`);
  return { ...spent, pictures: scored, peakMb: process.resourceUsage().maxRSS / 1000 };
}

/** The same model on TensorFlow.js's WebAssembly, its picture already the right size. */
async function inferByWasm() {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  const dist = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  wasm.setWasmPaths(join(dist, 'dist', '/'));
  await tf.setBackend('wasm');
  await tf.ready();
  if (tf.getBackend() !== 'wasm') throw new Error('the wasm backend is not there');
  const { load } = require('nsfwjs');
  const model = await load('MobileNetV2Mid', { size: 224 });
  const pixels = tf.randomUniform([224, 224, 3], 0, 255, 'int32', 7);
  for (let warm = 0; warm < 5; warm += 1) await model.classify(pixels);
  const spent = await timed(async () => {
    for (let round = 0; round < SAMPLE; round += 1) await model.classify(pixels);
  });
  return { msEach: spent.cpu / SAMPLE };
}

/** Ours, on a picture of the same size. */
async function inferByOnnx() {
  const { createNsfwjsDetector } = await import('../dist/detectors/nsfwjs.js');
  const detector = await createNsfwjsDetector();
  const rgb = Uint8Array.from({ length: 224 * 224 * 3 }, (_, index) => (index * 37) % 256);
  const ref = { sha256: '0'.repeat(64), kind: 'image', mime: 'image/png', sizeBytes: 0 };
  const media = { kind: 'image', ref, image: { widthPx: 224, heightPx: 224, rgb } };
  const context = { signal: new AbortController().signal, prompt: undefined, earlier: [] };
  for (let warm = 0; warm < 5; warm += 1) await detector.detect(media, context);
  const spent = await timed(async () => {
    for (let round = 0; round < SAMPLE; round += 1) await detector.detect(media, context);
  });
  await detector.close();
  return { msEach: spent.cpu / SAMPLE };
}

/** Four threads in one session, with and without spinning: what waiting costs. */
async function measureSpinning() {
  const { createOnnxPool } = await import('../dist/detectors/onnx/onnx-pool.js');
  const model = readFileSync(
    new URL('../dist/models/nsfwjs-mobilenet-v2-mid.onnx', import.meta.url),
  );
  const rows = {};
  for (const spinning of [false, true]) {
    const threads = availableParallelism();
    const pool = await createOnnxPool({ model, workers: 1, threadsPerWorker: threads, spinning });
    const values = new Float32Array(224 * 224 * 3).fill(0.5);
    const prepare = () => ({
      [pool.names.inputs[0]]: { type: 'float32', shape: [1, 224, 224, 3], values: values.slice() },
    });
    for (let warm = 0; warm < 5; warm += 1) await pool.run(prepare);
    rows[spinning ? 'spinning' : 'waiting'] = await timed(async () => {
      for (let round = 0; round < SAMPLE; round += 1) {
        await pool.run(prepare);
        // Pictures come one by one from decoding: between them the threads have nothing to do.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    await pool.close();
  }
  return rows;
}

const PARTS = {
  make: makePictures,
  limit: findLimit,
  all: lookAtAll,
  wasm: inferByWasm,
  onnx: inferByOnnx,
  spinning: measureSpinning,
};

function main() {
  const work = mkdtempSync(join(tmpdir(), 'safelight-bench-'));
  let failed = false;
  const verdict = (ok) => {
    if (!ok) failed = true;
    return ok ? 'ok' : 'MISSED';
  };
  try {
    const pictures = join(work, 'pictures');
    mkdirSync(pictures);
    inOwnProcess('make', pictures);
    const cores = availableParallelism();
    // The limit before and after: other work on the machine would move one of them.
    const before = inOwnProcess('limit', pictures);
    const all = inOwnProcess('all', pictures);
    const after = inOwnProcess('limit', pictures);
    const decodeMs = (before.decodeMs + after.decodeMs) / 2;
    const inferMs = (before.inferMs + after.inferMs) / 2;
    const possible = (1000 * cores) / (decodeMs + inferMs);
    const reached = (1000 * all.pictures) / all.wall;
    console.log(`${COUNT} PNG and ${COUNT} JPEG of ${SIDE_PX}², nsfwjs, ${cores} processors`);
    console.log(
      `  decoding ${decodeMs.toFixed(1)} ms of CPU each, inference ${inferMs.toFixed(1)} ms`,
    );
    console.log(`  possible ${possible.toFixed(1)} a second, reached ${reached.toFixed(1)}`);
    const share = reached / possible;
    console.log(
      `  share ${(100 * share).toFixed(0)} % (at least ${100 * SHARE_LIMIT} %): ${verdict(share >= SHARE_LIMIT)}`,
    );
    console.log(
      `  peak memory ${all.peakMb.toFixed(0)} MB (at most ${MEMORY_LIMIT_MB}): ${verdict(all.peakMb <= MEMORY_LIMIT_MB)}`,
    );
    const ours = inOwnProcess('onnx', work).msEach;
    const wasm = inOwnProcess('wasm', work).msEach;
    console.log(
      `  inference alone: ${ours.toFixed(1)} ms of CPU, TensorFlow.js on WebAssembly ${wasm.toFixed(1)} ms`,
    );
    console.log(
      `  ratio ${(wasm / ours).toFixed(1)} (at least ${WASM_LIMIT}): ${verdict(wasm / ours >= WASM_LIMIT)}`,
    );
    const { waiting, spinning } = inOwnProcess('spinning', work);
    console.log(
      `  ${cores} threads in one session, a picture every 20 ms: waiting ${(waiting.cpu / SAMPLE).toFixed(1)} ms of CPU each, spinning ${(spinning.cpu / SAMPLE).toFixed(1)} ms`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (failed) process.exitCode = 1;
}

if (part === undefined) main();
else writeFileSync(1, `\n${JSON.stringify(await PARTS[part](folder))}\n`);
