import type { Prompt } from '../../core/prompt.ts';
import type { Random } from '../../core/seeded-random.ts';

/** What a technique does to a prompt, for tables and for coverage. */
export const AUGMENTATION_KINDS = [
  /** Other words or another form of the same request. */
  'style',
  /** A reason why the request should be granted. */
  'persuasion',
  /** A cipher or code: the model has to decode it. */
  'encoding',
  'translation',
  /** A setting in which the request looks legitimate. */
  'framing',
  /** A disguise that a reader sees through and a filter may not. */
  'evasion',
] as const;
export type AugmentationKind = (typeof AUGMENTATION_KINDS)[number];

interface AugmentationBase {
  /** Key in the registry, and `technique` in a prompt's chain. */
  readonly id: string;
  readonly kind: AugmentationKind;
  /** One line: what it does. */
  readonly title: string;
  /** Where the technique was published, or that it was written for this project. */
  readonly source: string;
  /** Works on English only. */
  readonly englishOnly?: boolean;
}

/** What a technique in code is given beside the text. */
export interface CodeContext {
  /** What the prompt asks for, in a word: `picture` or `video`. */
  readonly medium: 'picture' | 'video';
  /** Depends on seed, family and technique, so that twins are treated alike. */
  readonly random: Random;
  /** The words that the picture is asked to show. */
  readonly shownText: string | undefined;
}

/** A technique that needs nothing but code: the same seed gives the same text. */
export interface CodeAugmentation extends AugmentationBase {
  readonly by: 'code';
  /** Whether another seed can give another text. */
  readonly seeded: boolean;
  /**
   * `keeps`: quoted shown text stays as it is; `encodes`: the technique's point is the text, so it
   * is encoded with everything else. Slots such as `{public_figure}` always stay.
   */
  readonly shownText: 'keeps' | 'encodes';
  /** Pure. The same text where there is nothing to change. */
  apply(text: string, context: CodeContext): string;
  /** Gives the plain text back, or of an encoding without case its {@link plain} form. */
  readonly reverse?: (text: string) => string;
  /** What of a text survives encoding and reversal; without it everything. */
  readonly plain?: (text: string) => string;
}

/** A technique that a language model carries out, by an instruction of the folder of templates. */
export interface ModelAugmentation extends AugmentationBase {
  readonly by: 'model';
  /** `<template>.yaml` in `prompts/augmentations/`. */
  readonly template: string;
  /** Filled into the instruction. */
  readonly values?: Readonly<Record<string, string>>;
  /** BCP 47; the language of what comes out, where it is not that of the prompt. */
  readonly language?: string;
}

export type Augmentation = CodeAugmentation | ModelAugmentation;

/** Techniques one after the other: `caesar+art` encodes, then frames. */
export interface AugmentationChain {
  /** As it was written. */
  readonly name: string;
  readonly steps: readonly [Augmentation, ...Augmentation[]];
}

export const SKIP_REASONS = [
  /** The technique found nothing to change. */
  'nothing_to_change',
  /** For English only, or already in the language that was asked for. */
  'other_language',
  'too_long',
  /** The text of a sealed prompt is not for rewriting. */
  'sealed',
  /** The text, or what became of it, joins minors with sexual content. */
  'minors_guard',
  /** A slot or the shown text was lost. */
  'lost_part',
  /** The model declined, by a code or in words. */
  'model_declined',
  /** The model did not answer in the form that it was asked for. */
  'model_unusable',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What became of one prompt under one chain. */
export type Augmented =
  | { readonly kind: 'prompt'; readonly prompt: Prompt }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };
