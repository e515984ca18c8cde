import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import {
  animate,
  drawScene,
  firstShare,
  h264,
  makeVideo,
  numbered,
  toSharp,
} from '../media/made-media.ts';
import { inProcess } from './in-process.ts';
import { journalEvents, makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();
let files: string[] = [];

beforeAll(async () => {
  const media = join(folder, 'media');
  await mkdir(media);
  for (let seed = 1; seed <= 6; seed += 1) {
    const words = `<svg width="320" height="200"><text x="12" y="110" font-size="44">${'abcdef'[seed - 1]} sign ${seed * 37}</text></svg>`;
    const scene = toSharp(drawScene(320, 200, seed)).composite(
      seed % 2 === 0 ? [{ input: Buffer.from(words) }] : [],
    );
    await (seed % 3 === 0 ? scene.jpeg() : scene.png()).toFile(
      join(media, `scene-${seed}.${seed % 3 === 0 ? 'jpg' : 'png'}`),
    );
  }
  await writeFile(
    join(media, 'pages.gif'),
    await animate([0, 90, 180, 250], [100, 100, 100, 100], 'gif'),
  );
  await makeVideo(media, 'clip.mp4', await resolveFfmpeg(process.env), [
    ...numbered({ fps: 10, seconds: 2 }),
    ...h264(),
  ]);
  await writeFile(join(media, 'cut.png'), await firstShare(join(media, 'scene-1.png'), 0.5));
  files = (await readdir(media)).map((name) => join('media', name)).sort();
});

/** The findings of a run by the hash of what was looked at: no order, no times, no ids. */
async function findingsOf(name: string, paths: readonly string[], ...more: string[]) {
  const args = ['score', ...paths, '--out', name, '--json', ...more];
  const { stderr } = await inProcess(args, folder);
  expect(stderr).toBe('');
  const events = await journalEvents(join(folder, name), 'detected');
  const findings = events.flatMap((event) => event.findings);
  expect(new Set(findings.map(({ mediaSha256 }) => mediaSha256)).size).toBe(files.length);
  return findings.map((finding) => JSON.stringify(finding)).sort();
}

it('finds the same whatever the order of files, how many at once, and how many threads', async () => {
  const detectors = (workers: number): string =>
    `detectors:\n  - { use: nsfwjs, workers: ${workers} }\n  - { use: ocr-toxicity, workers: ${workers} }\n  - { use: pixel-screen }\n`;
  await writeFile(join(folder, 'one.yaml'), detectors(1));
  await writeFile(join(folder, 'three.yaml'), detectors(3));
  const first = await findingsOf('first', files);
  expect(first.length).toBe(3 * files.length);
  expect(first.some((finding) => finding.includes('"words":[{'))).toBe(true);
  expect(await findingsOf('again', ['media'])).toEqual(first);
  const reversed = files.toReversed();
  const alone = ['--concurrency', '1', '--detectors', 'one.yaml'];
  expect(await findingsOf('one-by-one', reversed, ...alone)).toEqual(first);
  const together = ['--concurrency', '9', '--detectors', 'three.yaml'];
  expect(await findingsOf('together', reversed, ...together)).toEqual(first);
}, 120_000);

it('says what is wrong with a number of media at once', async () => {
  const { exitCode, stderr } = await inProcess(['score', 'media', '--concurrency', '0'], folder);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--concurrency takes a whole number from 1 to 256');
});
