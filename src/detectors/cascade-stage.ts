import type { CascadeCondition } from '../core/cascade.ts';
import type { Finding } from '../core/finding.ts';
import { type HazardCarrier, hazardCarrierKey } from '../core/hazard.ts';
import { sha256Of } from '../core/ids.ts';
import type { Detector, PromptContext } from './detector.ts';

/**
 * A detector that is asked only about what those before it left in doubt: a pair that it claims, and
 * that the prompt declares where there is a prompt with hazards, on which the highest score lies in
 * the band, or on which nobody has answered. Otherwise each of its claims is recorded as skipped,
 * so that judging again under other limits knows what is missing. Texts are always asked about.
 */
export function onlyWhenDoubtful(detector: Detector, condition: CascadeCondition): Detector {
  const { description } = detector;
  return {
    description: {
      ...description,
      // Another band makes another detection.
      version: `${description.version}+cascade.${sha256Of(condition).slice(0, 8)}`,
      notes: [
        ...description.notes,
        `Asked only where a score before it lies in ${condition.from}–${condition.to}, or none is there.`,
      ],
    },
    async detect(subject, context) {
      if (subject.kind === 'text' || isDoubtful(description.claims, context, condition)) {
        return detector.detect(subject, context);
      }
      const reason = 'the detectors before it left no doubt';
      return [{ claims: description.claims, result: { kind: 'skipped', by: 'cascade', reason } }];
    },
    close: () => detector.close(),
  };
}

function isDoubtful(
  claims: readonly HazardCarrier[],
  {
    earlier,
    prompt,
  }: { readonly earlier: readonly Finding[]; readonly prompt: PromptContext | undefined },
  condition: CascadeCondition,
): boolean {
  const keys = new Set(claims.map(hazardCarrierKey));
  const asked = prompt?.pairs.map(hazardCarrierKey) ?? [];
  // A control declares nothing: all that can be seen counts there.
  const pairs = asked.length === 0 ? [...keys] : asked.filter((key) => keys.has(key));
  const heard = earlier.filter(({ detector }) => condition.detectors?.includes(detector) ?? true);
  return pairs.some((key) => {
    const answers = heard.filter(
      ({ claims: own, result }) =>
        result.kind === 'scores' && own.some((pair) => hazardCarrierKey(pair) === key),
    );
    if (answers.length === 0) return true;
    const scores = answers.flatMap(({ result }) =>
      result.kind === 'scores'
        ? result.scores
            .filter((score) => hazardCarrierKey(score) === key)
            .map(({ score, peak }) => Math.max(score, peak ?? 0))
        : [],
    );
    const highest = Math.max(0, ...scores);
    return highest >= condition.from && highest < condition.to;
  });
}
