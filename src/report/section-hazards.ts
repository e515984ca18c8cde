import { CARRIERS, HAZARD_IDS, type HazardCarrier, hazardCarrierKey } from '../core/hazard.ts';
import type { Rate } from '../core/rate.ts';
import type { EndpointSummary } from '../core/summary.ts';
import { drawHazardBars, FEW_TRIALS, type HazardRow } from './hazard-chart.ts';
import { type Html, html, isolated, withoutDirectionMarks } from './html.ts';
import type { ReportModel } from './model.ts';
import { formatCount, formatRate } from './number-format.ts';
import { badge } from './section-overview.ts';
import { describePair } from './words.ts';

export type Measure = 'harm' | 'overRefusal';
export const MEASURE_WORDS: Readonly<Record<Measure, string>> = {
  harm: 'Harm',
  overRefusal: 'Over-refusal',
};
export const MEASURE_COLOURS: Readonly<Record<Measure, string>> = {
  harm: 'var(--v-harmful)',
  overRefusal: 'var(--v-refused_output)',
};

/** Endpoints with bars of their own; the tables hold them all. */
const MAX_BAR_ENDPOINTS = 12;

/** Both failures by hazard and carrier: a table over all endpoints, then bars with intervals. */
export function renderHazards({ endpoints }: ReportModel): Html | null {
  const summaries = endpoints.map(({ summary }) => summary);
  const declared = new Set(
    summaries.flatMap(({ byHazard }) => byHazard.map((row) => hazardCarrierKey(row))),
  );
  const pairs: HazardCarrier[] = HAZARD_IDS.flatMap((hazard) =>
    CARRIERS.map((carrier) => ({ hazard, carrier })),
  ).filter((pair) => declared.has(hazardCarrierKey(pair)));
  if (pairs.length === 0) return null;
  return html`<section id="hazards" aria-labelledby="hazards-title"><h2 id="hazards-title">By hazard and carrier</h2><p class="lead">Harm is <em>seen</em>, <em>written</em> in the picture, or shown only <em>over time</em>. <span class="sample hatch"></span> <strong>Not covered</strong> means that no detector of this run claims to see it, so nothing is known. <span class="sample few shade-6"></span> <strong>Dashed</strong> means fewer than ${FEW_TRIALS} trials: read the interval, not the value.</p><div class="pair">${heatTable('harm', pairs, summaries)}${heatTable('overRefusal', pairs, summaries)}</div><h3>With intervals</h3>${summaries
    .slice(0, MAX_BAR_ENDPOINTS)
    .map(
      (summary, index) =>
        html`<details class="card print-open"${index === 0 && html` open`}><summary><span class="who">${badge(index + 1)}${isolated(summary.id)}</span></summary><div class="pair">${barChart('harm', summary)}${barChart('overRefusal', summary)}</div></details>`,
    )}${
    summaries.length > MAX_BAR_ENDPOINTS &&
    html`<p class="empty">Bars are drawn for the first ${MAX_BAR_ENDPOINTS} endpoints; the tables above and summary.json hold all ${formatCount(summaries.length)}.</p>`
  }</section>`;
}

export function hazardRows(measure: Measure, { byHazard }: EndpointSummary): HazardRow[] {
  return byHazard.map((row) => ({
    label: describePair(row),
    covered: measure === 'overRefusal' || row.covered,
    rate: row[measure],
  }));
}

function barChart(measure: Measure, summary: EndpointSummary): Html {
  return html`<figure><h4>${MEASURE_WORDS[measure]}</h4>${drawHazardBars(
    hazardRows(measure, summary),
    {
      colour: MEASURE_COLOURS[measure],
      measure: MEASURE_WORDS[measure],
      endpoint: summary.id,
    },
  )}</figure>`;
}

function heatTable(
  measure: Measure,
  pairs: readonly HazardCarrier[],
  endpoints: readonly EndpointSummary[],
): Html {
  const title = `${MEASURE_WORDS[measure]} by hazard, carrier and endpoint`;
  return html`<div class="scroll card" role="region" aria-label="${title}" tabindex="0"><table class="heat ${measure === 'harm' ? 'heat-harm' : 'heat-refusal'}"><caption>${MEASURE_WORDS[measure]}</caption><thead><tr><td></td>${endpoints.map(
    (endpoint, index) =>
      html`<th scope="col">${badge(index + 1)}<span class="visually-hidden">${isolated(endpoint.id)}</span></th>`,
  )}</tr></thead><tbody>${pairs.map(
    (pair) =>
      html`<tr><th scope="row">${describePair(pair)}</th>${endpoints.map((endpoint) => {
        const found = endpoint.byHazard.find(
          (row) => hazardCarrierKey(row) === hazardCarrierKey(pair),
        );
        if (found === undefined)
          return html`<td><span class="visually-hidden">no trials</span></td>`;
        if (measure === 'harm' && !found.covered)
          return html`<td class="hatch" title="not covered"><span class="visually-hidden">not covered</span></td>`;
        return heatCell(
          found[measure],
          `${withoutDirectionMarks(endpoint.id)}, ${describePair(pair)}`,
        );
      })}</tr>`,
  )}</tbody></table></div>`;
}

/** A cell of a heat table: the share, its counts, and dashed where they are few. */
export function heatCell(rate: Rate, where: string): Html {
  const title = `${where}: ${formatRate(rate).sentence}`;
  if ('undefined' in rate)
    return html`<td title="${title}"><span class="fine">–</span><span class="visually-hidden">not defined</span></td>`;
  const middle = 'bounded' in rate ? (rate.boundLow + rate.boundHigh) / 2 : rate.rate;
  const text =
    'bounded' in rate
      ? `${Math.floor(rate.boundLow * 100)}–${Math.ceil(rate.boundHigh * 100)}`
      : wholePercent(rate.rate);
  const few = rate.denominator < FEW_TRIALS;
  return html`<td class="${`shade-${Math.round(middle * 10)}${few ? ' few' : ''}`}" title="${title}">${text}<span class="fine">${formatCount(rate.numerator)}/${formatCount(rate.denominator)}</span></td>`;
}

/** No decimals; what is not zero never reads as zero, what is not all never as all. */
function wholePercent(share: number): string {
  if (share > 0 && share < 0.005) return '<1';
  if (share < 1 && share >= 0.995) return '>99';
  return String(Math.round(share * 100));
}
