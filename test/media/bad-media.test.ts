import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ABSTENTION_CODES } from '../../src/core/finding.ts';
import { resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import { runProgram } from '../../src/media/run-program.ts';
import { expectNothingLeaks } from '../cli/clear-error.ts';
import { inProcess } from '../cli/in-process.ts';
import type { Ended } from '../cli/safelight.ts';
import { journalEvents, makeTestFolder, readSummary } from '../cli/test-folder.ts';
import { type Corpus, makeBadCorpus, type Traps } from './bad-corpus.ts';
import { fill, h264, makeVideo, toSharp } from './made-media.ts';

const folder = await makeTestFolder();
const run = join(folder, 'run');
/** Nothing in the corpus shows this colour. */
const TRAP_COLOUR = [255, 0, 255] as const;
/** Long ago: the next reading moves the time of access, whatever the file system saves on. */
const LONG_AGO = new Date('2001-01-01T00:00:00Z');

let server: Server;
let connections = 0;
let traps: Traps;
let corpus: Corpus;
let scored: Ended;

beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const tools = await resolveFfmpeg(process.env);
  await mkdir(join(folder, 'traps'));
  await mkdir(join(folder, 'media'));
  const picture = join(folder, 'traps', 'picture.png');
  await writeFile(
    picture,
    await toSharp(fill(64, 64, TRAP_COLOUR))
      .png()
      .toBuffer(),
  );
  const video = await makeVideo(join(folder, 'traps'), 'video.mp4', tools, [
    ...['-f', 'lavfi', '-i', 'color=0xff00ff:s=64x64:r=10:d=1'],
    ...h264(),
  ]);
  const pipe = join(folder, 'traps', 'pipe');
  if (process.platform !== 'win32') execFileSync('mkfifo', [pipe]);
  traps = { picture, video, pipe, server: `http://127.0.0.1:${address.port}`, port: address.port };
  corpus = await makeBadCorpus(folder, tools, traps);
  for (const [name, bytes] of corpus) await writeFile(join(folder, 'media', name), bytes);
  for (const path of [picture, video]) await utimes(path, LONG_AGO, new Date());
  const args = ['score', 'media', '--out', run, '--detectors', 'pixel-screen', '--json'];
  scored = await inProcess(args, folder);
}, 300_000);

afterAll(() => new Promise<void>((closed) => server.close(() => closed())));

interface End {
  readonly kind: string;
  readonly code: string;
  readonly reason: string;
  readonly colours: string;
}

/** What each file ended as. */
async function endsByName(): Promise<Map<string, End>> {
  const detected = new Map(
    (await journalEvents(run, 'detected')).map((event) => [event.trialId, event.findings]),
  );
  return new Map(
    (await journalEvents(run, 'generated')).map(({ trial, prompt, outcome }): [string, End] => {
      const name = prompt.text.replace(/^media\//, '');
      if (outcome.kind === 'failed') {
        return [name, { kind: 'failed', code: outcome.cause, reason: outcome.detail, colours: '' }];
      }
      const [finding] = detected.get(trial.id) ?? [];
      const { kind, code = '', reason = '', measures } = finding.result;
      return [name, { kind, code, reason, colours: measures?.colourFields ?? '' }];
    }),
  );
}

describe('damaged and hostile media', () => {
  it('are at least 150 files of many kinds', () => {
    expect(corpus.size).toBeGreaterThanOrEqual(150);
  });

  it('each end as a finding, an abstention with its reason, or a failure with its code', async () => {
    const ends = await endsByName();
    expect([...ends.keys()].sort()).toEqual([...corpus.keys()].sort());
    for (const [name, { kind, code, reason }] of ends) {
      expect(['pixels', 'abstained', 'failed'], name).toContain(kind);
      if (kind === 'failed') expect([name, code]).toEqual([name, 'media_rejected']);
      if (kind === 'abstained') expect(ABSTENTION_CODES, name).toContain(code);
      if (kind !== 'pixels') expect(reason, name).toMatch(/^.{10,120}$/);
      expect(reason, name).not.toContain(folder);
      // Neither hung nor broke what looked at it.
      expect(['timeout', 'detector_error'], name).not.toContain(code);
    }
    const kinds = new Set([...ends.values()].map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['pixels', 'abstained', 'failed']));
  });

  it.each([
    ['cut-last-byte-plain.mp4', 'abstained', 'undecodable_media'],
    ['cut-0.5-still.png', 'abstained', 'undecodable_media'],
    ['bomb-pixels.png', 'abstained', 'media_too_large'],
    ['bomb-pages.gif', 'abstained', 'media_too_large'],
    ['huge.png', 'abstained', 'undecodable_media'],
    ['sound.mkv', 'abstained', 'undecodable_media'],
    ['pointer-hls-file.mp4', 'failed', 'media_rejected'],
    ['pointer-concat.mp4', 'failed', 'media_rejected'],
    ['pointer-svg-file.png', 'failed', 'media_rejected'],
    ['an-mp4.png', 'pixels', ''],
    ['%d-a-pattern.mp4', 'pixels', ''],
    ['both-png-list.png', 'pixels', ''],
    ['clock-one.mp4', 'pixels', ''],
    ['clock-late.ts', 'pixels', ''],
  ])('%s: %s %s', async (name, kind, code) => {
    expect((await endsByName()).get(name)).toMatchObject({ kind, code });
  });

  it('say what failed in the summary, and never count it as clean', async () => {
    expectNothingLeaks(scored);
    expect(scored.exitCode).toBe(3);
    const { run: facts, media } = await readSummary(run);
    expect(facts.invalidBecause.join()).toMatch(/media failed/);
    expect(media.failed).toBeGreaterThan(50);
    expect(media.items + media.failed).toBe(corpus.size);
  });
});

describe('what they point at', () => {
  it('was not opened: no connection, no access to a file, none of its colour seen', async () => {
    expect(connections).toBe(0);
    for (const path of [traps.picture, traps.video]) {
      expect((await stat(path)).atime).toEqual(LONG_AGO);
    }
    for (const [name, { colours }] of await endsByName())
      expect(colours, name).not.toMatch(/(fd|fe|ff)0[0-4](fd|fe|ff)/);
  });

  it('would have been opened by an ffmpeg that is let: the traps work', async () => {
    const { ffmpegPath } = await resolveFfmpeg(process.env);
    const allow = async (name: string): Promise<void> => {
      const leave = ['-protocol_whitelist', 'file,http,tcp,crypto', '-safe', '0'];
      await runProgram(
        ffmpegPath,
        [...['-v', 'quiet', ...leave, '-f', 'concat'], '-i', name, '-f', 'null', '-'],
        { signal: AbortSignal.timeout(20_000), maxOutput: 1_000_000 },
      );
    };
    await allow(join(folder, 'media', 'pointer-concat-http.webm'));
    expect(connections).toBeGreaterThan(0);
    await readFile(traps.picture);
    await allow(join(folder, 'media', 'pointer-concat.mp4'));
    for (const path of [traps.picture, traps.video]) {
      expect((await stat(path)).atime).not.toEqual(LONG_AGO);
    }
  });
});
