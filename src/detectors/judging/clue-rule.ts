import { sumCosts } from './ask.ts';
import {
  type ClueSubject,
  type ClueTools,
  decidePrecondition,
  type Step,
} from './clue-precondition.ts';
import type { JudgeAbstention } from './judge.ts';
import type { CompiledRule } from './preconditions.ts';

/** How alike a picture and a sentence are, by CLIP; or why that is not known. */
export type Relevance =
  | { readonly kind: 'cosine'; readonly cosine: number }
  | { readonly kind: 'not_run'; readonly reason: string };

export type RuleVerdict = { readonly steps: readonly Step[]; readonly costUsd: number | null } & (
  | { readonly kind: 'decided'; readonly score: number; readonly model: string | undefined }
  | JudgeAbstention
);

/** CLUE's limit: less alike than this, a rule has nothing to do with the picture. */
const RELEVANT_FROM = 0.22;

/** Whether a rule is broken: by all of its nodes, one after the other. */
export async function judgeByRule(
  rule: CompiledRule,
  relevance: Relevance,
  subject: ClueSubject,
  tools: ClueTools,
  signal: AbortSignal,
): Promise<RuleVerdict> {
  const steps: Step[] = [{ id: `${rule.id}/objective`, state: 'met', note: rule.objective }];
  if (relevance.kind === 'not_run') {
    steps.push({ id: `${rule.id}/relevance`, state: 'not_run', note: relevance.reason });
  } else {
    const { cosine } = relevance;
    const relevant = cosine >= RELEVANT_FROM;
    steps.push({
      id: `${rule.id}/relevance`,
      state: relevant ? 'met' : 'not_met',
      value: cosine,
      note: `cosine of the picture and the rule, relevant from ${RELEVANT_FROM}`,
    });
    if (!relevant) return { kind: 'decided', score: 0, model: undefined, steps, costUsd: 0 };
  }
  const costs: (number | null)[] = [];
  let score = 1;
  let model: string | undefined;
  for (const [index, node] of rule.all.entries()) {
    let best = 0;
    let failed: JudgeAbstention | undefined;
    for (const [branch, text] of node.any.entries()) {
      const id = `${rule.id}/${index + 1}.${branch + 1}`;
      const found = await decidePrecondition(id, text, subject, tools, signal);
      steps.push(...found.steps);
      costs.push(found.costUsd);
      if (found.kind === 'abstained') {
        steps.push({ id, state: 'unsure', note: `not answered (${found.code}): ${text}` });
        failed ??= found;
        continue;
      }
      model = found.model;
      best = Math.max(best, found.score);
      if (found.met) break;
    }
    score = Math.min(score, best);
    const costUsd = sumCosts(costs);
    // A question without an answer may be the one that holds.
    if (best < 0.5 && failed !== undefined) return { ...failed, steps, costUsd };
    if (best < 0.5) {
      for (let later = index + 1; later < rule.all.length; later += 1) {
        const note = 'not needed: a node before it does not hold';
        steps.push({ id: `${rule.id}/${later + 1}`, state: 'not_run', note });
      }
      break;
    }
  }
  return { kind: 'decided', score, model, steps, costUsd: sumCosts(costs) };
}
