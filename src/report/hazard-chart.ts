import * as Plot from '@observablehq/plot';
import type { Rate } from '../core/rate.ts';
import { drawChart } from './chart.ts';
import { type Html, withoutDirectionMarks } from './html.ts';
import { formatCount, formatPercent, formatPercentRange, formatRate } from './number-format.ts';

/** Below this many trials a bar is drawn hollow: its interval says more than its length. */
export const FEW_TRIALS = 30;

export interface HazardRow {
  readonly label: string;
  /** Whether the pair can be seen at all; over-refusal needs no detector and is always covered. */
  readonly covered: boolean;
  readonly rate: Rate;
}

const WIDTH_PX = 420;
const LEFT_PX = 146;
const RIGHT_PX = 80;
const TOP_PX = 22;
const ROW_PX = 24;

/** One bar a hazard and carrier, with interval; what cannot be told is drawn as such. */
export function drawHazardBars(
  rows: readonly HazardRow[],
  options: { readonly colour: string; readonly measure: string; readonly endpoint: string },
): Html {
  const placed = rows.map((row, index) => ({ ...row, y: index + 0.5, note: describe(row) }));
  const bars = placed.flatMap(({ rate, covered, y }) => {
    if (!covered || 'undefined' in rate) return [];
    const bounded = 'bounded' in rate;
    return [
      {
        y,
        from: bounded ? rate.boundLow : 0,
        to: bounded ? rate.boundHigh : rate.rate,
        ciLow: rate.ciLow,
        ciHigh: rate.ciHigh,
        bounded,
        few: rate.denominator < FEW_TRIALS,
        title: formatRate(rate).sentence,
      },
    ];
  });
  const nothing = placed.filter(({ rate, covered }) => !covered || 'undefined' in rate);
  const heightPx = TOP_PX + rows.length * ROW_PX + 6;
  return drawChart(
    {
      width: WIDTH_PX,
      height: heightPx,
      marginLeft: LEFT_PX,
      marginRight: RIGHT_PX,
      marginTop: TOP_PX,
      marginBottom: 6,
      x: { axis: null, domain: [0, 1] },
      y: { axis: null, domain: [0, rows.length], reverse: true },
      marks: [
        Plot.ruleX([0, 0.5, 1], { stroke: 'var(--line)' }),
        Plot.text([0, 0.5, 1], {
          x: (tick) => tick,
          y: () => 0,
          text: (tick) => `${tick * 100} %`,
          dy: -10,
          fill: 'var(--muted)',
          fontSize: 11,
        }),
        Plot.ruleY(nothing, { y: 'y', stroke: 'var(--line)', strokeDasharray: '2 4' }),
        Plot.rect(bars, {
          x1: 'from',
          x2: 'to',
          y1: (bar) => bar.y - 0.27,
          y2: (bar) => bar.y + 0.27,
          fill: options.colour,
          fillOpacity: (bar) => (bar.few ? 0 : bar.bounded ? 0.35 : 0.75),
          stroke: options.colour,
          strokeWidth: 1.25,
          title: 'title',
        }),
        Plot.link(bars, {
          x1: 'ciLow',
          x2: 'ciHigh',
          y1: 'y',
          y2: 'y',
          stroke: 'var(--ink)',
          strokeWidth: 1.5,
        }),
        Plot.dot(
          bars.filter((bar) => !bar.bounded),
          { x: 'to', y: 'y', r: 3, fill: 'var(--ink)' },
        ),
        Plot.text(placed, {
          x: () => 0,
          y: 'y',
          text: 'label',
          dx: -10,
          textAnchor: 'end',
          fill: 'var(--ink)',
          fontSize: 12,
        }),
        Plot.text(placed, {
          x: () => 1,
          y: 'y',
          text: 'note',
          dx: 10,
          textAnchor: 'start',
          fill: 'var(--muted)',
          fontSize: 11,
        }),
      ],
    },
    `${options.measure} of ${withoutDirectionMarks(options.endpoint)} by hazard and carrier. ${rows
      .map((row) => `${row.label}: ${row.covered ? formatRate(row.rate).value : 'not covered'}`)
      .join('; ')}.`,
  );
}

function describe({ rate, covered }: HazardRow): string {
  if (!covered) return 'not covered';
  if ('undefined' in rate) return 'no trials';
  const counts = formatCount(rate.denominator);
  if (rate.denominator < FEW_TRIALS) return `too few (${counts})`;
  return 'bounded' in rate
    ? formatPercentRange(rate.boundLow, rate.boundHigh)
    : `${formatPercent(rate.rate)} of ${counts}`;
}
