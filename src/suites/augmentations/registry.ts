import { SafelightError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Augmentation, AugmentationChain } from './augmentation.ts';

/** Every technique by its name, loaded when it is asked for. */
export const AUGMENTATIONS = {
  art: async () => (await import('./art.ts')).art,
  ascii: async () => (await import('./ascii.ts')).ascii,
  atbash: async () => (await import('./atbash.ts')).atbash,
  'authority-endorsement-rewritten': async () =>
    (await import('./authority-endorsement-rewritten.ts')).authorityEndorsementRewritten,
  'authority-endorsement': async () =>
    (await import('./authority-endorsement.ts')).authorityEndorsement,
  caesar: async () => (await import('./caesar.ts')).caesar,
  case: async () => (await import('./case.ts')).letterCase,
  documentary: async () => (await import('./documentary.ts')).documentary,
  emoji: async () => (await import('./emoji.ts')).emoji,
  'euphemism-rewritten': async () => (await import('./euphemism-rewritten.ts')).euphemismRewritten,
  euphemism: async () => (await import('./euphemism.ts')).euphemism,
  'evidence-based-persuasion-rewritten': async () =>
    (await import('./evidence-based-persuasion-rewritten.ts')).evidenceBasedPersuasionRewritten,
  'evidence-based-persuasion': async () =>
    (await import('./evidence-based-persuasion.ts')).evidenceBasedPersuasion,
  'expert-endorsement-rewritten': async () =>
    (await import('./expert-endorsement-rewritten.ts')).expertEndorsementRewritten,
  'expert-endorsement': async () => (await import('./expert-endorsement.ts')).expertEndorsement,
  homoglyphs: async () => (await import('./homoglyphs.ts')).homoglyphs,
  leet: async () => (await import('./leet.ts')).leet,
  'logical-appeal-rewritten': async () =>
    (await import('./logical-appeal-rewritten.ts')).logicalAppealRewritten,
  'logical-appeal': async () => (await import('./logical-appeal.ts')).logicalAppeal,
  medical: async () => (await import('./medical.ts')).medical,
  'misrepresentation-rewritten': async () =>
    (await import('./misrepresentation-rewritten.ts')).misrepresentationRewritten,
  misrepresentation: async () => (await import('./misrepresentation.ts')).misrepresentation,
  misspellings: async () => (await import('./misspellings.ts')).misspellings,
  morse: async () => (await import('./morse.ts')).morse,
  negation: async () => (await import('./negation.ts')).negation,
  phonetic: async () => (await import('./phonetic.ts')).phonetic,
  question: async () => (await import('./question.ts')).question,
  'role-play': async () => (await import('./role-play.ts')).rolePlay,
  slang: async () => (await import('./slang.ts')).slang,
  spacing: async () => (await import('./spacing.ts')).spacing,
  splitting: async () => (await import('./splitting.ts')).splitting,
  'technical-terms': async () => (await import('./technical-terms.ts')).technicalTerms,
  'translate-fr': async () => (await import('./translate-fr.ts')).translateFr,
  'translate-ml': async () => (await import('./translate-ml.ts')).translateMl,
  'translate-mr': async () => (await import('./translate-mr.ts')).translateMr,
  'translate-ta': async () => (await import('./translate-ta.ts')).translateTa,
  'translate-zh-cn': async () => (await import('./translate-zh-cn.ts')).translateZhCn,
  'uncommon-dialects': async () => (await import('./uncommon-dialects.ts')).uncommonDialects,
  'zero-width': async () => (await import('./zero-width.ts')).zeroWidth,
} as const satisfies Record<string, () => Promise<Augmentation>>;

export const AUGMENTATION_NAMES: readonly string[] = Object.keys(AUGMENTATIONS);

/** More than this no filter meets, and the text grows with each step. */
const LONGEST_CHAIN = 4;

/** @throws SafelightError `augmentation_unknown`, with the nearest name. */
export async function loadAugmentation(name: string): Promise<Augmentation> {
  if (!isAugmentationName(name)) {
    throw new SafelightError(`no augmentation "${name}"`, {
      code: 'augmentation_unknown',
      kind: 'usage',
      hint: didYouMean(name, AUGMENTATION_NAMES),
    });
  }
  return AUGMENTATIONS[name]();
}

/**
 * Reads `caesar+art`.
 *
 * @throws SafelightError `augmentation_unknown` or `chain_invalid`.
 */
export async function loadChain(name: string): Promise<AugmentationChain> {
  const names = name.split('+').map((part) => part.trim());
  const steps = await Promise.all(names.map(loadAugmentation));
  const [first, ...rest] = steps;
  if (first === undefined || steps.length > LONGEST_CHAIN || new Set(names).size < names.length) {
    throw new SafelightError(`the chain "${name}" repeats a technique or is too long`, {
      code: 'chain_invalid',
      kind: 'usage',
      hint: `Join up to ${LONGEST_CHAIN} different techniques by "+", such as caesar+art.`,
    });
  }
  return { name: names.join('+'), steps: [first, ...rest] };
}

function isAugmentationName(name: string): name is keyof typeof AUGMENTATIONS {
  return Object.hasOwn(AUGMENTATIONS, name);
}
