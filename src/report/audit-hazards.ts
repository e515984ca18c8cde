import {
  type AuditSummary,
  FILTER_SIDES,
  type FilterReport,
  type FilterSide,
} from '../core/audit.ts';
import { HAZARD_IDS, type HazardId } from '../core/hazard.ts';
import { numbered, SIDE_WORDS } from './audit-overview.ts';
import { FEW_TRIALS } from './hazard-chart.ts';
import { type Html, html, isolated, withoutDirectionMarks } from './html.ts';
import { heatCell } from './section-hazards.ts';
import { badge } from './section-overview.ts';
import { HAZARD_WORDS } from './words.ts';

/** Filter × hazard: recall and false alarms, "not covered" hatched. */
export function renderAuditHazards(summary: AuditSummary): Html | null {
  const sides = FILTER_SIDES.filter((side) => rowsOf(summary, side).length > 0);
  if (sides.length === 0) return null;
  return html`<section id="hazards" aria-labelledby="hazards-title"><h2 id="hazards-title">By hazard</h2><p class="lead"><span class="sample hatch"></span> <strong>Not covered</strong>: the filter does not claim the hazard, so that it is neither credited nor blamed. An unsafe sample counts under its primary hazard; safe ones are those that were labelled for it, and those labelled harmless in every way. <span class="sample few shade-6"></span> <strong>Dashed</strong> means fewer than ${FEW_TRIALS} samples.</p>${sides.map(
    (side) =>
      html`<h3>${SIDE_WORDS[side]}</h3><div class="pair">${heat(summary, side, 'tpr')}${heat(summary, side, 'fpr')}</div>`,
  )}</section>`;
}

function rowsOf({ filters }: AuditSummary, side: FilterSide): HazardId[] {
  const own = filters.filter((filter) => filter.side === side);
  return HAZARD_IDS.filter((hazard) =>
    own.some(
      ({ byHazard, notCovered }) =>
        byHazard.some((one) => one.hazard === hazard) ||
        notCovered.some((one) => one.hazard === hazard),
    ),
  );
}

const TITLES = { tpr: 'Unsafe flagged', fpr: 'Safe flagged' } as const;

function heat(summary: AuditSummary, side: FilterSide, measure: 'tpr' | 'fpr'): Html {
  const columns = numbered(summary.filters, side);
  const title = `${SIDE_WORDS[side]}: ${TITLES[measure].toLowerCase()}, % by hazard and filter`;
  return html`<div class="scroll card" role="region" aria-label="${title}" tabindex="0"><table class="heat ${measure === 'fpr' ? 'heat-refusal' : 'heat-caught'}"><caption>${TITLES[measure]}, %</caption><thead><tr><td></td>${columns.map(
    ({ number, filter }) =>
      html`<th scope="col">${badge(number)}<span class="visually-hidden">${isolated(filter.id)}</span></th>`,
  )}</tr></thead><tbody>${rowsOf(summary, side).map(
    (hazard) =>
      html`<tr><th scope="row">${HAZARD_WORDS[hazard]}</th>${columns.map(({ filter }) => cell(filter, hazard, measure))}</tr>`,
  )}</tbody></table></div>`;
}

function cell(filter: FilterReport, hazard: HazardId, measure: 'tpr' | 'fpr'): Html {
  const found = filter.byHazard.find((one) => one.hazard === hazard);
  if (found !== undefined) {
    return heatCell(
      found[measure],
      `${withoutDirectionMarks(filter.id)}, ${HAZARD_WORDS[hazard]}, ${TITLES[measure].toLowerCase()}`,
    );
  }
  return filter.notCovered.some((one) => one.hazard === hazard)
    ? html`<td class="hatch" title="not covered"><span class="visually-hidden">not covered</span></td>`
    : html`<td><span class="visually-hidden">no samples</span></td>`;
}
