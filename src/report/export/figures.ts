import type { EndpointSummary } from '../../core/summary.ts';
import { drawHazardBars } from '../hazard-chart.ts';
import { escapeHtml, type Html } from '../html.ts';
import { resolveColours } from '../palette.ts';
import { drawPlane, planePoints } from '../plane-chart.ts';
import { hazardRows, MEASURE_COLOURS, MEASURE_WORDS, type Measure } from '../section-hazards.ts';
import { modeRows, stageRows, verdictRows } from '../section-verdicts.ts';
import { type BarRow, drawStackedBars } from '../stacked-bars-chart.ts';

/** A chart that stands by itself: SVG 1.1 with its own colours, background and legend. */
export interface Figure {
  /** File name without its ending. */
  readonly name: string;
  readonly svg: string;
}

const FONT = 'Helvetica, Arial, "DejaVu Sans", sans-serif';
const WIDTH_PX = 900;
const PADDING_PX = 16;
const LEGEND_ROW_PX = 22;
const LEGEND_LETTER_PX = 6.6;

/** Every chart of the report in light colours; what has nothing to show is left out. */
export function drawFigures(endpoints: readonly EndpointSummary[]): readonly Figure[] {
  const points = planePoints(endpoints);
  return [
    ...(points.length === 0
      ? []
      : [
          { name: 'plane', svg: standalone(drawPlane(points, { sizePx: 600, showIds: true }), []) },
        ]),
    ...stacked('verdicts', 'Verdicts by endpoint', verdictRows(endpoints)),
    ...stacked('refusals-by-stage', 'Refusals by stage', stageRows(endpoints)),
    ...stacked('refusals-by-mode', 'Refusals by mode', modeRows(endpoints)),
    ...endpoints.flatMap((endpoint, index) =>
      endpoint.byHazard.length === 0
        ? []
        : [hazards('harm', endpoint, index), hazards('overRefusal', endpoint, index)],
    ),
  ];
}

function stacked(name: string, summary: string, rows: readonly BarRow[]): Figure[] {
  const filled = rows.filter(({ segments }) => segments.some(({ count }) => count > 0));
  if (filled.length === 0) return [];
  const entries = (filled[0]?.segments ?? []).filter(({ label }) =>
    filled.some(({ segments }) => segments.some((one) => one.label === label && one.count > 0)),
  );
  return [
    { name, svg: standalone(drawStackedBars(filled, { widthPx: WIDTH_PX, summary }), entries) },
  ];
}

function hazards(measure: Measure, endpoint: EndpointSummary, index: number): Figure {
  const chart = drawHazardBars(hazardRows(measure, endpoint), {
    colour: MEASURE_COLOURS[measure],
    measure: MEASURE_WORDS[measure],
    endpoint: endpoint.id,
  });
  const name = measure === 'harm' ? 'harm' : 'over-refusal';
  return { name: `${name}-by-hazard-${index + 1}`, svg: standalone(chart, []) };
}

function standalone(
  chart: Html,
  entries: readonly { readonly label: string; readonly colour: string }[],
): string {
  const markup = resolveColours(chart.toString());
  const width = sizeOf(markup, 'width') + 2 * PADDING_PX;
  const chartHeight = sizeOf(markup, 'height');
  const legend = placeLegend(entries, width);
  const height = chartHeight + 2 * PADDING_PX + legend.heightPx;
  const inner = markup.replace(
    /^<svg class="chart"/,
    `<svg x="${PADDING_PX}" y="${PADDING_PX + legend.heightPx}" overflow="visible" xml:space="preserve"`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family='${FONT}' font-size="12" color="#1d1a18"><rect width="100%" height="100%" fill="#ffffff"/>${legend.markup}${inner}</svg>\n`;
}

function sizeOf(markup: string, name: string): number {
  return Number(new RegExp(`^<svg[^>]* ${name}="([\\d.]+)"`).exec(markup)?.[1] ?? 0);
}

function placeLegend(
  entries: readonly { readonly label: string; readonly colour: string }[],
  widthPx: number,
): { readonly markup: string; readonly heightPx: number } {
  let x = PADDING_PX;
  let row = 0;
  const parts = entries.map(({ label, colour }) => {
    const wide = 34 + label.length * LEGEND_LETTER_PX;
    if (x > PADDING_PX && x + wide > widthPx) {
      x = PADDING_PX;
      row += 1;
    }
    const left = x;
    x += wide;
    const top = PADDING_PX + row * LEGEND_ROW_PX;
    return `<rect x="${left}" y="${top}" width="12" height="12" rx="3" fill="${resolveColours(colour)}"/><text x="${left + 18}" y="${top + 10.5}" fill="#1d1a18">${escapeHtml(label)}</text>`;
  });
  return {
    markup: parts.join(''),
    heightPx: entries.length === 0 ? 0 : (row + 1) * LEGEND_ROW_PX + 6,
  };
}
