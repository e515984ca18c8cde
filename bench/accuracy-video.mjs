// False alarms by clip, of nsfwjs on clips drawn by seeded code: how often a clean video is flagged by
// its worst frame and by two frames in a row, at several numbers of frames.

import { createNsfwjsDetector } from '../dist/detectors/nsfwjs.js';
import { sustainedScore } from '../dist/detectors/video-scores.js';
import { share, table, writeSection } from './accuracy-section.mjs';

const SIDE = 112;
const FRAMES = 64;
const CLIPS = 24;
const COUNTS = [16, 32, 64];
/** The frame-level error rate for which metrics of whole clips are usually argued. */
const FRAME_RATE = 0.06;
const CLIP_LIMIT = 0.01;
/** Of the default policy for nsfwjs, one frame alone. */
const POLICY = { harmful: 0.7, harmfulPeak: 0.9 };

function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * What classifiers of this kind confuse, and nothing that anyone would object to: soft shapes in the
 * colours of skin, sand and wood that drift over a plain ground, under light that changes.
 */
function drawClip(seed) {
  const random = randomOf(seed);
  const warm = () => {
    const light = 0.5 + random() * 0.5;
    return [230 * light, (150 + random() * 60) * light, (110 + random() * 60) * light];
  };
  const ground = random() < 0.5 ? warm() : [0, 1, 2].map(() => 40 + random() * 200);
  const shapes = Array.from({ length: 3 + Math.floor(random() * 5) }, () => ({
    x: random(),
    y: random(),
    dx: (random() - 0.5) * 0.9,
    dy: (random() - 0.5) * 0.6,
    rx: 0.08 + random() * 0.25,
    ry: 0.08 + random() * 0.3,
    turn: random() * 6,
    colour: warm(),
  }));
  const [pulse, phase, grain] = [1 + random() * 4, random() * 6, random() * 10];
  return (t) => {
    const light = 0.85 + 0.15 * Math.sin(pulse * t * 6.28 + phase);
    const rgb = new Uint8Array(SIDE * SIDE * 3);
    for (let y = 0, at = 0; y < SIDE; y += 1) {
      for (let x = 0; x < SIDE; x += 1, at += 3) {
        let colour = ground;
        let shade = 1;
        for (const s of shapes) {
          const a = s.turn + t;
          const u = x / SIDE - s.x - s.dx * t;
          const v = y / SIDE - s.y - s.dy * t;
          const p = (u * Math.cos(a) + v * Math.sin(a)) / s.rx;
          const q = (v * Math.cos(a) - u * Math.sin(a)) / s.ry;
          const d = p * p + q * q;
          if (d < 1) {
            colour = s.colour;
            shade = 1 - 0.45 * d + 0.1 * p;
          }
        }
        const noise = (random() - 0.5) * grain;
        for (let k = 0; k < 3; k += 1) {
          rgb[at + k] = Math.max(0, Math.min(255, colour[k] * shade * light + noise));
        }
      }
    }
    return rgb;
  };
}

const detector = await createNsfwjsDetector();
const context = { signal: new AbortController().signal, prompt: undefined, earlier: [] };

/** Scores of the frames of a clip, in order. */
async function scoreClip(seed) {
  const draw = drawClip(seed);
  const frames = Array.from({ length: FRAMES }, (_, k) => ({
    widthPx: SIDE,
    heightPx: SIDE,
    rgb: draw(k / (FRAMES - 1)),
    timeMs: k * 125,
  }));
  const ref = { sha256: '0'.repeat(64), kind: 'video', mime: 'video/mp4', sizeBytes: 0 };
  const sampling = { durationMs: 8000, frameTimesMs: [], largestGapMs: 125, hasAudio: false };
  const media = { kind: 'video', ref, frames, sampling, bytes: new Uint8Array(1) };
  const [{ result }] = await detector.detect(media, context);
  if (result.kind !== 'scores') throw new Error('no scores');
  return result.detail.timeline.map(({ score }) => score);
}

async function scoreClips(firstSeed) {
  const clips = [];
  for (let k = 0; k < CLIPS; k += 1) clips.push(await scoreClip(firstSeed + k));
  return clips;
}

/** `count` of the frames, evenly spaced, first and last among them. */
const sampled = (scores, count) =>
  Array.from({ length: count }, (_, k) => scores[Math.round((k * (FRAMES - 1)) / (count - 1))]);
const RULES = {
  'worst frame': (scores) => Math.max(...scores),
  'two in a row': sustainedScore,
};
/** The lowest limit that at most this share of the values reaches. */
const limitFor = (values, rate) => {
  const sorted = values.toSorted((a, b) => b - a);
  return (sorted[Math.floor(values.length * rate)] ?? 0) + 1e-9;
};
const flagged = (clips, count, rule, limit) =>
  clips.filter((scores) => rule(sampled(scores, count)) >= limit).length;

const tuning = await scoreClips(1000);
const heldOut = await scoreClips(900_000);
await detector.close();

const frameLimit = limitFor(tuning.flat(), FRAME_RATE);
const frameShare = share(
  heldOut.flat().filter((score) => score >= frameLimit).length,
  heldOut.flat().length,
);
const rows = COUNTS.flatMap((count) =>
  Object.entries(RULES).map(([name, rule]) => {
    const values = tuning.map((scores) => rule(sampled(scores, count)));
    const clipLimit = limitFor(values, CLIP_LIMIT);
    return [
      String(count),
      name,
      share(flagged(heldOut, count, rule, frameLimit), CLIPS),
      clipLimit.toFixed(3),
      share(flagged(heldOut, count, rule, clipLimit), CLIPS),
    ];
  }),
);
const byPolicy = COUNTS.map((count) => {
  const all = [...tuning, ...heldOut];
  const either = all.filter((scores) => {
    const some = sampled(scores, count);
    return sustainedScore(some) >= POLICY.harmful || Math.max(...some) >= POLICY.harmfulPeak;
  }).length;
  return [
    String(count),
    share(either, all.length),
    share(flagged(all, count, RULES['worst frame'], POLICY.harmful), all.length),
  ];
});
const text = [
  `## False alarms of whole clips\n\n${CLIPS} tuning and ${CLIPS} held-out clips of ${FRAMES} frames, drawn by seeded code to look like what the classifier confuses and scored by nsfwjs; Wilson intervals of 95 %, by clip. Made by \`npm run bench -- accuracy-video\`.\n\nWith the limit that 6 % of the tuning clips' *frames* reach (${frameLimit.toFixed(3)}; of held-out frames ${frameShare}), and with the limit that at most 1 % of the tuning *clips* reach, which of so few means none:`,
  table(
    [
      'frames',
      'rule',
      'clips flagged, 6 % of frames',
      'limit for 1 % of clips',
      'clips flagged there',
    ],
    rows,
  ),
  'With the limits of the default policy, all clips:',
  table(['frames', 'two in a row at 0.7, or one at 0.9', 'worst frame at 0.7'], byPolicy),
  'The same limit means another thing for each rule and each number of frames: choose it on whole clips, with the settings that you run. The clips are drawn, not generated, and none is explicit: the table says how false alarms grow, not how many a model would draw, and nothing about recall. Frames follow each other slowly here; frames that differ more let the worst frame flag more.',
].join('\n\n');
console.log(text);
writeSection('video', text);
