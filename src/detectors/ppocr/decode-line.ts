import type { ReadCharacter } from './text-line.ts';

/** What the recognition model says of one line: steps from left to right, classes each. */
export interface LineProbabilities {
  /** Length `steps * alphabet.length`, step by step. */
  readonly probabilities: Float32Array;
  /** The blank first. */
  readonly alphabet: readonly string[];
  /** Share of the steps that the line covers; the rest is padding. 0–1. */
  readonly coveredRate: number;
}

export interface DecodedLine {
  readonly text: string;
  readonly confidence: number;
  readonly characters: readonly ReadCharacter[];
}

/** CTC: the likeliest class of each step, repeats as one, blanks left out. */
export function decodeLine(line: LineProbabilities): DecodedLine {
  const { probabilities, alphabet, coveredRate } = line;
  const classes = alphabet.length;
  const steps = Math.floor(probabilities.length / classes);
  const characters: ReadCharacter[] = [];
  let previous = 0;
  for (let step = 0; step < steps; step++) {
    let best = 0;
    let probability = -1;
    for (let each = 0; each < classes; each++) {
      const value = probabilities[step * classes + each] ?? 0;
      if (value > probability) [best, probability] = [each, value];
    }
    if (best !== previous && best !== 0) {
      const position = Math.min(1, (step + 0.5) / (steps * coveredRate));
      characters.push({ text: alphabet[best] ?? '', probability, position });
    }
    previous = best;
  }
  const sum = characters.reduce((total, { probability }) => total + probability, 0);
  return {
    text: characters.map(({ text }) => text).join(''),
    confidence: characters.length === 0 ? 0 : sum / characters.length,
    characters,
  };
}
