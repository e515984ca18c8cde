import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../core/ids.ts';
import type { FfmpegTools } from '../media/ffmpeg.ts';
import type { Media, MediaProblem } from '../media/media.ts';
import type { MediaSource } from '../media/media-source.ts';
import { createTaskQueue } from '../run/concurrency.ts';
import {
  type FolderMode,
  makeFolder,
  planChanged,
  prepareRunFolder,
  runFolder,
} from '../run/run-folder.ts';
import { openJournal } from '../store/journal.ts';
import { lockRun } from '../store/run-lock.ts';
import type { CodeAugmentation } from '../suites/augmentations/augmentation.ts';
import { type AuditEvent, type AuditRecords, readAudit } from './audit-journal.ts';
import type { DetectorFilter } from './filter.ts';
import { createFoundPrompts } from './found-prompts.ts';
import { type Observable, observe } from './observe.ts';
import type { PlannedPerturbation } from './perturbation.ts';
import { perturb } from './perturbations.ts';
import { augmentSample, type TextVariant } from './prompt-perturbations.ts';
import { robustnessFamilies } from './robust-sample.ts';
import type { AuditSample } from './sample.ts';
import { type SearchPlan, searchSamples } from './search.ts';

/** Which perturbations are tried, and on how many families. */
export interface RobustnessPlan {
  /** Families drawn; null for all. */
  readonly families: number | null;
  readonly media: readonly PlannedPerturbation[];
  readonly prompts: readonly TextVariant[];
}

export interface AuditInputs {
  readonly name: string;
  readonly folder: string;
  readonly mode: FolderMode;
  readonly filters: readonly DetectorFilter[];
  readonly samples: readonly AuditSample[];
  readonly robustness: RobustnessPlan;
  readonly searches: readonly SearchPlan[];
  readonly augmentations: readonly CodeAugmentation[];
  readonly seed: number;
  /** Everything else that decides the numbers. */
  readonly settings: unknown;
  readonly openMedia: (
    source: MediaSource,
    signal: AbortSignal,
  ) => Promise<Media | MediaProblem | { readonly kind: 'missing' }>;
  readonly ffmpeg: () => Promise<FfmpegTools>;
  readonly concurrency: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly clock: () => number;
  readonly onPlanned: (steps: number) => void;
  readonly onStep: () => void;
  /** Searches of one filter begin: so many samples. */
  readonly onSearch: (filter: string, samples: number) => void;
  readonly onSearched: () => void;
}

/**
 * Asks every filter about every sample, then about the perturbed ones, then searches. Everything is
 * appended to the journal as it comes; with `mode: 'resume'` what stands there is not asked again.
 *
 * @throws SafelightError for a folder in use, and for another plan than the audit began with.
 */
export async function runAudit(inputs: AuditInputs): Promise<{ readonly finished: boolean }> {
  const paths = runFolder(inputs.folder);
  await makeFolder(paths.folder);
  const lock = await lockRun(paths.folder);
  try {
    const resumed = await prepareRunFolder(paths, inputs.mode);
    if (!resumed) await rm(join(paths.folder, 'found-prompts.jsonl'), { force: true });
    const before = resumed ? await readAudit(paths.journal) : undefined;
    return await auditLocked(inputs, before);
  } finally {
    await lock.release();
  }
}

