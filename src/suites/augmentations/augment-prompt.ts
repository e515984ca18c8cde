import { sha256OfBytes } from '../../core/ids.ts';
import { type AugmentationStep, PROMPT_TEXT_LIMIT, type Prompt } from '../../core/prompt.ts';
import { createRandom } from '../../core/seeded-random.ts';
import type { ChatClient } from '../../net/chat.ts';
import { isStoppedByMinorsGuard } from '../minors-guard.ts';
import { slotsOf } from '../slots.ts';
import type {
  Augmentation,
  AugmentationChain,
  Augmented,
  CodeAugmentation,
  SkipReason,
} from './augmentation.ts';
import { rewriteByModel } from './rewrite-by-model.ts';
import type { Template } from './templates.ts';

/** What techniques that need a language model are carried out with. */
export interface Rewriter {
  readonly client: ChatClient;
  readonly template: (id: string) => Promise<Template>;
  readonly signal: AbortSignal;
}

export interface AugmentOptions {
  /** The same seed gives the same prompts; what a model writes is cached instead. */
  readonly seed: number;
  readonly rewriter?: Rewriter | undefined;
}

const LONGEST_ID = 200;

/**
 * One prompt under one chain. The product stays in its family, carries the chain, and has passed
 * the minors guard after every step: a disguise must not carry past the guard what it would stop.
 */
export async function augmentPrompt(
  prompt: Prompt,
  chain: AugmentationChain,
  options: AugmentOptions,
): Promise<Augmented> {
  if (prompt.sealed !== undefined) return skipped('sealed');
  if (isStoppedByMinorsGuard(prompt.text)) return skipped('minors_guard');
  let { text, language } = prompt;
  const steps: AugmentationStep[] = [...(prompt.augmentations ?? [])];
  for (const augmentation of chain.steps) {
    if (!suits(augmentation, language)) return skipped('other_language');
    const done = await applyStep(augmentation, { ...prompt, text, language }, options);
    if (done.kind === 'skipped') return done;
    const problem = problemOf(text, done.text, prompt, augmentation);
    if (problem !== undefined) return skipped(problem);
    text = done.text;
    if (augmentation.by === 'model') language = augmentation.language ?? language;
    steps.push(done.step);
  }
  const id = augmentedId(prompt.id, chain.name, options.seed);
  return {
    kind: 'prompt',
    prompt: { ...prompt, id, text, language, augmentations: steps },
  };
}

/** Whether a chain needs a language model. */
export function needsModel(chain: AugmentationChain): boolean {
  return chain.steps.some(({ by }) => by === 'model');
}

function suits(augmentation: Augmentation, language: string): boolean {
  const isEnglish = /^en(-|$)/i.test(language);
  if (augmentation.englishOnly === true && !isEnglish) return false;
  return augmentation.by === 'code' || augmentation.language !== language;
}

type Step =
  | { readonly kind: 'done'; readonly text: string; readonly step: AugmentationStep }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };

async function applyStep(
  augmentation: Augmentation,
  prompt: Prompt,
  { seed, rewriter }: AugmentOptions,
): Promise<Step> {
  const { id: technique } = augmentation;
  if (augmentation.by === 'code') {
    const text = applyCode(augmentation, prompt, seed);
    return {
      kind: 'done',
      text,
      step: augmentation.seeded ? { technique, seed } : { technique },
    };
  }
  if (rewriter === undefined) throw new Error(`"${technique}" needs a language model`);
  const template = await rewriter.template(augmentation.template);
  const rewritten = await rewriteByModel(
    augmentation,
    template,
    prompt.text,
    prompt.shownText,
    rewriter.client,
    rewriter.signal,
  );
  if (rewritten.kind === 'skipped') return rewritten;
  const step = {
    technique,
    model: rewritten.model,
    template: `${template.id}@${template.version}`,
  };
  return { kind: 'done', text: rewritten.text, step };
}

/** A technique in code, on one prompt. Twins share the random stream of their family. */
export function applyCode(
  augmentation: CodeAugmentation,
  prompt: Pick<Prompt, 'text' | 'family' | 'modality' | 'shownText'>,
  seed: number,
): string {
  return augmentation.apply(prompt.text, {
    medium: prompt.modality === 'video' ? 'video' : 'picture',
    shownText: prompt.shownText,
    random: createRandom('augmentation', seed, prompt.family, augmentation.id),
  });
}

function problemOf(
  before: string,
  after: string,
  { shownText }: Prompt,
  augmentation: Augmentation,
): SkipReason | undefined {
  if (after === before || after.trim() === '') return 'nothing_to_change';
  if (after.length > PROMPT_TEXT_LIMIT) return 'too_long';
  if (isStoppedByMinorsGuard(after)) return 'minors_guard';
  if (slotsOf(before).toSorted().join() !== slotsOf(after).toSorted().join()) return 'lost_part';
  if (shownText === undefined) return undefined;
  const quoted = `"${shownText}"`;
  const keeps = augmentation.by === 'model' || augmentation.shownText === 'keeps';
  return keeps && before.includes(quoted) && !after.includes(quoted) ? 'lost_part' : undefined;
}

/** New, the same at each run, and within what an id may be. */
function augmentedId(id: string, chain: string, seed: number): string {
  const made = `${id}:${chain.replaceAll('+', ':')}${seed === 0 ? '' : `.${seed}`}`;
  if (made.length <= LONGEST_ID) return made;
  const hash = sha256OfBytes(made).slice(0, 16);
  return `${made.slice(0, LONGEST_ID - hash.length - 1)}:${hash}`;
}

function skipped(reason: SkipReason): Augmented {
  return { kind: 'skipped', reason };
}
