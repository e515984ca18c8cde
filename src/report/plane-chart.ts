import * as Plot from '@observablehq/plot';
import type { Rate } from '../core/rate.ts';
import type { EndpointSummary } from '../core/summary.ts';
import { drawChart } from './chart.ts';
import { type Html, shortLabel, withoutDirectionMarks } from './html.ts';
import { placeLabels } from './label-placement.ts';
import { formatRate } from './number-format.ts';

/** An endpoint that has a place on the plane. Shares are 0–1. */
export interface PlanePoint {
  /** 1-based position in the tables. */
  readonly number: number;
  readonly id: string;
  readonly harm: PlaneRate;
  readonly overRefusal: PlaneRate;
}

type PlaneRate = Exclude<Rate, { readonly undefined: true }>;

/** Points for all endpoints that have both rates; the others are listed in words by the page. */
export function planePoints(endpoints: readonly EndpointSummary[]): PlanePoint[] {
  return endpoints.flatMap(({ id, harm, overRefusal }, index) =>
    'undefined' in harm || 'undefined' in overRefusal
      ? []
      : [{ number: index + 1, id, harm, overRefusal }],
  );
}

const MARGIN = { left: 52, right: 20, top: 30, bottom: 58 };

/** Harm against over-refusal, both 0–100 %, with 95 % intervals as crosshairs. */
export function drawPlane(
  points: readonly PlanePoint[],
  options: { readonly sizePx: number; readonly showIds: boolean },
): Html {
  const { sizePx } = options;
  const widthPx = sizePx - MARGIN.left - MARGIN.right;
  const heightPx = sizePx - MARGIN.top - MARGIN.bottom;
  const marks = points.map((point) => {
    const colour = endpointColour(point.number);
    const x = spanOf(point.overRefusal);
    const y = spanOf(point.harm);
    return { ...point, colour, x, y, exact: x.exact && y.exact };
  });
  const labels = placeLabels(
    marks.map((mark) => ({
      x: (mark.x.middle / 100) * widthPx,
      y: (1 - mark.y.middle / 100) * heightPx,
      text: options.showIds ? `${mark.number}  ${shortLabel(mark.id, 20)}` : `${mark.number}`,
    })),
    {
      widthPx,
      heightPx,
      fontPx: 12,
      obstacles: marks.flatMap(({ x, y }) => [
        {
          left: (x.ciLow / 100) * widthPx,
          right: (x.ciHigh / 100) * widthPx,
          top: (1 - y.middle / 100) * heightPx - 2,
          bottom: (1 - y.middle / 100) * heightPx + 2,
        },
        {
          left: (x.middle / 100) * widthPx - (y.exact ? 2 : 5),
          right: (x.middle / 100) * widthPx + (y.exact ? 2 : 5),
          top: (1 - y.ciHigh / 100) * heightPx,
          bottom: (1 - y.ciLow / 100) * heightPx,
        },
      ]),
    },
  ).map((label, index) => ({
    ...label,
    x: (label.x / widthPx) * 100,
    y: (1 - label.y / heightPx) * 100,
    fromX: marks[index]?.x.middle ?? 0,
    fromY: marks[index]?.y.middle ?? 0,
    text: label.text,
  }));
  return drawChart(
    {
      width: sizePx,
      height: sizePx,
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginTop: MARGIN.top,
      marginBottom: MARGIN.bottom,
      x: { domain: [0, 100], label: null, ticks: [], nice: false },
      y: { domain: [0, 100], label: null, ticks: [], nice: false },
      marks: [
        Plot.rect([0], { x1: 0, x2: 100, y1: 0, y2: 100, fill: 'var(--plot)' }),
        // Nested corners read as "better towards here" without a gradient, which would need an id.
        ...[50, 33, 18].map((limit) =>
          Plot.rect([0], {
            x1: 0,
            x2: limit,
            y1: 0,
            y2: limit,
            fill: 'var(--good)',
            fillOpacity: 0.07,
          }),
        ),
        Plot.ruleX([0, 25, 50, 75, 100], { stroke: 'var(--line)' }),
        Plot.ruleY([0, 25, 50, 75, 100], { stroke: 'var(--line)' }),
        Plot.line(
          [
            [0, 100],
            [100, 0],
          ],
          { stroke: 'var(--muted)', strokeOpacity: 0.6, strokeDasharray: '3 4' },
        ),
        axisLabels(options.showIds),
        Plot.dot(REFERENCES, {
          x: 'x',
          y: 'y',
          r: 5,
          symbol: 'diamond',
          fill: 'var(--paper)',
          stroke: 'var(--muted)',
        }),
        ...REFERENCES.map((reference) =>
          Plot.text([reference], {
            x: 'x',
            y: 'y',
            text: 'text',
            textAnchor: reference.anchor,
            dx: reference.dx,
            dy: reference.dy,
            fill: 'var(--muted)',
            fontSize: 11,
          }),
        ),
        Plot.text([{ x: 0, y: 0, text: '↙ better' }], {
          x: 'x',
          y: 'y',
          text: 'text',
          textAnchor: 'start',
          dx: -8,
          dy: 34,
          fill: 'var(--good)',
          fontSize: 12,
          fontWeight: 600,
        }),
        Plot.rect(marks, {
          x1: (mark) => jointLow(mark.x),
          x2: (mark) => jointHigh(mark.x),
          y1: (mark) => jointLow(mark.y),
          y2: (mark) => jointHigh(mark.y),
          fill: (mark) => mark.colour,
          fillOpacity: 0.07,
          stroke: (mark) => mark.colour,
          strokeOpacity: 0.55,
          strokeDasharray: '2 3',
        }),
        Plot.link(marks, {
          x1: (mark) => mark.x.ciLow,
          x2: (mark) => mark.x.ciHigh,
          y1: (mark) => mark.y.middle,
          y2: (mark) => mark.y.middle,
          stroke: (mark) => mark.colour,
          strokeWidth: 1.75,
          strokeLinecap: 'round',
        }),
        Plot.link(marks, {
          x1: (mark) => mark.x.middle,
          x2: (mark) => mark.x.middle,
          y1: (mark) => mark.y.ciLow,
          y2: (mark) => mark.y.ciHigh,
          stroke: (mark) => mark.colour,
          strokeWidth: 1.75,
          strokeLinecap: 'round',
        }),
        Plot.link(
          marks.filter((mark) => !mark.x.exact),
          {
            x1: (mark) => mark.x.boundLow,
            x2: (mark) => mark.x.boundHigh,
            y1: (mark) => mark.y.middle,
            y2: (mark) => mark.y.middle,
            stroke: (mark) => mark.colour,
            strokeWidth: 9,
            strokeOpacity: 0.4,
          },
        ),
        Plot.link(
          marks.filter((mark) => !mark.y.exact),
          {
            x1: (mark) => mark.x.middle,
            x2: (mark) => mark.x.middle,
            y1: (mark) => mark.y.boundLow,
            y2: (mark) => mark.y.boundHigh,
            stroke: (mark) => mark.colour,
            strokeWidth: 9,
            strokeOpacity: 0.4,
          },
        ),
        Plot.dot(
          marks.filter((mark) => mark.exact),
          {
            x: (mark) => mark.x.middle,
            y: (mark) => mark.y.middle,
            r: 5.5,
            fill: (mark) => mark.colour,
            stroke: 'var(--paper)',
            strokeWidth: 1.5,
            title: (mark) =>
              `${withoutDirectionMarks(mark.id)}: harm ${formatRate(mark.harm).sentence}; over-refusal ${formatRate(mark.overRefusal).sentence}`,
          },
        ),
        Plot.link(
          labels.filter((label) => label.leader),
          { x1: 'fromX', y1: 'fromY', x2: 'x', y2: 'y', stroke: 'var(--muted)', strokeWidth: 0.75 },
        ),
        Plot.text(labels, {
          x: 'x',
          y: 'y',
          text: 'text',
          fill: 'var(--ink)',
          stroke: 'var(--plot)',
          strokeWidth: 4,
          fontSize: 12,
          fontWeight: 600,
        }),
      ],
    },
    summarize(points),
  );
}

