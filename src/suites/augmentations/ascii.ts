import type { CodeAugmentation } from './augmentation.ts';
import { stretchesOf } from './protected-text.ts';

export const ascii: CodeAugmentation = {
  id: 'ascii',
  by: 'code',
  kind: 'encoding',
  title: 'writes every character as its decimal code',
  source: 'SORRY-Bench (Xie et al. 2024), after CipherChat (Yuan et al. 2024)',
  seeded: false,
  shownText: 'encodes',
  apply: (text) =>
    stretchesOf(text)
      .map((stretch) =>
        stretch.isFree
          ? [...stretch.text].map((character) => character.codePointAt(0)).join(' ')
          : stretch.text,
      )
      .join(' '),
  reverse: (text) =>
    text
      .split(' ')
      .map((token) => (/^\d+$/.test(token) ? String.fromCodePoint(Number(token)) : token))
      .join(''),
};
