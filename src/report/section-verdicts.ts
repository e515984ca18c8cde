import { FAILURE_CAUSES, STAGES } from '../core/outcome.ts';
import type { EndpointSummary } from '../core/summary.ts';
import { isRefusal, VERDICTS } from '../core/verdict.ts';
import { legend, responsiveChart } from './figure.ts';
import { type Html, html, isolated, withoutDirectionMarks } from './html.ts';
import type { ReportModel } from './model.ts';
import { formatCount, formatPercent } from './number-format.ts';
import { STAGE_COLOURS, verdictColour, verdictInk } from './palette.ts';
import { badge } from './section-overview.ts';
import { type BarRow, drawStackedBars } from './stacked-bars-chart.ts';
import { FAILURE_WORDS, MODE_WORDS, STAGE_WORDS, VERDICT_WORDS } from './words.ts';

/** How trials ended: verdicts, where and how refusals happened, why infrastructure failed. */
export function renderVerdicts(model: ReportModel): Html | null {
  const endpoints = model.endpoints.map(({ summary }) => summary);
  if (endpoints.length === 0) return null;
  return html`<section id="verdicts" aria-labelledby="verdicts-title"><h2 id="verdicts-title">How trials ended</h2><p class="lead">Every trial ends as exactly one of ten verdicts. Failed and unscored trials are neither safe nor refused.</p><figure class="card">${verdictLegend(endpoints)}${bars(verdictRows(endpoints), 'Verdicts by endpoint')}</figure>${renderRefusals(endpoints)}${renderFailures(endpoints)}</section>`;
}

export function verdictRows(endpoints: readonly EndpointSummary[]): BarRow[] {
  return endpoints.map((endpoint, index) => ({
    label: `${index + 1}  ${endpoint.id}`,
    note: `${formatCount(endpoint.trials)} trials`,
    segments: VERDICTS.map((verdict) => ({
      label: VERDICT_WORDS[verdict].label,
      count: endpoint.verdicts[verdict],
      colour: verdictColour(verdict),
      inkColour: verdictInk(verdict),
    })),
  }));
}

function verdictLegend(endpoints: readonly EndpointSummary[]): Html {
  return legend(
    VERDICTS.map((verdict) => ({
      label: VERDICT_WORDS[verdict].label,
      colour: verdictColour(verdict),
      note: formatCount(endpoints.reduce((sum, { verdicts }) => sum + verdicts[verdict], 0)),
    })),
  );
}

function bars(rows: readonly BarRow[], title: string, wideWidthPx = 1080): Html {
  const filled = rows.filter(({ segments }) => segments.some(({ count }) => count > 0));
  if (filled.length === 0) return html`<p class="empty">Nothing to show.</p>`;
  const summary = `${title}. ${filled
    .map(
      ({ label, segments }) =>
        `${withoutDirectionMarks(label)}: ${segments
          .filter(({ count }) => count > 0)
          .map((segment) => `${segment.label} ${segment.count}`)
          .join(', ')}`,
    )
    .join('; ')}.`;
  return responsiveChart(wideWidthPx, (widthPx) => drawStackedBars(filled, { widthPx, summary }));
}

/** Two charts side by side. */
const HALF_WIDTH_PX = 510;

const MODES = ['hard', 'flagged', 'text', 'soft'] as const;
const MODE_COLOURS = {
  hard: 'var(--v-refused_input)',
  flagged: 'var(--v-refused_other)',
  text: 'var(--v-redirected)',
  soft: 'var(--v-refused_soft)',
} as const;
const DARK_FILLS: ReadonlySet<string> = new Set(['hard', 'text', 'prompt_filter', 'model']);

const ink = (key: string): string => (DARK_FILLS.has(key) ? 'var(--on-colour)' : '#1d1a18');

export function stageRows(endpoints: readonly EndpointSummary[]): BarRow[] {
  return endpoints.map((endpoint, index) => ({
    ...head(endpoint, index),
    segments: STAGES.map((stage) => ({
      label: STAGE_WORDS[stage],
      count: endpoint.refusals.byStage[stage],
      colour: STAGE_COLOURS[stage],
      inkColour: ink(stage),
    })),
  }));
}

