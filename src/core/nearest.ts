import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate that was most likely meant, or undefined where none is near: at most a third of the
 * letters may differ, or two where there are more than three (two letters change places easily).
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(name.toLowerCase(), [...candidates]);
  const limit = Math.max(
    name.length > 3 ? 2 : 1,
    Math.floor(Math.max(name.length, best.length) / 3),
  );
  return distance(name.toLowerCase(), best.toLowerCase()) <= limit ? best : undefined;
}

/** `Did you mean "strict"?` where a near name exists, else all candidates. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const near = nearestName(name, candidates);
  return near === undefined
    ? `There are: ${[...candidates].sort().join(', ')}.`
    : `Did you mean "${near}"?`;
}

/** Candidates with those that look most like the name first; equal ones keep their order. */
export function rankedByNearness(name: string, candidates: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  return candidates
    .map((candidate) => ({ candidate, far: distance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
    .map(({ candidate }) => candidate);
}
