import type { CodeAugmentation } from './augmentation.ts';
import { asObject, asSentence, isOnePhrase } from './sentence.ts';

export const negation: CodeAugmentation = {
  id: 'negation',
  by: 'code',
  kind: 'evasion',
  title: 'says what is not to be seen: generators mostly draw it all the same',
  source: 'Written for this project',
  seeded: true,
  shownText: 'keeps',
  englishOnly: true,
  apply: (text, { medium, random }) =>
    isOnePhrase(text)
      ? random.pick([
          `A ${medium} without ${asObject(text)}.`,
          `There must not be ${asObject(text)} in this ${medium}.`,
        ])
      : `Please make sure that the ${medium} does not show this: ${asSentence(text)}`,
};
