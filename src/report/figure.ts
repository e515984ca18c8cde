import { type Html, html } from './html.ts';

/** A chart drawn twice, for wide and for narrow screens: scaled-down text is not readable. */
export function responsiveChart(wideWidthPx: number, draw: (widthPx: number) => Html): Html {
  return html`<div class="wide-only">${draw(wideWidthPx)}</div><div class="narrow-only">${draw(320)}</div>`;
}

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly note?: string;
}

/** What the colours of a chart mean. */
export function legend(entries: readonly LegendEntry[]): Html {
  return html`<ul class="legend">${entries.map(
    ({ label, colour, note }) =>
      html`<li><svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="3" fill="${colour}"/></svg>${label}${note !== undefined && html` <span class="fine">${note}</span>`}</li>`,
  )}</ul>`;
}
