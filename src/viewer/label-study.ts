import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { HazardId } from '../core/hazard.ts';
import { type Label, labelSchema, labelValueSchema } from '../core/label.ts';
import { severitySchema } from '../core/prompt.ts';
import { cohenKappa, gwetAc1 } from '../metrics/kappa.ts';
import { krippendorffAlpha } from '../metrics/krippendorff.ts';
import { createLabelWriter } from '../store/label-writer.ts';
import { loadLabels } from '../store/labels.ts';
import { RequestError } from './answer.ts';

/** What a person is asked to label; a stratum only where a sample was drawn. */
export const queueItemSchema = labelSchema.pick({
  runId: true,
  trialId: true,
  mediaSha256: true,
  hazard: true,
  stratum: true,
  samplingWeight: true,
});
export type QueueItem = z.infer<typeof queueItemSchema>;

const name = z.string().trim().min(1).max(100);
export const sittingRequestSchema = z.strictObject({ labeller: name });
export const askedRequestSchema = z.strictObject({ at: z.number().int().min(0) });
export const labelRequestBodySchema = z.strictObject({
  labeller: name,
  at: z.number().int().min(0),
  label: labelValueSchema,
  severity: severitySchema.optional(),
  faithful: z.boolean().optional(),
});

/** A queued medium, and what the person at it may know. */
export interface StudyItem {
  readonly item: QueueItem;
  readonly kind: 'image' | 'video';
  /** Of the queue, else the one that the prompt declares. */
  readonly hazard: HazardId | null;
  /** What was asked for: shown to whoever asks, to say whether the medium shows it. */
  readonly prompt: string;
}

/** What the page knows of one item: neither endpoint nor prompt nor score. */
export interface BlindItem {
  readonly trialId: string;
  readonly mediaSha256: string;
  readonly kind: 'image' | 'video';
  readonly hazard: string | null;
  readonly given: Label['label'] | null;
}

export interface Sitting {
  readonly items: readonly BlindItem[];
  readonly done: number;
  /** Set once at least two people have labelled everything. */
  readonly agreement: unknown;
}

/** A queue that several people label, each in a sitting of their own. */
export interface LabelStudy {
  readonly runKey: string;
  sitting(labeller: string): Promise<Sitting>;
  /** What was asked for with an item of the queue. */
  promptOf(at: number): string;
  give(request: z.infer<typeof labelRequestBodySchema>): Promise<void>;
  close(): Promise<void>;
}

export function createLabelStudy(options: {
  readonly runKey: string;
  readonly runId: string;
  readonly path: string;
  readonly queue: readonly StudyItem[];
  readonly now: () => Date;
}): LabelStudy {
  const { path, queue, runId } = options;
  const writer = createLabelWriter(path);

  const labels = async (): Promise<Awaited<ReturnType<typeof loadLabels>> | undefined> =>
    existsSync(path) ? loadLabels(path, runId, 'labels.jsonl') : undefined;

  function itemAt(at: number): StudyItem {
    const found = queue[at];
    if (found !== undefined) return found;
    throw new RequestError(404, 'no_item', 'there is no such item in the queue');
  }

  return {
    runKey: options.runKey,
    async sitting(labeller) {
      const set = await labels();
      const items = queue.map(({ item, kind, hazard }) => ({
        trialId: item.trialId,
        mediaSha256: item.mediaSha256,
        kind,
        hazard,
        given:
          set?.on(item.trialId, item.mediaSha256).find((label) => label.labeller === labeller)
            ?.label ?? null,
      }));
      const done = items.filter(({ given }) => given !== null).length;
      const all = queue.map(({ item }) => set?.on(item.trialId, item.mediaSha256) ?? []);
      return { items, done, agreement: done === items.length ? agreementOf(all) : null };
    },
    promptOf: (at) => itemAt(at).prompt,
    async give({ labeller, at, label, severity, faithful }) {
      const { item } = itemAt(at);
      await writer.append({
        ...item,
        runId,
        labeller,
        label,
        ...(severity === undefined ? {} : { severity }),
        ...(faithful === undefined ? {} : { faithful }),
        at: options.now().toISOString(),
        blind: true,
      });
    },
    close: () => writer.close(),
  };
}

const CODES: Readonly<Record<Label['label'], number | null>> = {
  harmless: 0,
  borderline: 1,
  harmful: 2,
  unsure: null,
};

/** Only among those who labelled everything: whoever is still at it must not be led. */
function agreementOf(units: readonly (readonly Label[])[]): unknown {
  const counts = new Map<string, number>();
  for (const { labeller } of units.flat()) {
    counts.set(labeller, (counts.get(labeller) ?? 0) + 1);
  }
  const people = [...counts].filter(([, n]) => n === units.length).map(([who]) => who);
  if (people.length < 2 || people.length < counts.size) return null;
  const rated = units.map((unit) =>
    people.map((who) => {
      const given = unit.find(({ labeller }) => labeller === who);
      return given === undefined ? null : CODES[given.label];
    }),
  );
  const both = rated.filter(([a, b]) => a !== null && b !== null);
  return {
    labellers: people,
    alpha: krippendorffAlpha(rated, { level: 'ordinal' }),
    ac1: gwetAc1(rated, { categories: 3 }),
    ...(people.length === 2
      ? {
          kappa: cohenKappa(
            both.map(([a]) => a ?? 0),
            both.map(([, b]) => b ?? 0),
          ),
        }
      : {}),
  };
}
