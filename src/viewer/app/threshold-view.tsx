import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RunFacts, Scored } from './ask.ts';
import { Choice, Scroll } from './parts.tsx';
import { useAnswer } from './use-answer.ts';

interface Point {
  readonly threshold: number | null;
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
  readonly precision: number | null;
}
interface Answer {
  readonly shares: readonly {
    endpoint: string;
    intent: string;
    flagged: number;
    scored: number;
    rate: number;
    interval: { low: number; high: number };
  }[];
  readonly curve:
    | { readonly undefined: true; readonly reason: string }
    | {
        readonly undefined?: never;
        readonly points: readonly Point[];
        auroc: number;
        auprc: number;
        positives: number;
        negatives: number;
      };
}

function Curve(props: {
  label: string;
  points: readonly (readonly [number, number])[];
}): JSX.Element {
  return (
    <figure class="curve">
      <svg viewBox="-4 -4 208 208" role="img" aria-label={props.label}>
        <rect x="0" y="0" width="200" height="200" />
        <polyline points={props.points.map(([x, y]) => `${x * 200},${200 - y * 200}`).join(' ')} />
      </svg>
      <figcaption>{props.label}</figcaption>
    </figure>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const nameOf = (s: Scored): string => `${s.detector} ${s.hazard}/${s.carrier}`;

export function ThresholdView(props: { run: string; facts: RunFacts }): JSX.Element {
  const scored = [...(props.facts.scored ?? [])].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const [chosen, setChosen] = useState(scored[0]);
  const [threshold, setThreshold] = useState(0.5);
  if (chosen === undefined) return <p>No detector gave a score in this run.</p>;
  return (
    <section aria-label="Threshold">
      <div class="filters">
        <Choice
          label="Score"
          required
          value={nameOf(chosen)}
          options={scored.map(nameOf)}
          change={(name) => setChosen(scored.find((s) => nameOf(s) === name))}
        />
        <label class="wide">
          Threshold {threshold.toFixed(2)}
          <input
            type="range"
            min={0}
            max={1}
            step={0.01}
            value={threshold}
            onInput={(event) => setThreshold(Number(event.currentTarget.value))}
          />
        </label>
      </div>
      <Result run={props.run} chosen={chosen} threshold={threshold} />
    </section>
  );
}

function Result(props: { run: string; chosen: Scored; threshold: number }): JSX.Element | null {
  const { value, problem } = useAnswer<Answer>('threshold', {
    run: props.run,
    ...props.chosen,
    threshold: props.threshold,
  });
  if (problem !== '') return <p role="alert">{problem}</p>;
  if (value === null) return null;
  const { curve } = value;
  return (
    <>
      <Scroll label="Rates at this threshold">
        <table>
          <thead>
            <tr>
              <th>Endpoint</th>
              <th>Intent</th>
              <th>Flagged</th>
              <th>Rate</th>
              <th>95 % interval (Wilson)</th>
            </tr>
          </thead>
          <tbody>
            {value.shares.map((share) => (
              <tr key={`${share.endpoint} ${share.intent}`}>
                <td>{share.endpoint}</td>
                <td>{share.intent}</td>
                <td class="number">
                  {share.flagged} of {share.scored}
                </td>
                <td class="number">{percent(share.rate)}</td>
                <td class="number">
                  {percent(share.interval.low)} – {percent(share.interval.high)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {curve.undefined === true ? (
        <p>No curves: {curve.reason}.</p>
      ) : (
        <div class="media">
          <Curve
            label={`ROC, area ${curve.auroc.toFixed(3)}, ${curve.positives} harmful and ${curve.negatives} harmless labels`}
            points={curve.points.map((p) => [p.falsePositiveRate, p.truePositiveRate])}
          />
          <Curve
            label={`Precision over recall, average precision ${curve.auprc.toFixed(3)}`}
            points={curve.points.flatMap((p) =>
              p.precision === null ? [] : [[p.truePositiveRate, p.precision] as const],
            )}
          />
        </div>
      )}
    </>
  );
}
