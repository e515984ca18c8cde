import * as Plot from '@observablehq/plot';
import { drawChart } from './chart.ts';
import { type Html, shortLabel } from './html.ts';
import { formatCount, formatPercent } from './number-format.ts';

export interface BarRow {
  readonly label: string;
  /** Named at the end of the row's label, such as `512 trials`. */
  readonly note: string;
  readonly segments: readonly BarSegment[];
}

export interface BarSegment {
  readonly label: string;
  readonly count: number;
  /** A colour of the page, such as `var(--v-harmful)`. */
  readonly colour: string;
  /** A colour for the count on it. */
  readonly inkColour: string;
}

const ROW_PX = 58;
const BAR_PX = 24;
/** A count narrower than its segment is left to the legend and the hover text. */
const DIGIT_PX = 7.5;

/** One full-width bar a row, parted by share; each row needs at least one count above zero. */
export function drawStackedBars(
  rows: readonly BarRow[],
  options: { readonly widthPx: number; readonly summary: string },
): Html {
  const { widthPx } = options;
  const cells = rows.flatMap((row, rowIndex) => {
    const total = row.segments.reduce((sum, segment) => sum + segment.count, 0);
    let end = 0;
    return row.segments
      .filter((segment) => segment.count > 0)
      .map((segment) => {
        const x1 = end / total;
        end += segment.count;
        const x2 = end / total;
        const text = formatCount(segment.count);
        return {
          ...segment,
          x1,
          x2,
          top: rowIndex * ROW_PX + 22,
          text: (x2 - x1) * widthPx > text.length * DIGIT_PX + 6 ? text : '',
          title: `${segment.label}: ${text} of ${formatCount(total)} (${formatPercent(segment.count / total)})`,
        };
      });
  });
  const heightPx = rows.length * ROW_PX - 10;
  const titles = rows.map((row, index) => ({ ...row, y: index * ROW_PX + 10 }));
  return drawChart(
    {
      width: widthPx,
      height: heightPx,
      margin: 0,
      x: { axis: null, domain: [0, 1] },
      y: { axis: null, domain: [0, heightPx], reverse: true },
      marks: [
        Plot.rect(cells, {
          x1: 'x1',
          x2: 'x2',
          y1: 'top',
          y2: (cell) => cell.top + BAR_PX,
          fill: (cell) => cell.colour,
          stroke: 'var(--paper)',
          strokeWidth: 1,
          title: 'title',
        }),
        Plot.text(
          cells.filter((cell) => cell.text !== ''),
          {
            x: (cell) => (cell.x1 + cell.x2) / 2,
            y: (cell) => cell.top + BAR_PX / 2,
            text: 'text',
            fill: (cell) => cell.inkColour,
            fontSize: 11,
            fontWeight: 600,
          },
        ),
        Plot.text(titles, {
          x: () => 0,
          y: 'y',
          text: (row) => shortLabel(row.label, widthPx < 450 ? 28 : 60),
          textAnchor: 'start',
          fill: 'var(--ink)',
          fontSize: 13,
          fontWeight: 600,
        }),
        Plot.text(titles, {
          x: () => 1,
          y: 'y',
          text: 'note',
          textAnchor: 'end',
          fill: 'var(--muted)',
          fontSize: 12,
        }),
      ],
    },
    options.summary,
  );
}
