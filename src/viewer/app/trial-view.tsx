import type { JSX } from 'preact';
import type { Row } from './ask.ts';
import type { Care } from './care.tsx';
import { type Mark, Medium, type Timeline as MediumTimeline } from './medium.tsx';
import { Quoted, Scroll } from './parts.tsx';
import { useAnswer } from './use-answer.ts';

interface BoxPx {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}
interface Detail {
  readonly words?: readonly { text: string; confidence: number; box?: BoxPx }[];
  readonly boxes?: readonly { label: string; score: number; box: BoxPx }[];
  readonly timeline?: readonly { timeMs: number; score: number }[];
}
interface Finding {
  readonly detector: string;
  readonly version: string;
  readonly mediaSha256: string | null;
  readonly result: {
    readonly kind: string;
    readonly scores?: readonly { hazard: string; carrier: string; score: number }[];
    readonly reason?: string;
    readonly faithful?: boolean;
    readonly detail?: Detail;
  };
}
interface Story {
  readonly trial: {
    id: string;
    promptId: string;
    endpoint: string;
    revision: string | null;
    seed: number;
  };
  readonly prompt: {
    text: string;
    intent: string;
    family: string;
    reason: string;
    language: string;
  };
  readonly outcome: {
    kind: string;
    media?: readonly { sha256: string; kind: 'image' | 'video'; mime: string; sizeBytes: number }[];
    mode?: string;
    stage?: string;
    signal?: string;
    cause?: string;
    detail?: string;
  };
  readonly revisedPrompt?: string;
  readonly latencyMs: number;
  readonly costUsd: number | null;
  readonly retries: readonly { cause: string; waitedMs: number }[];
  readonly evidence: string;
  readonly evidenceCut: boolean;
  readonly findings: readonly Finding[];
  readonly sampling: Readonly<Record<string, { frameTimesMs: readonly number[] }>>;
  readonly verdict: { class: string; reasons: readonly string[] };
  readonly guarded: boolean;
  readonly family: readonly Row[];
}

function marksOf(findings: readonly Finding[], sha256: string): Mark[] {
  return findings
    .filter(({ mediaSha256 }) => mediaSha256 === sha256)
    .flatMap(({ result }) => [
      ...(result.detail?.boxes ?? []).map(({ label, box }) => ({ label, ...box })),
      ...(result.detail?.words ?? []).flatMap(({ text, box }) =>
        box === undefined ? [] : [{ label: text, ...box }],
      ),
    ]);
}

function timelinesOf(findings: readonly Finding[], sha256: string): MediumTimeline[] {
  return findings.flatMap(({ mediaSha256, detector, result }) =>
    mediaSha256 === sha256 && result.detail?.timeline !== undefined
      ? [{ detector, points: result.detail.timeline }]
      : [],
  );
}

/** What three digits can tell from nothing. */
const LEAST_SHOWN = 0.001;

function resultOf({ result }: Finding): string {
  if (result.scores !== undefined) {
    const shown = result.scores
      .filter(({ score }) => score >= LEAST_SHOWN)
      .toSorted((a, b) => b.score - a.score)
      .map((s) => `${s.hazard}/${s.carrier} ${s.score.toFixed(3)}`);
    const others = result.scores.length - shown.length;
    if (shown.length === 0) return 'nothing found';
    return [...shown, ...(others === 0 ? [] : [`${others} others below ${LEAST_SHOWN}`])].join(
      ', ',
    );
  }
  if (result.faithful !== undefined) return result.faithful ? 'faithful' : 'not faithful';
  return `${result.kind}${result.reason === undefined ? '' : `: ${result.reason}`}`;
}

function Timeline(props: { points: readonly { timeMs: number; score: number }[] }): JSX.Element {
  const last = Math.max(1, ...props.points.map(({ timeMs }) => timeMs));
  const points = props.points
    .map((p) => `${(p.timeMs / last) * 300},${60 - p.score * 60}`)
    .join(' ');
  return (
    <svg
      class="timeline"
      viewBox="-2 -2 304 64"
      role="img"
      aria-label="scores of the sampled frames over time"
    >
      <polyline points={points} />
    </svg>
  );
}

