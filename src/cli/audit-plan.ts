import type { AuditPipeline } from '../audit/audit-pipeline.ts';
import { planPerturbations } from '../audit/perturbations.ts';
import { textVariant } from '../audit/prompt-perturbations.ts';
import type { RobustnessPlan } from '../audit/run-audit.ts';
import type { SearchPlan } from '../audit/search.ts';
import { SafelightError } from '../core/errors.ts';
import { needsModel } from '../suites/augmentations/augment-prompt.ts';
import type { AugmentationChain, CodeAugmentation } from '../suites/augmentations/augmentation.ts';
import { AUGMENTATIONS, loadChain } from '../suites/augmentations/registry.ts';

export interface AuditPlan {
  readonly robustness: RobustnessPlan;
  readonly searches: readonly SearchPlan[];
  /** Techniques that need no language model. */
  readonly augmentations: readonly CodeAugmentation[];
}

/** @throws SafelightError for a perturbation or a chain that is not there, or that needs a model. */
export async function planAudit({ robustness, search }: AuditPipeline): Promise<AuditPlan> {
  const all = await Promise.all(Object.values(AUGMENTATIONS).map((load) => load()));
  const augmentations = all.filter((one): one is CodeAugmentation => one.by === 'code');
  const chains = await Promise.all(
    robustness.prompts.map(
      async (name): Promise<readonly AugmentationChain[]> =>
        name === 'default'
          ? augmentations.map((one): AugmentationChain => ({ name: one.id, steps: [one] }))
          : [await loadCodeChain(name)],
    ),
  );
  const unique = new Map(chains.flat().map((chain) => [chain.name, chain]));
  return {
    augmentations,
    robustness: {
      families: robustness.families ?? null,
      media: planPerturbations(robustness.media),
      prompts: [...unique.values()].map(textVariant),
    },
    searches: [
      ...search.pixels.map(
        ({ norm, epsilon, budget, samples }): SearchPlan => ({
          id: `pixels:${norm}:${epsilon}:${budget}:${samples}`,
          side: 'media',
          budget,
          samples,
          pixels: { norm, epsilon },
        }),
      ),
      ...(search.prompts === undefined
        ? []
        : [
            {
              id: `prompts:${search.prompts.chainLength}:${search.prompts.budget}:${search.prompts.samples}`,
              side: 'prompt',
              ...search.prompts,
            } satisfies SearchPlan,
          ]),
    ],
  };
}

async function loadCodeChain(name: string): Promise<AugmentationChain> {
  const chain = await loadChain(name);
  if (!needsModel(chain)) return chain;
  throw new SafelightError(`the chain "${name}" needs a language model`, {
    code: 'augmentation_needs_model',
    kind: 'configuration',
    hint: 'Write a suite with it first (`safelight suites augment`), and name that suite under prompts.',
  });
}
