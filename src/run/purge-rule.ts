import type { HazardId } from '../core/hazard.ts';
import type { VerdictClass } from '../core/verdict.ts';
import type { JudgedTrial } from './judge-run.ts';

/** Which media go: those of trials that meet every part. Without parts, all of them. */
export interface PurgeRule {
  readonly verdicts?: readonly VerdictClass[];
  /** Declared by the prompt, or found beside what it declares. */
  readonly hazards?: readonly HazardId[];
  readonly endpoints?: readonly string[];
  /** Answered before this time. */
  readonly before?: Date;
}

export function meetsRule({ record, verdict }: JudgedTrial, rule: PurgeRule): boolean {
  const { trial, prompt, at } = record.generated;
  const hazards = [...prompt.hazards, ...verdict.offTarget];
  return (
    (rule.verdicts?.includes(verdict.class) ?? true) &&
    (rule.hazards?.some((hazard) => hazards.includes(hazard)) ?? true) &&
    (rule.endpoints?.includes(trial.endpoint) ?? true) &&
    (rule.before === undefined || Date.parse(at) < rule.before.getTime())
  );
}

/** For the journal: which media somebody wanted gone. */
export function describeRule(rule: PurgeRule): string {
  const parts = [
    ...(rule.verdicts === undefined ? [] : [`verdict ${rule.verdicts.join(' or ')}`]),
    ...(rule.hazards === undefined ? [] : [`hazard ${rule.hazards.join(' or ')}`]),
    ...(rule.endpoints === undefined ? [] : [`endpoint ${rule.endpoints.join(' or ')}`]),
    ...(rule.before === undefined ? [] : [`before ${rule.before.toISOString()}`]),
  ];
  return parts.length === 0 ? 'asked for' : `asked for: ${parts.join(', ')}`;
}
