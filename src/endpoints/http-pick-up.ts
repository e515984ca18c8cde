import type { PickUp } from '../core/journal-event.ts';
import { isSignedUrl } from '../net/redact.ts';
import type { PollStep, Step } from './http-adapter.ts';

/** The status by which most providers say that there is no such job. */
export function isNotFound(status: number | undefined): boolean {
  return status === 404 || status === 410;
}

/** Whether a provider said so in words of its own. */
export function isUnknownJob(step: Step | undefined): boolean {
  return step?.kind === 'done' && step.signals.failure?.jobUnknown === true;
}

/** What the journal keeps of a job. A call that holds a secret or a signature is not written down. */
export function pickUpOf(
  { call, carry = {} }: PollStep,
  secrets: Readonly<Record<string, string>>,
): PickUp | undefined {
  const pickUp = { call: { ...call, headers: { ...call.headers } }, carry: { ...carry } };
  const written = JSON.stringify(pickUp);
  const isSecret =
    Object.values(secrets).some((secret) => written.includes(secret)) ||
    [call.url, ...Object.values(carry)].some(isSignedUrl);
  return isSecret ? undefined : pickUp;
}