/** Okabe–Ito hues in turn; the number beside each mark says the same without colour. */
export function endpointColour(number: number): string {
  return `var(--e${((number - 1) % 7) + 1})`;
}

const REFERENCES = [
  { x: 0, y: 100, text: 'always comply', anchor: 'start', dx: -5, dy: -16 },
  { x: 100, y: 0, text: 'always refuse', anchor: 'end', dx: 10, dy: 34 },
] as const;

function axisLabels(wide: boolean): Plot.Markish {
  const ticks = [0, 25, 50, 75, 100];
  const small = { fill: 'var(--muted)', fontSize: 11 };
  return [
    Plot.text(ticks, {
      x: (tick) => tick,
      y: () => 0,
      text: (tick) => `${tick}`,
      dy: 17,
      ...small,
    }),
    Plot.text(ticks, {
      x: () => 0,
      y: (tick) => tick,
      text: (tick) => `${tick}`,
      dx: -8,
      textAnchor: 'end',
      ...small,
    }),
    Plot.text([wide ? 'Over-refusal, % of benign prompts declined' : 'Over-refusal, %'], {
      frameAnchor: 'bottom',
      dy: 48,
      text: (label) => label,
      fill: 'var(--ink)',
      fontSize: 12,
    }),
    Plot.text([wide ? 'Harm, % of harmful prompts answered with harm' : 'Harm, %'], {
      frameAnchor: 'left',
      dx: -40,
      rotate: -90,
      textAnchor: 'middle',
      text: (label) => label,
      fill: 'var(--ink)',
      fontSize: 12,
    }),
  ];
}

interface Span {
  readonly middle: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly boundLow: number;
  readonly boundHigh: number;
  /** Whether `middle` is a measured value, or only a place to hang bars on. */
  readonly exact: boolean;
}

/**
 * From one rate's 95 % to 97.5 %, so that both hold at once with 95 % however they depend on each
 * other (Bonferroni): the ratio of the normal quantiles 2.2414 and 1.9600.
 */
const JOINT_WIDENING = 1.1436;

function jointLow({ middle, ciLow }: Span): number {
  return Math.max(0, middle - (middle - ciLow) * JOINT_WIDENING);
}

function jointHigh({ middle, ciHigh }: Span): number {
  return Math.min(100, middle + (ciHigh - middle) * JOINT_WIDENING);
}

function spanOf(rate: PlaneRate): Span {
  const exact = !('bounded' in rate);
  return {
    middle: 100 * ('bounded' in rate ? (rate.boundLow + rate.boundHigh) / 2 : rate.rate),
    ciLow: 100 * rate.ciLow,
    ciHigh: 100 * rate.ciHigh,
    boundLow: 100 * rate.boundLow,
    boundHigh: 100 * rate.boundHigh,
    exact,
  };
}

function summarize(points: readonly PlanePoint[]): string {
  const each = points.map(
    ({ number, id, harm, overRefusal }) =>
      `${number}, ${shortLabel(id, 60)}: harm ${formatRate(harm).value}, over-refusal ${formatRate(overRefusal).value}`,
  );
  return `Plane of harm against over-refusal, lower left is better. ${each.length > 0 ? each.join('; ') : 'No endpoint has both rates'}. All numbers stand in the table of endpoints.`;
}
