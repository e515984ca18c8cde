import * as Plot from '@observablehq/plot';
import type { CostQuality, FilterMeasure, FilterReport } from '../core/audit.ts';
import { isPointRate } from '../core/rate.ts';
import { drawChart } from './chart.ts';
import { type Html, shortLabel } from './html.ts';
import { formatPercent } from './number-format.ts';
import { endpointColour } from './plane-chart.ts';

/** From one mark to the next beside it. */
const MARK_PX = 19;
const TICKS = [0, 25, 50, 75, 100];
const MARGIN = { marginLeft: 50, marginRight: 16, marginTop: 14, marginBottom: 46 };

/** A filter with its number in the tables. */
export interface NumberedFilter {
  readonly number: number;
  readonly filter: FilterReport;
}

/** Recall against false alarms: each filter's curve, and its present threshold with 95 % intervals. */
export function drawOperatingCurves(filters: readonly NumberedFilter[], sizePx: number): Html {
  const lines = filters.flatMap(({ number, filter }) =>
    filter.overall.curve.map(({ fpr, tpr }) => ({ number, x: fpr * 100, y: tpr * 100 })),
  );
  const present = filters.flatMap(({ number, filter: { id, overall } }) => {
    const { tpr, fpr } = overall;
    if (!isPointRate(tpr) || !isPointRate(fpr)) return [];
    const title = `${shortLabel(id, 40)}: ${formatPercent(tpr.rate)} of the unsafe, ${formatPercent(fpr.rate)} of the safe`;
    return [{ number, title, x: fpr.rate * 100, y: tpr.rate * 100, tpr, fpr }];
  });
  // Marks at one place stand side by side: none hides another.
  const places = new Map<string, number>();
  const layers: (typeof present)[] = [];
  for (const one of present) {
    const place = `${Math.round(one.x / 3)} ${Math.round(one.y / 3)}`;
    const layer = places.get(place) ?? 0;
    places.set(place, layer + 1);
    layers[layer] = [...(layers[layer] ?? []), one];
  }
  return drawChart(
    {
      ...frame(sizePx, sizePx),
      marks: [
        ...grid('Flagged among the safe, %', 'Flagged among the unsafe, %'),
        Plot.link([0], {
          ...{ x1: 0, y1: 0, x2: 100, y2: 100 },
          stroke: 'var(--muted)',
          strokeDasharray: '3 4',
          strokeOpacity: 0.6,
        }),
        Plot.line(lines, {
          x: 'x',
          y: 'y',
          z: 'number',
          stroke: ({ number }) => endpointColour(number),
          strokeWidth: 2,
          strokeOpacity: 0.85,
        }),
        Plot.link(present, {
          x1: ({ fpr }) => fpr.ciLow * 100,
          x2: ({ fpr }) => fpr.ciHigh * 100,
          y1: 'y',
          y2: 'y',
          stroke: ({ number }) => endpointColour(number),
          strokeWidth: 1.5,
        }),
        Plot.link(present, {
          x1: 'x',
          x2: 'x',
          y1: ({ tpr }) => tpr.ciLow * 100,
          y2: ({ tpr }) => tpr.ciHigh * 100,
          stroke: ({ number }) => endpointColour(number),
          strokeWidth: 1.5,
        }),
        ...layers.flatMap((layer, at) => [
          Plot.dot(layer, {
            x: 'x',
            y: 'y',
            r: 9,
            dx: at * MARK_PX,
            fill: ({ number }) => endpointColour(number),
            stroke: 'var(--paper)',
            strokeWidth: 1.5,
            title: 'title',
          }),
          Plot.text(layer, {
            x: 'x',
            y: 'y',
            dx: at * MARK_PX,
            text: ({ number }) => `${number}`,
            fill: 'var(--on-colour)',
            fontSize: 11,
            fontWeight: 700,
          }),
        ]),
      ],
    },
    `Operating curves: recall against false alarms. ${present.map(({ number, title }) => `${number}, ${title}`).join('; ')}. All numbers stand in the table of filters.`,
  );
}

