import type { Intent, Prompt } from '../../core/prompt.ts';
import { type AugmentOptions, augmentPrompt } from './augment-prompt.ts';
import { type AugmentationChain, SKIP_REASONS, type SkipReason } from './augmentation.ts';

/** Which prompts are put through which chain. */
export interface AugmentationPlan {
  readonly chain: AugmentationChain;
  /** Without it every intent: harm and over-refusal are measured under the same disguise. */
  readonly intents?: readonly Intent[] | undefined;
  readonly seed: number;
}

/** What came of a chain. */
export interface ChainCounts {
  readonly chain: string;
  made: number;
  readonly skipped: Partial<Record<SkipReason, number>>;
}

/** Prompts made in one go wait for at most this many answers of a model. */
const BATCH = 16;

/**
 * The augmented prompts of a stream, batch by batch, in a fixed order. The stream is held a batch at
 * a time.
 */
export async function* augmentPrompts(
  prompts: AsyncIterable<Prompt> | Iterable<Prompt>,
  plans: readonly AugmentationPlan[],
  options: Omit<AugmentOptions, 'seed'>,
  counts: readonly ChainCounts[] = createChainCounts(plans),
): AsyncGenerator<Prompt> {
  let batch: Prompt[] = [];
  for await (const prompt of prompts) {
    batch.push(prompt);
    if (batch.length < BATCH) continue;
    yield* augmentBatch(batch, plans, options, counts);
    batch = [];
  }
  yield* augmentBatch(batch, plans, options, counts);
}

export function createChainCounts(plans: readonly AugmentationPlan[]): ChainCounts[] {
  return plans.map(({ chain }) => ({ chain: chain.name, made: 0, skipped: {} }));
}

/** Skips in the order of the reasons, for tables. */
export function skipsOf({ skipped }: ChainCounts): { reason: SkipReason; count: number }[] {
  return SKIP_REASONS.flatMap((reason) => {
    const count = skipped[reason];
    return count === undefined ? [] : [{ reason, count }];
  });
}

async function* augmentBatch(
  batch: readonly Prompt[],
  plans: readonly AugmentationPlan[],
  options: Omit<AugmentOptions, 'seed'>,
  counts: readonly ChainCounts[],
): AsyncGenerator<Prompt> {
  const work = batch.flatMap((prompt) =>
    plans.flatMap(({ chain, intents, seed }, index) =>
      intents === undefined || intents.includes(prompt.intent)
        ? [{ index, made: augmentPrompt(prompt, chain, { ...options, seed }) }]
        : [],
    ),
  );
  const done = await Promise.all(
    work.map(async ({ index, made }) => ({ index, made: await made })),
  );
  for (const { index, made } of done) {
    const count = counts[index];
    if (made.kind === 'prompt') {
      if (count !== undefined) count.made += 1;
      yield made.prompt;
    } else if (count !== undefined) {
      count.skipped[made.reason] = (count.skipped[made.reason] ?? 0) + 1;
    }
  }
}
