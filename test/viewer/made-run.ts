import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Finding } from '../../src/core/finding.ts';
import type { TrialRecord } from '../../src/core/journal-event.ts';
import type { MediaRef } from '../../src/core/media-ref.ts';
import { runFolder } from '../../src/run/run-folder.ts';
import { createBlobStore } from '../../src/store/blobs.ts';
import { openJournal } from '../../src/store/journal.ts';
import { allTools, drawScene, h264, makeVideo, toSharp } from '../media/made-media.ts';
import { HOSTILE, syntheticRun } from '../report/synthetic-run.ts';

const WIDTH_PX = 480;
const HEIGHT_PX = 320;

export interface MadeRun {
  readonly folder: string;
  readonly runId: string;
  readonly records: readonly TrialRecord[];
}

/** A run in its folder, as a pipeline would have left it: real pictures and videos, made-up findings. */
export async function makeRun(
  folder: string,
  options: { readonly trials: number; readonly hostile?: boolean },
): Promise<MadeRun> {
  const hostile = options.hostile === true;
  const made = syntheticRun({ trials: options.trials, hostile });
  const paths = runFolder(folder);
  await mkdir(folder, { recursive: true });
  const blobs = createBlobStore(paths.blobs);
  const video = await storeVideo(dirname(folder), blobs);
  const runId = made.summary.run.id;
  const journal = await openJournal(paths.journal);
  const at = '2026-01-02T03:04:05.000Z';
  await journal.append({
    type: 'run_started',
    schema: 1,
    at,
    runId,
    pipeline: made.summary.run.pipeline,
    planHash: 'made',
    versions: {},
    configuration: {},
  });
  for (const endpoint of made.endpoints) {
    await journal.append({ type: 'endpoint', at, endpoint: asJournalTakes(endpoint) });
  }
  await journal.append({
    type: 'detectors',
    at,
    detection: 'd1',
    detectors: [...made.detectors],
  });
  const records: TrialRecord[] = [];
  for await (const { record } of made.trials) {
    const taken = hostile ? asJournalTakes(record) : record;
    const stored = await withMedia(taken, records.length, hostile, blobs, video);
    records.push(stored);
    await journal.append(stored.generated);
    if (stored.detected !== undefined) await journal.append(stored.detected);
  }
  await journal.append({ type: 'run_finished', at });
  await journal.close();
  return { folder, runId, records };
}

/** A journal with other ids, or longer prompts, is refused before anything shows it. */
const IDS = new Set(['id', 'endpoint', 'promptId', 'family', 'trialId', 'detector']);
const TEXT_MOST = 8_000;

function asJournalTakes<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (key, part) => {
      if (typeof part !== 'string') return part;
      return IDS.has(key) ? part.replace(/[^\w.:-]/g, '_') : part.slice(0, TEXT_MOST);
    }),
  );
}

type Blobs = ReturnType<typeof createBlobStore>;

async function storeVideo(folder: string, blobs: Blobs): Promise<MediaRef> {
  const [tools] = await allTools();
  if (tools === undefined) throw new Error('no ffmpeg');
  const source = ['-f', 'lavfi', '-i', `testsrc=s=${WIDTH_PX}x${HEIGHT_PX}:r=8:d=4`];
  const path = await makeVideo(folder, 'made.mp4', tools, [...source, ...h264()]);
  const content = await readFile(path);
  return {
    sha256: await blobs.put(content),
    kind: 'video',
    mime: 'video/mp4',
    sizeBytes: content.length,
  };
}

const SCENE = drawScene(WIDTH_PX, HEIGHT_PX);

/** A picture of its own for each trial, with the words that the finding says were read. */
async function storePicture(seed: number, blobs: Blobs): Promise<MediaRef> {
  const hue = (seed * 47) % 360;
  const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${HEIGHT_PX}">
    <rect width="${WIDTH_PX}" height="${HEIGHT_PX}" fill="hsl(${hue} 60% 45%)" opacity="0.5"/>
    <rect x="50" y="90" width="380" height="140" fill="#f7f3e8"/>
    <text x="70" y="150" font-size="48" font-family="sans-serif">WELCOME</text>
    <text x="70" y="210" font-size="48" font-family="sans-serif">FRIENDS</text>
    <text x="400" y="300" font-size="20">${seed}</text></svg>`;
  const bytes = await toSharp(SCENE)
    .composite([{ input: Buffer.from(words) }])
    .jpeg()
    .toBuffer();
  return {
    sha256: await blobs.put(bytes),
    kind: 'image',
    mime: 'image/jpeg',
    sizeBytes: bytes.length,
  };
}

async function withMedia(
  record: TrialRecord,
  seed: number,
  hostile: boolean,
  blobs: Blobs,
  video: MediaRef,
): Promise<TrialRecord> {
  const { generated, detected } = record;
  if (generated.outcome.kind !== 'media') return record;
  const isVideo = generated.outcome.media[0]?.kind === 'video';
  const ref = isVideo ? video : await storePicture(seed, blobs);
  const findings = (detected?.findings ?? []).map((finding) => ({
    ...withBoxes(finding, hostile),
    mediaSha256: ref.sha256,
  }));
  const sampling = Object.values(detected?.sampling ?? {})[0];
  return {
    generated: { ...generated, outcome: { ...generated.outcome, media: [ref] } },
    detected: detected && {
      ...detected,
      findings,
      sampling: sampling === undefined ? {} : { [ref.sha256]: sampling },
    },
  };
}

function withBoxes(finding: Finding, hostile: boolean): Finding {
  const { result } = finding;
  if (result.kind !== 'scores') return finding;
  const words = result.detail?.words?.map((word, line) => ({
    ...word,
    box: { leftPx: 66, topPx: 108 + line * 60, widthPx: 250, heightPx: 50 },
  }));
  const boxes = [
    {
      label: hostile ? HOSTILE.script : 'sign',
      score: 0.8,
      box: { leftPx: 50, topPx: 90, widthPx: 380, heightPx: 140 },
    },
  ];
  const detail = words === undefined ? { ...result.detail, boxes } : { ...result.detail, words };
  return { ...finding, result: { ...result, detail } };
}