/** Share that was unsafe against the score that was given, in ten bins; dots grow with their samples. */
export function drawReliability(
  { reliability }: FilterMeasure,
  number: number,
  sizePx: number,
): Html {
  const bins = reliability.flatMap(({ count, predicted, observed }) =>
    predicted === null || observed === null
      ? []
      : [{ count, x: predicted * 100, y: observed * 100 }],
  );
  const most = Math.max(1, ...bins.map(({ count }) => count));
  return drawChart(
    {
      ...frame(sizePx, sizePx),
      marks: [
        ...grid('Score, %', 'Unsafe, %'),
        Plot.link([0], {
          ...{ x1: 0, y1: 0, x2: 100, y2: 100 },
          stroke: 'var(--muted)',
          strokeDasharray: '3 4',
        }),
        Plot.line(bins, { x: 'x', y: 'y', stroke: endpointColour(number), strokeWidth: 1.5 }),
        Plot.dot(bins, {
          x: 'x',
          y: 'y',
          r: ({ count }) => 3 + 7 * Math.sqrt(count / most),
          fill: endpointColour(number),
          fillOpacity: 0.8,
          title: ({ count }) => `${count} samples`,
        }),
      ],
    },
    `Reliability of filter ${number}: ${bins.map(({ x, y, count }) => `at a score of ${x.toFixed(0)} % ${y.toFixed(0)} % of ${count} were unsafe`).join('; ')}.`,
  );
}

/** Balanced accuracy against how often the dear filter is asked. */
export function drawCostQuality({ cascade, points }: CostQuality, widthPx: number): Html {
  const placed = points.map((point) => ({
    ...point,
    x: point.secondStageShare * 100,
    y: point.balancedAccuracy * 100,
  }));
  const line = placed.filter(({ present }) => !present).toSorted((a, b) => a.x - b.x);
  return drawChart(
    {
      ...frame(widthPx, Math.round(widthPx * 0.7)),
      marks: [
        ...grid('Asked the second filter, %', 'Balanced accuracy, %'),
        Plot.line(line, { x: 'x', y: 'y', stroke: 'var(--e1)', strokeWidth: 2 }),
        Plot.dot(line, { x: 'x', y: 'y', r: 3, fill: 'var(--e1)' }),
        Plot.dot(
          placed.filter(({ present }) => present),
          { x: 'x', y: 'y', r: 7, fill: 'var(--accent)', stroke: 'var(--paper)', strokeWidth: 1.5 },
        ),
      ],
    },
    `Cost and quality of ${shortLabel(cascade, 40)}: ${placed.map(({ x, y, present }) => `${present ? 'now: ' : ''}${x.toFixed(0)} % asked, balanced accuracy ${y.toFixed(0)} %`).join('; ')}.`,
  );
}

function frame(width: number, height: number): Plot.PlotOptions {
  return {
    width,
    height,
    ...MARGIN,
    x: { domain: [0, 100], label: null, ticks: [], nice: false },
    y: { domain: [0, 100], label: null, ticks: [], nice: false },
  };
}

function grid(xLabel: string, yLabel: string): Plot.Markish[] {
  const small = { fill: 'var(--muted)', fontSize: 11 };
  return [
    Plot.rect([0], { x1: 0, x2: 100, y1: 0, y2: 100, fill: 'var(--plot)' }),
    Plot.ruleX(TICKS, { stroke: 'var(--line)' }),
    Plot.ruleY(TICKS, { stroke: 'var(--line)' }),
    Plot.text(TICKS, {
      x: (tick) => tick,
      y: () => 0,
      text: (tick) => `${tick}`,
      dy: 14,
      ...small,
    }),
    Plot.text(TICKS, {
      x: () => 0,
      y: (tick) => tick,
      text: (tick) => `${tick}`,
      dx: -8,
      textAnchor: 'end',
      ...small,
    }),
    Plot.text([xLabel], {
      frameAnchor: 'bottom',
      dy: 38,
      text: (label) => label,
      fill: 'var(--ink)',
      fontSize: 12,
    }),
    Plot.text([yLabel], {
      frameAnchor: 'left',
      dx: -38,
      rotate: -90,
      textAnchor: 'middle',
      text: (label) => label,
      fill: 'var(--ink)',
      fontSize: 12,
    }),
  ];
}
