// CPU of looking at a video against what decoding it and scoring its frames cost by themselves, and
// the memory of a long one. Linux: children's CPU and memory are read from /proc.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNsfwjsDetector } from '../dist/detectors/nsfwjs.js';
import { resolveFfmpeg } from '../dist/media/ffmpeg.js';
import { DEFAULT_MEDIA_LIMITS } from '../dist/media/media.js';
import { openMedia } from '../dist/media/open-media.js';

const CPU_LIMIT_RATIO = 1.2;
const MEMORY_LIMIT_RATIO = 1.3;
const ROUNDS = 5;
// Ten minutes of 1080p take longer than the usual deadline where other work shares the cores.
const LIMITS = { ...DEFAULT_MEDIA_LIMITS, frames: 32, timeoutMs: 900_000 };
const REF = { sha256: '0'.repeat(64), kind: 'video', mime: 'video/mp4', sizeBytes: 0 };
const NEVER = new AbortController().signal;

const tools = await resolveFfmpeg(process.env);
const folder = mkdtempSync(join(tmpdir(), 'safelight-bench-'));
const ffmpeg = (...args) => {
  const { status, stderr } = spawnSync(tools.ffmpegPath, ['-v', 'error', '-nostdin', ...args]);
  if (status !== 0) throw new Error(String(stderr));
};
const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'];
const scene = (size, seconds) => [...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=24:d=${seconds}`]];
/** Noise and detail: a flat test picture decodes faster than anything a model makes. */
const NOISE = ['-vf', 'noise=alls=12:allf=t'];

/** Ticks of a hundredth of a second, of this process and of the children that it waited for. */
function cpuMs() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const children = (Number(fields[13]) + Number(fields[14])) * 10;
  const { user, system } = process.cpuUsage();
  return children + (user + system) / 1000;
}

async function measure(work) {
  const before = cpuMs();
  const result = await work();
  return { ms: cpuMs() - before, result };
}

const open = (path) =>
  openMedia({ path }, REF, LIMITS, async () => tools, NEVER).then((media) => {
    if (media.kind !== 'video') throw new Error(`not a video: ${JSON.stringify(media)}`);
    return media;
  });
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Peak memory of this process and of each child, sampled while `work` runs. In MiB. */
async function peakMemory(work) {
  const peaks = new Map();
  const look = () => {
    const pids = ['self'];
    for (const task of readdirSync('/proc/self/task')) {
      pids.push(
        ...readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
      );
    }
    for (const pid of pids) {
      try {
        const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        peaks.set(pid, Math.max(peaks.get(pid) ?? 0, Number(kib ?? 0) / 1024));
      } catch {
        // It is over.
      }
    }
  };
  const timer = setInterval(look, 20);
  await work();
  clearInterval(timer);
  const { self, ...children } = Object.fromEntries(peaks);
  return { self, child: Math.max(0, ...Object.values(children)) };
}

let failed = false;
const verdict = (ok) => {
  if (!ok) failed = true;
  return ok ? 'ok' : 'TOO MUCH';
};
const detector = await createNsfwjsDetector();
try {
  const clip = join(folder, 'clip.mp4');
  ffmpeg(...scene('1280x720', 20), ...NOISE, ...h264, clip);
  const context = { signal: NEVER, prompt: undefined, earlier: [] };
  // Libraries load once, and are not what is measured.
  await detector.detect(await open(clip), context);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const decode = await measure(() => ffmpeg('-i', clip, '-f', 'null', '-'));
    const whole = await measure(async () => {
      const media = await open(clip);
      await detector.detect(media, context);
      return media;
    });
    const inference = await measure(() => detector.detect(whole.result, context));
    const ratio = whole.ms / (decode.ms + inference.ms);
    rounds.push({ decode: decode.ms, inference: inference.ms, whole: whole.ms, ratio });
  }
  const of = (key) => median(rounds.map((round) => round[key]));
  const ratio = of('ratio');
  console.log(`20 s of 720p H.264, 32 frames, nsfwjs; medians of ${ROUNDS} rounds`);
  console.log(`  decoding alone (ffmpeg -f null)  ${of('decode').toFixed(0)} ms of CPU`);
  console.log(`  scoring its frames alone         ${of('inference').toFixed(0)} ms of CPU`);
  console.log(`  looking at the video             ${of('whole').toFixed(0)} ms of CPU`);
  console.log(
    `  ratio ${ratio.toFixed(2)} (at most ${CPU_LIMIT_RATIO}): ${verdict(ratio <= CPU_LIMIT_RATIO)}`,
  );

  const short = join(folder, 'short.mp4');
  const long = join(folder, 'long.mp4');
  ffmpeg(...scene('1920x1080', 10), ...h264, '-b:v', '1000k', short);
  ffmpeg('-stream_loop', '59', '-i', short, '-c', 'copy', long);
  const few = await peakMemory(() => open(short));
  const many = await peakMemory(() => open(long));
  const sum = ({ self, child }) => self + child;
  const growth = sum(many) / sum(few);
  console.log('1080p H.264, 32 frames: peak memory of this process and of ffmpeg');
  console.log(`  10 s    ${few.self.toFixed(0)} + ${few.child.toFixed(0)} MiB`);
  console.log(`  10 min  ${many.self.toFixed(0)} + ${many.child.toFixed(0)} MiB`);
  console.log(
    `  ratio ${growth.toFixed(2)} for 60 times the length (at most ${MEMORY_LIMIT_RATIO}, the file's bytes included): ${verdict(growth <= MEMORY_LIMIT_RATIO)}`,
  );
} finally {
  await detector.close();
  rmSync(folder, { recursive: true, force: true });
}
if (failed) process.exitCode = 1;
