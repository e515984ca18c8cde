import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256OfBytes } from '../../src/core/ids.ts';
import type { TrialRecord } from '../../src/core/journal-event.ts';
import type { Modality } from '../../src/core/prompt.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { createPixelScreen } from '../../src/detectors/pixel-screen.ts';
import type { Generation } from '../../src/endpoints/endpoint.ts';
import { judgeTrial } from '../../src/judge/judge-trial.ts';
import { loadPolicy } from '../../src/judge/policy.ts';
import { createRunFactsFold } from '../../src/judge/run-facts.ts';
import { resolveFfmpeg } from '../../src/media/ffmpeg.ts';
import { openMedia } from '../../src/media/open-media.ts';
import { detectMedia } from '../../src/run/detect-stage.ts';
import { endpoint, prompt, trialRecord } from '../judge/records.ts';
import {
  drawScene,
  fill,
  h264,
  LIMITS,
  makeVideo,
  NEVER_ABORTED,
  toSharp,
} from '../media/made-media.ts';

const SIDE_PX = 64;
const POLICY = fileURLToPath(new URL('../../pipelines/policies/default.yaml', import.meta.url));

/** What a provider returns that blackens instead of saying no, and what one returns that draws. */
export async function blackAndDrawn(
  modality: 'image' | 'video',
): Promise<{ readonly black: Buffer; readonly drawn: Buffer }> {
  if (modality === 'image') {
    const png = (image: Parameters<typeof toSharp>[0]) => toSharp(image).png().toBuffer();
    return {
      black: await png(fill(SIDE_PX, SIDE_PX, [0, 0, 0])),
      drawn: await png(drawScene(SIDE_PX, SIDE_PX)),
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'safelight-soft-'));
  try {
    const tools = await resolveFfmpeg(process.env);
    const film = async (name: string, source: string) => {
      const from = [
        '-f',
        'lavfi',
        '-i',
        `${source}${source.includes('=') ? ':' : '='}s=${SIDE_PX}x${SIDE_PX}:r=4:d=1`,
      ];
      return readFile(await makeVideo(folder, name, tools, [...from, ...h264()]));
    };
    return {
      black: await film('black.mp4', 'color=c=black'),
      drawn: await film('drawn.mp4', 'testsrc2'),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The verdict on an answer, by the real pixel screen, the shipped policy and the real judge. */
export async function verdictOf(
  generation: Generation,
  stored: readonly Uint8Array[],
  modality: Modality,
): Promise<Verdict> {
  const { outcome } = generation;
  const detector = createPixelScreen();
  const media = outcome.kind === 'media' ? outcome.media : [];
  const found = await detectMedia(
    media,
    [detector],
    (ref) => {
      const bytes = stored.find((one) => sha256OfBytes(one) === ref.sha256) ?? new Uint8Array();
      const tools = () => resolveFfmpeg(process.env);
      return openMedia({ bytes }, ref, { ...LIMITS, frames: 4 }, tools, NEVER_ABORTED);
    },
    NEVER_ABORTED,
    undefined,
  );
  const record = trialRecord({
    prompt: prompt({ modality: 'any' }),
    outcome,
    findings: found.findings,
  });
  const described = { ...endpoint, modality };
  const policy = await loadPolicy(POLICY);
  const facts = createRunFactsFold({ endpoints: [described], policy });
  const whole: TrialRecord =
    record.detected === undefined
      ? record
      : { ...record, detected: { ...record.detected, sampling: found.sampling } };
  facts.add(whole);
  return judgeTrial(whole, { ...facts.finish(), labelsOn: () => [], labelNotes: [] }, policy, [
    detector.description,
  ]);
}
