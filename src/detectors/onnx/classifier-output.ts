import type { HazardScore } from '../../core/finding.ts';
import { type ClassifierDeclaration, labelsOfScore } from './classifier-declaration.ts';

/** Probabilities by label, in the declared order. */
export type LabelProbabilities = Readonly<Record<string, number>>;

/**
 * Reads one row of a model's output.
 *
 * @throws RangeError where a value is no probability: a broken model must not read as "safe".
 */
export function readLabels(
  output: Float32Array,
  { labels, activation }: Pick<ClassifierDeclaration, 'labels' | 'activation'>,
): LabelProbabilities {
  if (output.length !== labels.length) {
    throw new RangeError(`the model gave ${output.length} values for ${labels.length} labels`);
  }
  const probabilities = activate(output, activation);
  return Object.fromEntries(
    labels.map((label, index) => {
      const value = probabilities[index] ?? Number.NaN;
      if (!(value >= 0 && value <= 1)) throw new RangeError('the model gave no probability');
      return [label, value];
    }),
  );
}

/** The declared sums. */
export function scoreLabels(
  probabilities: LabelProbabilities,
  { labels: all, scores }: Pick<ClassifierDeclaration, 'labels' | 'scores'>,
): HazardScore[] {
  return scores.map((score) => {
    const { hazard, carrier } = score;
    const labels = labelsOfScore(score, all);
    const sum = labels.reduce((total, label) => total + (probabilities[label] ?? Number.NaN), 0);
    // Rounding can lift a sum of probabilities a little above 1.
    return { hazard, carrier, score: Math.min(1, sum) };
  });
}

function activate(
  output: Float32Array,
  activation: ClassifierDeclaration['activation'],
): readonly number[] {
  const values = [...output];
  switch (activation) {
    case 'none':
      return values;
    case 'sigmoid':
      return values.map((value) => 1 / (1 + Math.exp(-value)));
    case 'softmax': {
      // Less the largest, so that no exponential overflows.
      const largest = Math.max(...values);
      const powers = values.map((value) => Math.exp(value - largest));
      const sum = powers.reduce((total, power) => total + power, 0);
      return powers.map((power) => power / sum);
    }
  }
}
