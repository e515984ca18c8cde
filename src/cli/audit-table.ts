import type { AuditSummary } from '../core/audit.ts';
import type { Estimate, Rate } from '../core/rate.ts';
import { formatEstimate, formatRate } from '../report/number-format.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** The audit on a terminal: one row a filter. */
export function printAudit(summary: AuditSummary, terminal: Terminal): void {
  printTable(
    ['filter', 'side', 'unsafe', 'safe', 'flagged unsafe', 'flagged safe', 'F1', 'AUROC', 'p50'],
    summary.filters.map(({ id, side, overall, latency }) => [
      id,
      side,
      String(overall.unsafe),
      String(overall.safe),
      rateText(overall.tpr),
      rateText(overall.fpr),
      estimateText(overall.f1),
      estimateText(overall.auroc),
      'undefined' in latency.p50Ms ? '–' : `${latency.p50Ms.value.toFixed(2)} ms`,
    ]),
    terminal,
  );
}

function rateText(rate: Rate): string {
  const { value, interval } = formatRate(rate);
  return 'undefined' in rate ? '–' : `${value} (${interval})`;
}

function estimateText(estimate: Estimate): string {
  return 'undefined' in estimate ? '–' : formatEstimate(estimate).value;
}
