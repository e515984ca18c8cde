import type { AuditSummary, FilterReport } from '../core/audit.ts';
import { HAZARD_IDS } from '../core/hazard.ts';
import type { Estimate, Rate } from '../core/rate.ts';
import {
  formatCount,
  formatDuration,
  formatEstimate,
  formatLimit,
  formatRate,
} from '../report/number-format.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Rows of a table that would otherwise be a screen long: the rest stands on the page. */
const MAX_ROWS = 12;

/** The audit on a terminal: every number of the page, less the curves and the pictures. */
export function printAudit(summary: AuditSummary, terminal: Terminal): void {
  printFilters(summary, terminal);
  printHazards(summary, terminal);
  printTwins(summary, terminal);
  printSlices(summary, terminal);
  printDifferences(summary, terminal);
  printRobustness(summary, terminal);
  printSearches(summary, terminal);
  printCascades(summary, terminal);
}

function printFilters({ filters, prevalence }: AuditSummary, terminal: Terminal): void {
  printTable(
    [
      'filter',
      'side',
      'unsafe',
      'safe',
      'flagged unsafe',
      'flagged safe',
      'F1',
      'AUROC',
      'p50',
      'p95',
    ],
    filters.map(({ id, side, overall, latency }) => [
      id,
      side,
      formatCount(overall.unsafe),
      formatCount(overall.safe),
      rateText(overall.tpr),
      rateText(overall.fpr),
      estimateText(overall.f1),
      estimateText(overall.auroc),
      timeText(latency.p50Ms),
      timeText(latency.p95Ms),
    ]),
    terminal,
  );
  terminal.out('');
  const at = `precision at ${formatLimit(prevalence)}`;
  printTable(
    [
      'filter',
      at,
      'AUPRC',
      'TPR at 1 % FPR',
      'at 5 %',
      'Brier',
      'ECE',
      'worst hazard',
      'cost a 1000',
    ],
    filters.map(({ id, overall, worst, cost }) => [
      id,
      estimateText(overall.precision),
      estimateText(overall.auprc),
      estimateText(overall.tprAtFpr1),
      estimateText(overall.tprAtFpr5),
      estimateText(overall.brier),
      estimateText(overall.ece),
      worst === null ? '–' : `${worst.hazard} ${formatRate(worst.tpr).value}`,
      costText(cost),
    ]),
    terminal,
  );
}

/** Recall and false alarms of each filter by hazard. */
function printHazards({ filters }: AuditSummary, terminal: Terminal): void {
  const cellOf = ({ byHazard, notCovered }: FilterReport, hazard: string): string => {
    const measured = byHazard.find((one) => one.hazard === hazard);
    if (measured !== undefined) {
      return `${formatRate(measured.tpr).value} / ${formatRate(measured.fpr).value}`;
    }
    return notCovered.some((one) => one.hazard === hazard) ? 'not covered' : '–';
  };
  const rows = HAZARD_IDS.map((hazard) => [
    hazard,
    ...filters.map((filter) => cellOf(filter, hazard)),
  ]).filter(([, ...cells]) => cells.some((cell) => cell !== '–'));
  print(
    'By hazard: flagged of the unsafe / of the safe',
    ['hazard', ...names(filters)],
    rows,
    terminal,
  );
}

function printTwins({ filters }: AuditSummary, terminal: Terminal): void {
  print(
    'Twins',
    ['filter', 'pairs', 'told apart', 'both flagged', 'both passed', 'reversed', 'no decision'],
    filters
      .filter(({ twins }) => twins.pairs > 0)
      .map(({ id, twins: { pairs, toldApart, states } }) => [
        id,
        formatCount(pairs),
        rateText(toldApart),
        formatCount(states.both_flagged),
        formatCount(states.both_passed),
        formatCount(states.reversed),
        formatCount(states.undecided),
      ]),
    terminal,
  );
}

function printSlices({ filters }: AuditSummary, terminal: Terminal): void {
  print(
    'Slices',
    ['filter', 'slice', 'flagged unsafe', 'flagged safe'],
    filters.flatMap(({ id, slices }) =>
      slices.map(({ dimension, value, tpr, fpr }) => [
        id,
        `${dimension}: ${value}`,
        rateText(tpr),
        rateText(fpr),
      ]),
    ),
    terminal,
  );
}

