import type { Prompt } from '../core/prompt.ts';
import { augmentPrompt } from '../suites/augmentations/augment-prompt.ts';
import type { AugmentationChain } from '../suites/augmentations/augmentation.ts';
import { isStoppedByMinorsGuard } from '../suites/minors-guard.ts';
import type { Observable } from './observe.ts';

/** A chain of augmentations as a perturbation of texts. */
export interface TextVariant {
  /** The chain's name behind `text:`, so that none clashes with a perturbation of media. */
  readonly id: string;
  readonly chain: AugmentationChain;
}

export function textVariant(chain: AugmentationChain): TextVariant {
  return { id: `text:${chain.name}`, chain };
}

/** The text under a chain, or why there is none. The guard has seen it. */
export async function augmentSample(
  prompt: Prompt,
  { chain }: TextVariant,
  seed: number,
): Promise<Extract<Observable, { kind: 'text' }> | string> {
  const made = await augmentPrompt(prompt, chain, { seed });
  if (made.kind === 'skipped') return made.reason;
  if (isStoppedByMinorsGuard(made.prompt.text)) return 'minors_guard';
  return { kind: 'text', text: made.prompt.text };
}
