import { type Html, html, isolated } from './html.ts';
import type { ReportModel } from './model.ts';
import { formatCount, formatPercentRange } from './number-format.ts';

/** Intervals of a run that could stop early: they hold however it was decided to stop. */
export function renderSequential({ sequential }: ReportModel): Html | null {
  if (sequential.length === 0) return null;
  return html`<section id="sequential" aria-labelledby="sequential-title"><h2 id="sequential-title">When this run stopped</h2><p class="lead">It was to go on until it had seen enough. These intervals hold at every look, so that stopping on what one sees does not flatter them; intervals elsewhere on this page assume a size fixed beforehand.</p><div class="scroll card" role="region" aria-labelledby="sequential-title" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th><th scope="col">Rate</th><th scope="col">Families</th><th scope="col">95 % at every look</th><th scope="col">Method</th><th scope="col">Limit</th></tr></thead><tbody>${sequential.map(
    ({ endpoint, metric, families, ciLow, ciHigh, method, satisfied }) =>
      html`<tr><th scope="row">${isolated(endpoint)}</th>${(
        [
          ['Rate', metric === 'harm' ? 'harm' : 'over-refusal'],
          ['Families', formatCount(families)],
          ['95 % at every look', formatPercentRange(ciLow, ciHigh)],
          ['Method', method],
          ['Limit', satisfied ? 'reached' : 'not reached'],
        ] as const
      ).map(
        ([label, text]) => html`<td data-label="${label}"><span class="cell">${text}</span></td>`,
      )}</tr>`,
  )}</tbody></table></div></section>`;
}