function printDifferences({ comparisons }: AuditSummary, terminal: Terminal): void {
  print(
    'Differences on the same samples, p adjusted',
    ['filters', 'among', 'difference', 'p'],
    comparisons.map(({ first, second, measure, difference, pAdjusted }) => [
      `${first} − ${second}`,
      measure === 'tpr' ? 'the unsafe' : 'the safe',
      'undefined' in difference
        ? '–'
        : `${formatEstimate(difference).value} (${formatEstimate(difference).interval})`,
      pAdjusted === null ? '–' : pAdjusted < 0.001 ? '< 0.001' : pAdjusted.toFixed(3),
    ]),
    terminal,
  );
}

function printRobustness({ robustness }: AuditSummary, terminal: Terminal): void {
  const robust = (rate: Rate): number => ('rate' in rate ? rate.rate : 1);
  print(
    'Robustness, the most fragile first',
    ['filter', 'change', 'robust accuracy', 'slips through', 'blocked'],
    robustness
      .toSorted((a, b) => robust(a.robustAccuracy) - robust(b.robustAccuracy))
      .map(({ filter, perturbation, strength, robustAccuracy, evaded, blocked }) => [
        filter,
        `${perturbation} ${strength}`.trim(),
        rateText(robustAccuracy),
        rateText(evaded),
        rateText(blocked),
      ]),
    terminal,
  );
}

function printSearches({ searches }: AuditSummary, terminal: Terminal): void {
  print(
    'Searched for',
    ['filter', 'direction', 'bound', 'budget', 'turned'],
    searches.map(({ filter, direction, bound, budget, atQueries }) => [
      filter,
      direction === 'evaded' ? 'unsafe slips through' : 'safe becomes blocked',
      bound,
      formatCount(budget),
      rateText(atQueries.at(-1)?.turned ?? { undefined: true, reason: 'not searched' }),
    ]),
    terminal,
  );
}

function printCascades({ costQuality }: AuditSummary, terminal: Terminal): void {
  print(
    'Cascades: what the second filter is asked, and what it is worth',
    ['cascade', 'band of doubt', 'second asked', 'balanced accuracy', 'ms a sample'],
    costQuality.flatMap(({ cascade, points }) =>
      points
        .filter(({ present }, at) => present || at % 5 === 0)
        .map(({ from, to, secondStageShare, balancedAccuracy, meanMs, present }) => [
          present ? `${cascade} (now)` : cascade,
          `${from.toFixed(2)}–${to.toFixed(2)}`,
          formatLimit(Math.round(secondStageShare * 1000) / 1000),
          balancedAccuracy.toFixed(2),
          meanMs.toFixed(2),
        ]),
    ),
    terminal,
  );
}

function print(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): void {
  if (rows.length === 0) return;
  terminal.out(`\n${title}`);
  printTable(
    [...head],
    rows.slice(0, MAX_ROWS).map((row) => [...row]),
    terminal,
  );
  if (rows.length > MAX_ROWS) terminal.out(`… ${rows.length - MAX_ROWS} more on the page`);
}

function names(filters: readonly FilterReport[]): string[] {
  return filters.map(({ id }) => id);
}

function costText({ perThousandUsd, totalUsd }: FilterReport['cost']): string {
  if (perThousandUsd === null) return totalUsd === null ? 'not told' : '–';
  return perThousandUsd === 0 ? 'none' : `$${perThousandUsd.toFixed(3)}`;
}

function timeText(estimate: Estimate): string {
  if ('undefined' in estimate) return '–';
  const { value } = estimate;
  return value < 10 ? `${value.toFixed(2)} ms` : formatDuration(value);
}

function rateText(rate: Rate): string {
  const { value, interval } = formatRate(rate);
  return 'undefined' in rate ? '–' : `${value} (${interval})`;
}

function estimateText(estimate: Estimate): string {
  return 'undefined' in estimate ? '–' : formatEstimate(estimate).value;
}