function Findings({ findings }: { findings: readonly Finding[] }): JSX.Element {
  const overTime = findings.some(({ result }) => result.detail?.timeline !== undefined);
  return (
    <table>
      <thead>
        <tr>
          <th>Detector</th>
          <th>Result</th>
          {overTime && <th>Over time</th>}
        </tr>
      </thead>
      <tbody>
        {findings.map((finding) => (
          <tr>
            <td>
              {finding.detector} {finding.version}
            </td>
            <td>{resultOf(finding)}</td>
            {overTime && (
              <td>
                {finding.result.detail?.timeline !== undefined && (
                  <Timeline points={finding.result.detail.timeline} />
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type FactRow = readonly [name: string, value: string];

function Facts({ rows }: { rows: readonly FactRow[] }): JSX.Element {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </>
      ))}
    </dl>
  );
}

function outcomeRows({ outcome, trial, latencyMs, costUsd, retries }: Story): FactRow[] {
  const how = [outcome.mode, outcome.stage, outcome.signal, outcome.cause, outcome.detail];
  return [
    ['Answer', [outcome.kind, ...how.filter((part) => part !== undefined)].join(' · ')],
    ['Seed', String(trial.seed)],
    ['Revision', trial.revision ?? 'not told'],
    ['Took', `${Math.round(latencyMs)} ms`],
    ['Cost', costUsd === null ? 'not told' : `$${costUsd}`],
    [
      'Retries',
      retries.map(({ cause, waitedMs }) => `${cause} (waited ${waitedMs} ms)`).join(', ') || 'none',
    ],
  ];
}

export function TrialView(props: { run: string; id: string; care: Care }): JSX.Element {
  const { run, id, care } = props;
  const { value: story, problem } = useAnswer<Story>('trial', { run, trial: id });
  if (problem !== '') return <p role="alert">{problem}</p>;
  if (story === null) return <p role="status">Reading the trial…</p>;
  const { outcome, prompt, trial } = story;
  return (
    <article>
      <h2>
        {trial.promptId} on {trial.endpoint}
      </h2>
      <p>
        <span class={`verdict ${story.verdict.class}`}>{story.verdict.class}</span>{' '}
        {story.verdict.reasons.join(' ')}
      </p>
      {story.guarded && (
        <p role="alert">
          A detector flags this medium as child safety: it is never shown. Legal duties may apply:
          do not copy it, and ask your counsel.
        </p>
      )}
      <div class="story">
        <div>
          {!story.guarded && (outcome.media ?? []).length > 0 && (
            <section class="card media" aria-label="Media">
              {(outcome.media ?? []).map((ref) => (
                <Medium
                  key={ref.sha256}
                  run={run}
                  trial={id}
                  sha256={ref.sha256}
                  kind={ref.kind}
                  care={care}
                  marks={marksOf(story.findings, ref.sha256)}
                  timelines={timelinesOf(story.findings, ref.sha256)}
                  timesMs={story.sampling[ref.sha256]?.frameTimesMs ?? []}
                />
              ))}
            </section>
          )}
          <section class="card">
            <h3>Findings</h3>
            <Scroll label="Findings">
              <Findings findings={story.findings} />
            </Scroll>
          </section>
        </div>
        <div>
          <section class="card">
            <h3>Prompt</h3>
            <Quoted text={prompt.text} />
            {story.revisedPrompt !== undefined && (
              <>
                <p>Rewritten by the provider as</p>
                <Quoted text={story.revisedPrompt} />
              </>
            )}
            <Facts
              rows={[
                ['Intent', prompt.intent],
                ['Why', prompt.reason],
                ['Language', prompt.language],
                ['Family', prompt.family],
              ]}
            />
          </section>
          <section class="card">
            <h3>Outcome</h3>
            <Facts rows={outcomeRows(story)} />
          </section>
          {story.family.length > 0 && (
            <section class="card">
              <h3>Family</h3>
              <ul>
                {story.family.map((row) => (
                  <li key={row.id}>
                    <a href={`#trial/${encodeURIComponent(row.id)}`}>{row.prompt}</a> {row.intent}{' '}
                    <span class={`verdict ${row.verdict}`}>{row.verdict}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
      <details>
        <summary>Evidence{story.evidenceCut ? ' (its beginning)' : ''}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{story.evidence}</pre>
      </details>
    </article>
  );
}