async function auditLocked(
  inputs: AuditInputs,
  before: AuditRecords | undefined,
): Promise<{ finished: boolean }> {
  const { signal, robustness, samples } = inputs;
  const planHash = planHashOf(inputs);
  if (before !== undefined && before.started.planHash !== planHash) throw planChanged();
  const journal = await openJournal<AuditEvent>(runFolder(inputs.folder).journal);
  const families = robustnessFamilies(samples, robustness.families, inputs.seed);
  const chosen = samples.filter(({ family }) => families.has(family));
  const variantsOf = (sample: AuditSample): number =>
    sample.content.kind === 'prompt' ? robustness.prompts.length : robustness.media.length;
  inputs.onPlanned(samples.length + chosen.reduce((sum, sample) => sum + variantsOf(sample), 0));
  const queue = createTaskQueue(inputs.concurrency, inputs.concurrency * 2);
  const known = (variant: string, sample: string): boolean =>
    before?.observed.get(variant)?.has(sample) ?? false;

  async function look(sample: AuditSample): Promise<void> {
    const robust = families.has(sample.family);
    const steps: [string, (opened: Observable) => Promise<Observable | string>][] = [
      ['plain', async (opened) => opened],
    ];
    if (robust && sample.content.kind === 'media') {
      for (const planned of robustness.media) {
        steps.push([planned.id, (opened) => perturbOpened(opened, planned, inputs)]);
      }
    } else if (robust && sample.content.kind === 'prompt') {
      const { prompt } = sample.content;
      for (const variant of robustness.prompts) {
        steps.push([variant.id, async () => augmentSample(prompt, variant, inputs.seed)]);
      }
    }
    const missing = steps.filter(([variant]) => !known(variant, sample.id));
    for (let done = steps.length - missing.length; done > 0; done -= 1) inputs.onStep();
    if (missing.length === 0 || signal.aborted) return;
    const opened = await openSample(sample, inputs);
    let coming = missing[0]?.[1](opened);
    for (const [at, [variant]] of missing.entries()) {
      if (signal.aborted || coming === undefined) return;
      const subject = await coming;
      // The next one is made while the filters look at this one: they need not wait for it.
      coming = missing[at + 1]?.[1](opened);
      coming?.catch(() => undefined);
      const event: AuditEvent =
        typeof subject === 'string'
          ? { type: 'observed', sample: sample.id, variant, answers: {}, problem: subject }
          : await observe(sample, variant, subject, inputs.filters, inputs);
      await journal.append(event);
      inputs.onStep();
    }
  }

  try {
    if (before === undefined) {
      const at = inputs.now().toISOString();
      await journal.append({
        type: 'audit_started',
        schema: 1,
        at,
        auditId: `${inputs.name}-${at.replaceAll(/\D/g, '').slice(0, 14)}`,
        name: inputs.name,
        planHash,
        versions: { ...inputs.versions },
      });
    }
    for (const sample of samples) {
      if (signal.aborted) break;
      await queue.push(() =>
        look(sample).catch((error: unknown) => {
          // Cut off by an interruption: it is looked at on resume.
          if (!signal.aborted) throw error;
        }),
      );
    }
    await queue.drain();
    if (!signal.aborted && inputs.searches.length > 0) {
      const records = await readAudit(runFolder(inputs.folder).journal);
      const found = await createFoundPrompts(inputs.folder, records.searched);
      await searchSamples(inputs, records, (event) => journal.append(event), found).catch(
        (error: unknown) => {
          if (!signal.aborted) throw error;
        },
      );
    }
    if (signal.aborted) return { finished: false };
    await journal.append({ type: 'audit_finished', at: inputs.now().toISOString() });
    return { finished: true };
  } finally {
    await queue.drain().catch(() => undefined);
    await journal.close();
  }
}

async function openSample(sample: AuditSample, inputs: AuditInputs): Promise<Observable> {
  const { content } = sample;
  if (content.kind === 'prompt') return { kind: 'text', text: content.prompt.text };
  return inputs.openMedia(await content.read(), inputs.signal);
}

async function perturbOpened(
  opened: Observable,
  planned: PlannedPerturbation,
  { seed, signal, ffmpeg }: AuditInputs,
): Promise<Observable | string> {
  switch (opened.kind) {
    case 'image':
    case 'video':
      return perturb(opened, planned, seed, {
        signal,
        ffmpegPath: async () => (await ffmpeg()).ffmpegPath,
      });
    case 'text':
      return 'not media';
    case 'problem':
    case 'missing':
      return 'the medium cannot be opened';
  }
}

function planHashOf(inputs: AuditInputs): string {
  return sha256Of({
    settings: inputs.settings ?? null,
    seed: inputs.seed,
    filters: inputs.filters.map(({ id, detector: { description } }) => [
      id,
      description.id,
      description.version,
      description.weightsSha256,
    ]),
    samples: inputs.samples.map(({ id, family, unsafe, hazards }) => [id, family, unsafe, hazards]),
    media: inputs.robustness.media.map(({ id }) => id),
    prompts: inputs.robustness.prompts.map(({ id }) => id),
    families: inputs.robustness.families,
    searches: inputs.searches.map(({ id }) => id),
  });
}
