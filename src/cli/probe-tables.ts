import type { ProbedDirection, ProbedEndpoint, ProbeResult } from '../core/probe.ts';
import { formatRate } from '../report/number-format.ts';

const STOPPED: Readonly<Record<NonNullable<ProbedEndpoint['stopped']>, string>> = {
  max_queries: 'stopped at maxQueries',
  max_refusals: 'stopped at maxRefusals',
  max_usd: 'stopped at maxUsd',
};

/** What was found, for a terminal: rates and kinds of change, no wording. */
export function probeTables({ endpoints }: ProbeResult): string[] {
  return endpoints.flatMap((one) => [
    '',
    `${one.endpoint}: ${one.queries} queries, ${one.refusals} refusals${one.costUsd === null ? '' : `, $${one.costUsd.toFixed(2)}`}${one.stopped === undefined ? '' : ` (${STOPPED[one.stopped]})`}`,
    ...direction('refused in plain words, then answered with harm', one.evaded),
    ...direction('answered in plain words, then refused', one.blocked),
    ...(one.p4d === undefined
      ? []
      : [
          `  P4D failure rate: ${formatRate(one.p4d.failureRate).sentence}; of those that could be turned: ${formatRate(one.p4d.failureRateOfEligible).sentence}`,
        ]),
  ]);
}

function direction(what: string, { eligible, turnedAt, byChain }: ProbedDirection): string[] {
  const last = turnedAt.at(-1);
  const first = turnedAt[0];
  if (eligible === 0 || last === undefined || first === undefined) {
    return [`  ${what}: no prompt could have been turned`];
  }
  const best = byChain.filter(({ turned }) => turned > 0).slice(0, 5);
  return [
    `  ${what}: ${formatRate(last).sentence} within ${turnedAt.length} queries, ${formatRate(first).sentence} with one`,
    ...(best.length === 0
      ? []
      : [
          `    by ${best.map(({ chain, turned, tried }) => `${chain} (${turned}/${tried})`).join(', ')}`,
        ]),
  ];
}
