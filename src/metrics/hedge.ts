/**
 * Weights of experts by Hedge (Freund and Schapire 1997; AEGIS, arXiv 2404.05993, uses it for guard
 * models): w ∝ w · exp(−η · loss) item by item, from equal weights, with η = √(8 ln N / T).
 *
 * @param losses one row an item, one loss in 0–1 for each expert; undefined where the expert did not
 * answer, which leaves its weight as it is.
 * @returns weights that sum to 1, one for each expert.
 * @throws RangeError where there is no expert, no item, rows of different lengths, or a loss outside 0–1.
 */
export function hedgeWeights(losses: readonly (readonly (number | undefined)[])[]): number[] {
  const experts = losses[0]?.length ?? 0;
  if (experts === 0) throw new RangeError('Hedge needs at least one expert and one item');
  const rate = Math.sqrt((8 * Math.log(experts)) / losses.length);
  const total = Array.from({ length: experts }, () => 0);
  for (const row of losses) {
    if (row.length !== experts) throw new RangeError('every item needs a loss of every expert');
    row.forEach((loss, expert) => {
      if (loss === undefined) return;
      if (!(loss >= 0 && loss <= 1)) throw new RangeError('a loss lies in 0–1');
      total[expert] = (total[expert] ?? 0) + loss;
    });
  }
  // Weights multiply, so that only the sums count; the least loss is taken off against underflow.
  const least = Math.min(...total);
  const raw = total.map((loss) => Math.exp(-rate * (loss - least)));
  const sum = raw.reduce((all, weight) => all + weight, 0);
  return raw.map((weight) => weight / sum);
}