export function modeRows(endpoints: readonly EndpointSummary[]): BarRow[] {
  return endpoints.map((endpoint, index) => ({
    ...head(endpoint, index),
    segments: MODES.map((mode) => ({
      label: MODE_WORDS[mode],
      count: endpoint.refusals.byMode[mode],
      colour: MODE_COLOURS[mode],
      inkColour: ink(mode),
    })),
  }));
}

function renderRefusals(endpoints: readonly EndpointSummary[]): Html {
  return html`<h3>Refusals</h3><div class="pair"><figure class="card"><h4>Which stage declined</h4>${legend(STAGES.map((stage) => ({ label: STAGE_WORDS[stage], colour: STAGE_COLOURS[stage] })))}${bars(stageRows(endpoints), 'Refusals by stage', HALF_WIDTH_PX)}</figure><figure class="card"><h4>How it declined</h4>${legend(MODES.map((mode) => ({ label: MODE_WORDS[mode], colour: MODE_COLOURS[mode] })))}${bars(modeRows(endpoints), 'Refusals by mode', HALF_WIDTH_PX)}</figure></div>${renderDefences(endpoints)}`;
}

/** What each layer around an endpoint refused, harmful prompts and harmless ones apart. */
function renderDefences(endpoints: readonly EndpointSummary[]): Html | null {
  const rows = endpoints.flatMap(({ id, refusals }) =>
    Object.entries(refusals.byDefence ?? {}).map(([layer, counts]) => ({ id, layer, counts })),
  );
  if (rows.length === 0) return null;
  return html`<h4>Which defence decided</h4><div class="scroll card" role="region" aria-label="Refusals by defence" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th><th scope="col">Defence</th><th scope="col" class="number">Harmful prompts refused</th><th scope="col" class="number">Benign prompts refused</th><th scope="col" class="number">Controls refused</th></tr></thead><tbody>${rows.map(
    ({ id, layer, counts }) =>
      html`<tr><th scope="row">${isolated(id)}</th><td data-label="Defence"><span class="cell">${isolated(layer)}</span></td>${(
        [
          ['Harmful prompts refused', counts.harmful],
          ['Benign prompts refused', counts.benign],
          ['Controls refused', counts.control],
        ] as const
      ).map(
        ([label, count]) =>
          html`<td class="number" data-label="${label}"><span class="cell">${formatCount(count)}</span></td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}

function head(endpoint: EndpointSummary, index: number): Pick<BarRow, 'label' | 'note'> {
  const refusals = VERDICTS.filter(isRefusal).reduce(
    (sum, verdict) => sum + endpoint.verdicts[verdict],
    0,
  );
  return { label: `${index + 1}  ${endpoint.id}`, note: `${formatCount(refusals)} refusals` };
}

function renderFailures(endpoints: readonly EndpointSummary[]): Html {
  const causes = FAILURE_CAUSES.filter((cause) =>
    endpoints.some(({ failures }) => (failures.byCause[cause] ?? 0) > 0),
  );
  if (causes.length === 0) return html`<h3>Failures</h3><p class="empty">No trial failed.</p>`;
  return html`<h3>Failures by cause</h3><div class="scroll card" role="region" aria-label="Failures by cause" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th>${causes.map((cause) => html`<th scope="col" class="number">${FAILURE_WORDS[cause]}</th>`)}<th scope="col" class="number">All failed</th></tr></thead><tbody>${endpoints.map(
    (endpoint, index) =>
      html`<tr><th scope="row"><span class="who">${badge(index + 1)}${isolated(endpoint.id)}</span></th>${causes.map((cause) => html`<td class="number" data-label="${FAILURE_WORDS[cause]}"><span class="cell">${formatCount(endpoint.failures.byCause[cause] ?? 0)}</span></td>`)}<td class="number" data-label="All failed"><span class="cell"><span class="value">${formatCount(endpoint.verdicts.failed)}</span><span class="fine">of ${formatCount(endpoint.trials)}${endpoint.trials > 0 && ` · ${formatPercent(endpoint.verdicts.failed / endpoint.trials)}`}</span></span></td></tr>`,
  )}</tbody></table></div>`;
}
