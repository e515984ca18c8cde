import type { Rate } from '../core/rate.ts';
import { type Html, html, isolated } from './html.ts';
import type { ReportEndpoint, ReportModel } from './model.ts';
import { formatCount, formatDuration, formatPercent } from './number-format.ts';
import { estimateCell, rateCell } from './rate-cell.ts';
import { badge } from './section-overview.ts';
import { HAZARD_WORDS } from './words.ts';

const NO_LABELS: Rate = { undefined: true, reason: 'no labelled sample' };

/** Every headline rate of every endpoint, with interval and counts. */
export function renderEndpoints({ endpoints }: ReportModel): Html | null {
  if (endpoints.length === 0) return null;
  const corrected = endpoints.some(
    ({ summary: { harmCorrected } }) =>
      harmCorrected !== undefined && !('undefined' in harmCorrected),
  );
  const heads = HEADS.filter(([head]) => corrected || head !== CORRECTED);
  return html`<section id="endpoints" aria-labelledby="endpoints-title"><h2 id="endpoints-title">Endpoints</h2><p class="lead">Each cell: value, 95 % interval, counts. Rates leave out failed trials; harm leaves out what no detector covers. Ranked by Youden’s J; where intervals overlap the order may be chance.</p><div class="scroll card" role="region" aria-labelledby="endpoints-title" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th>${heads.map(
    ([head, hint]) =>
      html`<th scope="col" class="number">${head}<span class="fine">${hint}</span></th>`,
  )}</tr></thead><tbody>${ranked(endpoints).map(({ endpoint, index }) => row(endpoint, index, corrected))}</tbody></table></div><h3>Also measured</h3><div class="scroll card" role="region" aria-label="Further measures by endpoint" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th><th scope="col" class="number">Harmful prompts refused</th><th scope="col" class="number">Harm with failures</th><th scope="col" class="number">Harm on benign</th><th scope="col" class="number">Harm on controls</th><th scope="col" class="number">Media flagged</th><th scope="col" class="number">2SU/(S+U)</th><th scope="col" class="number">Tilt S − U</th></tr></thead><tbody>${endpoints.map(furtherRow)}</tbody></table></div><h3>Latency, cost and other hazards</h3><div class="scroll card" role="region" aria-label="Latency, cost and other hazards by endpoint" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th><th scope="col">Latency, median</th><th scope="col">Latency, 95 % within</th><th scope="col">Cost</th><th scope="col">Media returned and withheld</th><th scope="col">Other hazards found</th></tr></thead><tbody>${endpoints.map(runningRow)}</tbody></table></div></section>`;
}

const CORRECTED = 'Harm, corrected';

/** The best first; what has no J last, in the order of the pipeline. */
function ranked(
  endpoints: readonly ReportEndpoint[],
): { readonly endpoint: ReportEndpoint; readonly index: number }[] {
  const height = ({ summary: { youdenJ } }: ReportEndpoint): number =>
    'undefined' in youdenJ ? -2 : youdenJ.value;
  return endpoints
    .map((endpoint, index) => ({ endpoint, index }))
    .sort((a, b) => height(b.endpoint) - height(a.endpoint) || a.index - b.index);
}

const HEADS = [
  ['Harm', 'of harmful prompts'],
  ['Harm, strict', 'with borderline'],
  [CORRECTED, 'for detector errors'],
  ['Over-refusal', 'of benign prompts'],
  ['Declined or redirected', 'of benign prompts'],
  ['Control refusal', 'of plain prompts'],
  ['Safety S', '1 − harm'],
  ['Utility U', 'benign, answered'],
  ['Youden’s J', 'S + U − 1, covered families'],
] as const;

function row({ summary, description }: ReportEndpoint, index: number, corrected: boolean): Html {
  const failed = summary.verdicts.failed;
  return html`<tr><th scope="row">${who(summary.id, index)}<span class="fine">${summary.modality === 'video' ? 'Video' : 'Picture'}${description !== null && html` · ${isolated(description.kind)}`} · revision ${summary.revision === null ? 'not told' : isolated(summary.revision.slice(0, 40))}</span><span class="fine">${formatCount(summary.trials)} trials, ${formatCount(failed)} failed${summary.trials > 0 && ` (${formatPercent(failed / summary.trials)})`}</span><span class="fine">Faithfulness ${summary.faithfulness}</span></th>${rateCell('Harm', summary.harm)}${rateCell('Harm, strict', summary.harmStrict)}${corrected && rateCell(CORRECTED, summary.harmCorrected ?? NO_LABELS)}${rateCell('Over-refusal', summary.overRefusal)}${rateCell('Declined or redirected', summary.withRedirected)}${rateCell('Control refusal', summary.controlRefusal)}${rateCell('Safety S', summary.safety)}${rateCell(summary.faithfulness === 'measured' ? 'Utility U' : 'Utility U (faithfulness not measured)', summary.utility)}${estimateCell('Youden’s J', summary.youdenJ)}</tr>`;
}

function furtherRow({ summary }: ReportEndpoint, index: number): Html {
  return html`<tr><th scope="row">${who(summary.id, index)}</th>${rateCell('Harmful prompts refused', summary.harmfulRefusal)}${rateCell('Harm with failures', summary.harmWithFailures)}${rateCell('Harm on benign', summary.harmOnBenign)}${rateCell('Harm on controls', summary.harmOnControl)}${rateCell('Media flagged', summary.media.flagged)}${estimateCell('2SU/(S+U)', summary.harmonicMean)}${estimateCell('Tilt S − U', summary.tilt)}</tr>`;
}

function runningRow({ summary }: ReportEndpoint, index: number): Html {
  const { p50, p95 } = summary.latencyMs;
  const cells: readonly (readonly [label: string, text: string])[] = [
    ['Latency, median', p50 === null ? 'not told' : formatDuration(p50)],
    ['Latency, 95 % within', p95 === null ? 'not told' : formatDuration(p95)],
    ['Cost', summary.costUsd === null ? 'not told' : `$${summary.costUsd.toFixed(2)}`],
    [
      'Media returned and withheld',
      `${formatCount(summary.media.items)} and ${formatCount(summary.media.withheld)}`,
    ],
    [
      'Other hazards found',
      summary.offTarget.length === 0
        ? 'none'
        : summary.offTarget
            .map(({ hazard, trials }) => `${HAZARD_WORDS[hazard]} (${formatCount(trials)} trials)`)
            .join(', '),
    ],
  ];
  return html`<tr><th scope="row">${who(summary.id, index)}</th>${cells.map(([label, text]) => html`<td data-label="${label}"><span class="cell">${text}</span></td>`)}</tr>`;
}

function who(id: string, index: number): Html {
  return html`<span class="who">${badge(index + 1)}${isolated(id)}</span>`;
}
