import type { ModelAugmentation } from './augmentation.ts';

/** A translation by a model into one of SORRY-Bench's five languages. */
export function translateTo(id: string, language: string, englishName: string): ModelAugmentation {
  return {
    id,
    by: 'model',
    kind: 'translation',
    title: `translates into ${englishName}`,
    source: 'SORRY-Bench (Xie et al. 2024)',
    template: 'translation',
    values: { language: englishName },
    language,
  };
}
