import { join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import type { AugmentEntry, Pipeline } from '../run/pipeline.ts';
import type { PromptSource } from '../run/run-pipeline.ts';
import { augmentPrompt, needsModel } from '../suites/augmentations/augment-prompt.ts';
import type { AugmentationPlan } from '../suites/augmentations/augment-prompts.ts';
import { loadChain } from '../suites/augmentations/registry.ts';
import { UNREVIEWED_TAG } from '../suites/generate-pairs.ts';
import { openSuite } from '../suites/open-suite.ts';
import { sampleFamilies } from '../suites/sample-families.ts';
import { readSlots, type SlotValues, watchSlots } from '../suites/slots.ts';
import type { Suite } from '../suites/suite.ts';
import { besidePipeline } from './load-pipeline.ts';
import { packageRoot } from './version.ts';

/** Folder of the suites that ship with the package. */
export function shippedSuites(): string {
  return join(packageRoot(), 'prompts');
}

/**
 * Values for slots: those that ship, all fictional, and instead of them what a user's file gives.
 *
 * @param file relative to the folder.
 */
export async function loadSlots(
  file: string | undefined,
  folder: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const shipped = await readSlots(join(shippedSuites(), 'slots.yaml'));
  if (file === undefined) return shipped;
  return new Map([...shipped, ...(await readSlots(besidePipeline(file, folder)))]);
}

/** Opens a suite by id, or by a path relative to a folder. */
export function openSuiteFrom(
  reference: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>> = {},
  slots?: SlotValues,
): Promise<Suite> {
  const isPath = /[\\/]|\.(jsonl|ya?ml|sealed)$/i.test(reference);
  return openSuite(isPath ? besidePipeline(reference, folder) : reference, {
    roots: [shippedSuites()],
    secret: (name) => env[name],
    ...(slots === undefined ? {} : { slots }),
  });
}

/**
 * The prompts of a pipeline: its suites one after the other, sampled where it says so.
 *
 * @throws SafelightError `duplicate_prompt` where two suites hold the same id.
 */
export async function openPromptSource(
  pipeline: Pipeline,
  folder: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<PromptSource> {
  const suites = await Promise.all(
    pipeline.suites.map(async ({ suite, slots = pipeline.slots }) => {
      const values = await loadSlots(slots, folder);
      const watched = watchSlots(values);
      const opened = await openSuiteFrom(suite, folder, env, watched.slots);
      return { ...opened, slotsHash: watched.usedHash };
    }),
  );
  const identities = await Promise.all(
    suites.map(async ({ manifest, prompts, slotsHash }) => {
      // Reads every prompt, and so fills every slot: what has no value is found before a run begins.
      const count = await countReviewed(manifest.id, prompts(), pipeline.allowUnreviewed);
      const slots = slotsHash();
      return {
        id: manifest.id,
        version: manifest.version,
        licence: manifest.licence,
        sha256: manifest.sha256,
        prompts: count,
        ...(slots === undefined ? {} : { slots }),
      };
    }),
  );
  const plans = await augmentationPlans(pipeline.augment ?? []);
  if (pipeline.sample === undefined) {
    return { suites: identities, prompts: () => withAugmented(chain(suites), plans) };
  }
  const sampled = await sampleFamilies(chain(suites), pipeline.sample);
  return { suites: identities, prompts: () => withAugmented(sampled, plans) };
}

/** What a run can make by itself: a model's words would differ from one reading to the next. */
async function augmentationPlans(entries: readonly AugmentEntry[]): Promise<AugmentationPlan[]> {
  return Promise.all(
    entries.map(async ({ chain: name, ...entry }) => {
      const plan = { ...entry, chain: await loadChain(name) };
      if (!needsModel(plan.chain)) return plan;
      throw new SafelightError(`the chain "${name}" needs a language model`, {
        code: 'augmentation_needs_model',
        kind: 'configuration',
        hint: `Write a suite first with \`safelight suites augment <suite> --with ${name} --base-url <url> --model <name>\`, and name that suite in the pipeline.`,
      });
    }),
  );
}

/** Prompts, each followed by itself in its disguises. */
async function* withAugmented(
  prompts: AsyncIterable<Prompt> | Iterable<Prompt>,
  plans: readonly AugmentationPlan[],
): AsyncGenerator<Prompt> {
  for await (const prompt of prompts) {
    yield prompt;
    for (const { chain: steps, intents, seed } of plans) {
      if (intents !== undefined && !intents.includes(prompt.intent)) continue;
      const made = await augmentPrompt(prompt, steps, { seed });
      if (made.kind === 'prompt') yield made.prompt;
    }
  }
}

async function* chain(suites: readonly Suite[]): AsyncGenerator<Prompt> {
  // One suite was checked for duplicate ids by its reader; only several can clash.
  const seen = suites.length > 1 ? new Set<string>() : undefined;
  for (const suite of suites) {
    for await (const prompt of suite.prompts()) {
      if (seen?.has(prompt.id)) {
        throw new SafelightError(`two suites hold a prompt "${prompt.id}"`, {
          code: 'duplicate_prompt',
          kind: 'configuration',
          hint: 'Rename it in one of them, or run the suites one at a time.',
        });
      }
      seen?.add(prompt.id);
      yield prompt;
    }
  }
}

/** @throws SafelightError `suite_unreviewed`. */
async function countReviewed(
  id: string,
  prompts: AsyncIterable<Prompt>,
  allowUnreviewed: boolean,
): Promise<number> {
  let total = 0;
  let unreviewed = 0;
  for await (const { tags } of prompts) {
    total += 1;
    if (tags.includes(UNREVIEWED_TAG)) unreviewed += 1;
  }
  if (unreviewed === 0 || allowUnreviewed) return total;
  throw new SafelightError(`${unreviewed} prompts of "${id}" are generated and not reviewed`, {
    code: 'suite_unreviewed',
    kind: 'configuration',
    hint: 'Review them with `safelight suites review <folder>`, or set `allowUnreviewed: true` in the pipeline.',
  });
}
