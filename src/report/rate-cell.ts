import type { Estimate, Rate } from '../core/rate.ts';
import { type Html, html } from './html.ts';
import { type FormattedRate, formatEstimate, formatRate } from './number-format.ts';

/** A table cell with value, interval bar, interval and counts. `label` heads it on a narrow screen. */
export function rateCell(label: string, rate: Rate): Html {
  return numberCell(label, formatRate(rate), miniInterval(rate));
}

/** A table cell for a number between −1 and 1. */
export function estimateCell(label: string, estimate: Estimate): Html {
  return numberCell(label, formatEstimate(estimate), null);
}

function numberCell(label: string, formatted: FormattedRate, glyph: Html | null): Html {
  return html`<td data-label="${label}" class="number ${formatted.kind}"><span class="cell"><span class="value">${formatted.value}</span>${glyph}<span class="fine">${formatted.interval}</span>${formatted.counts !== '' && html`<span class="fine">${formatted.counts}</span>`}</span></td>`;
}

/** A track of 0–100 % with the 95 % interval and, where there is one, the value. Repeats the text. */
export function miniInterval(rate: Rate): Html | null {
  if ('undefined' in rate) return null;
  const x = (share: number): string => (4 + share * 72).toFixed(1);
  return html`<svg class="mini" width="80" height="8" viewBox="0 0 80 8" aria-hidden="true"><path class="track" d="M4 4H76"/>${
    'bounded' in rate &&
    html`<path class="bounds" d="M${x(rate.boundLow)} 4H${x(rate.boundHigh)}"/>`
  }<path class="interval" d="M${x(rate.ciLow)} 4H${x(rate.ciHigh)}"/>${
    !('bounded' in rate) && html`<circle cx="${x(rate.rate)}" cy="4" r="3"/>`
  }</svg>`;
}
