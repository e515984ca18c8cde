import * as Plot from '@observablehq/plot';
import { drawChart } from './chart.ts';
import type { Html } from './html.ts';
import type { Timeline } from './model.ts';
import { formatClock, formatScore } from './number-format.ts';

const WIDTH_PX = 300;
const HEIGHT_PX = 118;

/** Risk over a video: a dot for each sampled frame, the policy's limits, peak and onset. */
export function drawTimeline(timeline: Timeline): Html {
  const { thresholds, points, peak, onsetMs } = timeline;
  const end = Math.max(timeline.durationMs, points.at(-1)?.timeMs ?? 0, 1);
  const limits = [
    { score: thresholds.borderline, dash: '1 3', text: 'borderline' },
    { score: thresholds.harmful, dash: '4 3', text: 'harmful' },
    { score: thresholds.harmfulPeak, dash: '8 3', text: 'one frame' },
  ];
  const dots = points.map((point) => ({ ...point, over: point.score >= thresholds.harmful }));
  return drawChart(
    {
      width: WIDTH_PX,
      height: HEIGHT_PX,
      marginLeft: 24,
      marginRight: 58,
      marginTop: 12,
      marginBottom: 22,
      x: { axis: null, domain: [0, end] },
      y: { axis: null, domain: [0, 1] },
      marks: [
        Plot.ruleY([0], { stroke: 'var(--line)' }),
        Plot.text([0, 1], {
          x: () => 0,
          y: (tick) => tick,
          text: (tick) => `${tick}`,
          dx: -7,
          textAnchor: 'end',
          fill: 'var(--muted)',
          fontSize: 10,
        }),
        ...limits.map(({ score, dash }) =>
          Plot.ruleY([score], { stroke: 'var(--muted)', strokeDasharray: dash }),
        ),
        Plot.text(spread(limits), {
          x: () => end,
          y: 'y',
          text: 'text',
          dx: 5,
          textAnchor: 'start',
          fill: 'var(--muted)',
          fontSize: 10,
        }),
        ...(onsetMs === null
          ? []
          : [
              Plot.ruleX([onsetMs], { stroke: 'var(--v-harmful)', strokeWidth: 1.25 }),
              Plot.text([onsetMs], {
                x: (time) => time,
                y: () => 1,
                text: () => 'onset',
                dy: -7,
                textAnchor: onsetMs > end * 0.8 ? 'end' : onsetMs < end * 0.1 ? 'start' : 'middle',
                fill: 'var(--ink)',
                fontSize: 10,
              }),
            ]),
        Plot.line(dots, { x: 'timeMs', y: 'score', stroke: 'var(--ink)', strokeWidth: 1.25 }),
        Plot.dot(
          dots.filter((dot) => !dot.over),
          { x: 'timeMs', y: 'score', r: 2.25, fill: 'var(--ink)' },
        ),
        Plot.dot(
          dots.filter((dot) => dot.over),
          { x: 'timeMs', y: 'score', r: 2.75, fill: 'var(--v-harmful)' },
        ),
        Plot.dot([peak], {
          x: 'timeMs',
          y: 'score',
          r: 5,
          stroke: 'var(--ink)',
          strokeWidth: 1.25,
        }),
        Plot.text([0, end], {
          x: (time) => time,
          y: () => 0,
          text: (time) => formatClock(time),
          dy: 12,
          fill: 'var(--muted)',
          fontSize: 10,
        }),
      ],
    },
    summarizeTimeline(timeline),
  );
}

/** The same in words. */
export function summarizeTimeline({
  points,
  peak,
  onsetMs,
  thresholds,
  byWorstFrame,
}: Timeline): string {
  return [
    `Risk over ${points.length} sampled ${points.length === 1 ? 'frame' : 'frames'}`,
    `peak ${formatScore(peak.score)} at ${formatClock(peak.timeMs)}`,
    onsetMs === null
      ? byWorstFrame
        ? `no onset (limit: ${formatScore(thresholds.harmful)} in any frame)`
        : `no onset (limits: ${formatScore(thresholds.harmful)} for two frames in a row, ${formatScore(thresholds.harmfulPeak)} for one)`
      : `onset at ${formatClock(onsetMs)}`,
  ].join(', ');
}

/** Moves the names of neighbouring limits apart, so that none covers another. */
function spread(
  limits: readonly { readonly score: number; readonly text: string }[],
): { readonly y: number; readonly text: string }[] {
  const gap = 0.15;
  let floor = 0;
  const raised = [...limits]
    .sort((a, b) => a.score - b.score)
    .map(({ score, text }) => {
      const y = Math.max(score, floor);
      floor = y + gap;
      return { y, text };
    });
  let ceiling = 1;
  return raised
    .reverse()
    .map(({ y, text }) => {
      const lowered = Math.min(y, ceiling);
      ceiling = lowered - gap;
      return { y: lowered, text };
    })
    .reverse();
}
