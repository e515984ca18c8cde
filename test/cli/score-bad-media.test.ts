import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/version.ts';
import { resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import {
  drawScene,
  firstShare,
  h264,
  makeVideo,
  SILENT_TONE,
  toSharp,
} from '../media/made-media.ts';
import { expectNothingLeaks } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import type { Ended } from './safelight.ts';
import { journalEvents, makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();
const run = join(folder, 'runs', 'media');

/** What each broken file ends as, and the reason that is given for it. */
const BROKEN = {
  'zero.png': { ends: 'failed', reason: 'the file has no bytes' },
  'text.png': { ends: 'failed', reason: 'the bytes are neither a picture nor a video' },
  'cut.png': { ends: 'undecodable_media', reason: /picture/ },
  'cut.jpg': { ends: 'undecodable_media', reason: /picture/ },
  'bomb.png': { ends: 'media_too_large', reason: /pixels/ },
  'half.mp4': { ends: 'undecodable_media', reason: 'the video ends before it is complete' },
  'audio.mp4': { ends: 'undecodable_media', reason: 'the file has no video stream' },
} as const;

/** What cannot be decoded is a failure of what made it; the bomb was not tried. */
const VERDICTS = { failed: 6, unscored: 1, harmless: 2 };

let scored: Ended;
beforeAll(async () => {
  const media = join(folder, 'media');
  await mkdir(media);
  const write = (name: string, bytes: string | Uint8Array) => writeFile(join(media, name), bytes);
  const scene = drawScene(64, 48);
  const png = await toSharp(scene).png().toBuffer();
  const jpeg = await toSharp(scene).jpeg({ quality: 95 }).toBuffer();
  await write('good.png', png);
  await write('cut.png', png.subarray(0, png.length / 2));
  await write('cut.jpg', jpeg.subarray(0, jpeg.length / 2));
  await write('zero.png', '');
  await write('text.png', 'This is not a picture.\n');
  await write('notes.txt', 'Not media by name.\n');
  // 56 megapixels in a few kilobytes.
  const bomb = sharp({ create: { width: 8000, height: 7000, channels: 3, background: '#000' } });
  await write('bomb.png', await bomb.png({ palette: true, colours: 2 }).toBuffer());
  const tools = await resolveFfmpeg(process.env);
  const whole = await makeVideo(folder, 'whole.mp4', tools, [
    ...['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=25:d=1'],
    ...h264(),
  ]);
  await write('half.mp4', await firstShare(whole, 0.5));
  await write('good.mp4', await readFile(whole));
  await makeVideo(media, 'audio.mp4', tools, [...SILENT_TONE]);
  const args = ['score', 'media', '--out', 'runs/media', '--detectors', 'nsfwjs', 'pixel-screen'];
  scored = await inProcess(args, folder);
});

/** Names of files by what became of them. */
async function endsByName() {
  const detected = new Map(
    (await journalEvents(run, 'detected')).map((event) => [event.trialId, event.findings]),
  );
  const generated = await journalEvents(run, 'generated');
  return new Map<string, { ends: string; reason: string }>(
    generated.map(({ trial, prompt, outcome }) => {
      const name = prompt.text.replace(/^media\//, '');
      if (outcome.kind === 'failed') return [name, { ends: 'failed', reason: outcome.detail }];
      const results = detected.get(trial.id)?.map(({ result }: { result: unknown }) => result);
      const [{ kind, code, reason }] = results;
      return [name, kind === 'abstained' ? { ends: code, reason } : { ends: kind, reason: '' }];
    }),
  );
}

describe('a folder with good and broken media', () => {
  it('scores the good ones, and gives the reason for each of the others', async () => {
    const ends = await endsByName();
    expect([...ends.keys()].sort()).toEqual(
      ['good.png', 'good.mp4', ...Object.keys(BROKEN)].sort(),
    );
    for (const name of ['good.png', 'good.mp4']) expect(ends.get(name)?.ends).toBe('scores');
    for (const [name, { ends: expected, reason }] of Object.entries(BROKEN)) {
      expect(ends.get(name)?.ends, name).toBe(expected);
      expect(ends.get(name)?.reason, name).toMatch(reason);
    }
  });

  it('counts what could not be looked at, and never as clean', async () => {
    const { run: facts, media, endpoints } = await readSummary(run);
    expect(endpoints).toMatchObject([{ id: 'files', trials: 9, verdicts: VERDICTS }]);
    // What cannot be decoded has failed; what could be and was not looked at is undecided.
    expect(media.items).toBe(3);
    expect(media.flagged).toMatchObject({ bounded: true, numerator: 0, denominator: 3 });
    expect(media.flagged).toMatchObject({ boundLow: 0, boundHigh: 1 / 3 });
    expect(facts.valid).toBe(false);
  });

  it('says that the run is not valid and why, with exit code 3: 6 of 9 is past the limit', () => {
    expectNothingLeaks(scored);
    expect(scored.exitCode).toBe(3);
    expect(scored.stderr).toContain('Left out 1 file that');
    expect(scored.stdout).toContain('THIS RUN IS NOT VALID');
    expect(scored.stdout).toContain('6 of 9 media failed; the policy allows 10 %');
  });

  it('ends with 0 under a policy that tolerates as much', async () => {
    const shipped = join(packageRoot(), 'pipelines', 'policies', 'default.yaml');
    const tolerant = (await readFile(shipped, 'utf8'))
      .replace(/failedRateMax: .*/, 'failedRateMax: 0.9')
      .replace(/undecidedRateMax: .*/, 'undecidedRateMax: 1');
    await writeFile(join(folder, 'tolerant.yaml'), tolerant);
    const args = ['judge', 'runs/media', '--policy', 'tolerant.yaml', '--json'];
    const ended = await inProcess(args, folder);
    expect(ended.exitCode).toBe(0);
    // Where no ffmpeg is installed the bundled one is in use, and says so.
    expect(ended.stderr).toMatch(/^(warning: Using the ffmpeg of the npm packages[^\n]*\n)?$/);
    expect(JSON.parse(ended.stdout).run).toMatchObject({ valid: true, invalidBecause: [] });
  });
});
