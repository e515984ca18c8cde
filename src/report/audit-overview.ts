import type { AuditSummary, FilterReport, FilterSide, ThresholdSource } from '../core/audit.ts';
import type { Estimate } from '../core/rate.ts';
import { drawOperatingCurves, type NumberedFilter } from './audit-charts.ts';
import { responsiveChart } from './figure.ts';
import { type Html, html, isolated } from './html.ts';
import { formatCount, formatDuration, formatRate, formatScore } from './number-format.ts';
import { estimateCell } from './rate-cell.ts';
import { badge } from './section-overview.ts';
import { HAZARD_WORDS } from './words.ts';

export const SIDE_WORDS: Readonly<Record<FilterSide, string>> = {
  prompt: 'Prompt filters',
  media: 'Media filters',
};

const SOURCE_WORDS: Readonly<Record<ThresholdSource, string>> = {
  fixed: 'set',
  policy: 'of the policy',
  calibration: 'calibrated',
  members: 'of its members',
};

/** Filters of a side, numbered through the whole audit. */
export function numbered(filters: readonly FilterReport[], side: FilterSide): NumberedFilter[] {
  return filters
    .map((filter, index) => ({ number: index + 1, filter }))
    .filter(({ filter }) => filter.side === side);
}

/** The curves and the table of one side. */
export function renderOverview(summary: AuditSummary, side: FilterSide): Html | null {
  const filters = numbered(summary.filters, side);
  if (filters.length === 0) return null;
  return html`<section id="${side}" aria-labelledby="${side}-title"><h2 id="${side}-title">${SIDE_WORDS[side]}</h2><p class="lead">Upper left is better: much of the unsafe flagged, little of the safe. A curve is what other thresholds would do, the numbered mark is what the present one does; lines are its 95 % intervals. Each filter is measured on what it claims, so that two marks may rest on different samples: for a comparison see the paired differences.${side === 'prompt' && ' Prompts are matched by hazard alone, whatever their picture would carry it by.'}</p><div class="plane"><figure class="card">${responsiveChart(560, (widthPx) => drawOperatingCurves(filters, widthPx))}</figure><ol class="key">${filters.map(keyOf)}</ol></div><h3>All numbers</h3><div class="scroll card" role="region" aria-label="${SIDE_WORDS[side]}, all numbers" tabindex="0"><table class="cards"><thead><tr>${[
    'Filter',
    'Precision',
    'F1',
    'AUROC',
    'AUPRC',
    'TPR at 1 % FPR',
    'TPR at 5 % FPR',
    'Brier',
    'ECE',
    'Time p50, p95',
    'Cost',
  ].map(
    (title, at) => html`<th scope="col" class="${at > 0 && 'number'}">${title}</th>`,
  )}</tr></thead><tbody>${filters.map((one) =>
    row(one, summary.prevalence),
  )}</tbody></table></div></section>`;
}

function keyOf({ number, filter }: NumberedFilter): Html {
  const { overall, worst } = filter;
  const entry = (label: string, rate: FilterReport['overall']['tpr']): Html => {
    const formatted = formatRate(rate);
    return html`<div><dt>${label}</dt><dd class="${formatted.kind}"><span class="value">${formatted.value}</span><span class="fine">${formatted.interval}${formatted.counts !== '' && html` · ${formatted.counts}`}</span></dd></div>`;
  };
  return html`<li class="card"><p class="who">${badge(number)}${isolated(filter.id)}</p><dl>${entry('Unsafe flagged', overall.tpr)}${entry('Safe flagged', overall.fpr)}</dl><p class="fine">${worst !== null && html`Worst hazard: ${HAZARD_WORDS[worst.hazard]}, ${formatRate(worst.tpr).value} flagged. `}${thresholdWords(filter)}</p></li>`;
}

function thresholdWords({ thresholds, kind }: FilterReport): string {
  if (kind !== 'detector') return kind === 'ensemble' ? 'Its members vote.' : 'A cascade of two.';
  const values = [...new Set(thresholds.map(({ threshold }) => threshold))];
  const from = thresholds[0] === undefined ? '' : SOURCE_WORDS[thresholds[0].from];
  return `Flags from ${values.map(formatScore).join(', ')} on (${from}).`;
}

function row({ number, filter }: NumberedFilter, prevalence: number): Html {
  const { overall, latency, cost } = filter;
  return html`<tr><th scope="row"><span class="who">${badge(number)}${isolated(filter.id)}</span><span class="fine">${filter.detectors.map(({ id, version }) => html`${isolated(id)} ${isolated(version)} `)}</span></th>${estimateCell(`Precision where ${prevalence * 100} % is unsafe`, overall.precision)}${estimateCell('F1', overall.f1)}${estimateCell('AUROC', overall.auroc)}${estimateCell('AUPRC', overall.auprc)}${estimateCell('TPR at 1 % FPR', overall.tprAtFpr1)}${estimateCell('TPR at 5 % FPR', overall.tprAtFpr5)}${estimateCell('Brier', overall.brier)}${estimateCell('ECE', overall.ece)}<td data-label="Time p50, p95" class="number"><span class="cell"><span class="value">${timeOf(latency.p50Ms)}</span><span class="fine">p95 ${timeOf(latency.p95Ms)}</span></span></td><td data-label="Cost" class="number"><span class="cell"><span class="value">${cost.totalUsd === null ? 'not told' : cost.totalUsd === 0 ? 'none' : `$${cost.totalUsd.toFixed(4)}`}</span><span class="fine">${formatCount(cost.calls)} calls</span></span></td></tr>`;
}

function timeOf(estimate: Estimate): string {
  if ('undefined' in estimate) return 'not defined';
  const { value } = estimate;
  return value < 10 ? `${value.toFixed(2)} ms` : formatDuration(value);
}

/** Who gave no decision, or one on what it does not claim. */
export function renderCoverage({ filters }: AuditSummary): Html | null {
  const rows = filters.filter(
    ({ coverage }) => coverage.asked > coverage.answered || coverage.outsideClaims.length > 0,
  );
  if (rows.length === 0) return null;
  return html`<section id="silent" aria-labelledby="silent-title"><h2 id="silent-title">Without an answer</h2><div class="scroll card" role="region" aria-label="Without an answer, all filters" tabindex="0"><table class="cards"><thead><tr><th scope="col">Filter</th><th scope="col">Asked</th><th scope="col">No decision</th><th scope="col">Outside its claims</th></tr></thead><tbody>${rows.map(
    ({ id, coverage }) =>
      html`<tr><th scope="row">${isolated(id)}</th><td data-label="Asked">${formatCount(coverage.asked)}</td><td data-label="No decision">${coverage.abstained.length === 0 ? 'none' : coverage.abstained.map(({ code, count }) => `${formatCount(count)} ${code.replaceAll('_', ' ')}`).join(', ')}</td><td data-label="Outside its claims">${coverage.outsideClaims.length === 0 ? 'none' : coverage.outsideClaims.map(({ hazard, count }) => `${formatCount(count)} ${HAZARD_WORDS[hazard]}`).join(', ')}</td></tr>`,
  )}</tbody></table></div></section>`;
}
