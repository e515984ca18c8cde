import type { JSX } from 'preact';
import type { Row } from './ask.ts';
import type { Care } from './care.tsx';
import { type Mark, Medium } from './medium.tsx';
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

function resultOf({ result }: Finding): string {
  if (result.scores !== undefined) {
    return (
      result.scores.map((s) => `${s.hazard}/${s.carrier} ${s.score.toFixed(3)}`).join(', ') ||
      'nothing found'
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
      <h3>Prompt</h3>
      <Quoted text={prompt.text} />
      {story.revisedPrompt !== undefined && (
        <>
          <p>Rewritten by the provider as</p>
          <Quoted text={story.revisedPrompt} />
        </>
      )}
      <p>
        {prompt.intent}, {prompt.language}, family {prompt.family}. {prompt.reason}
      </p>
      <h3>Outcome</h3>
      <p>
        {[outcome.kind, outcome.mode, outcome.stage, outcome.signal, outcome.cause, outcome.detail]
          .filter((part) => part !== undefined)
          .join(' · ')}
      </p>
      <p>
        seed {trial.seed}, revision {trial.revision ?? 'not told'}, {Math.round(story.latencyMs)}{' '}
        ms, {story.costUsd === null ? 'cost not told' : `$${story.costUsd}`}, {story.retries.length}{' '}
        retries
        {story.retries.map((retry) => `, ${retry.cause} (waited ${retry.waitedMs} ms)`).join('')}
      </p>
      {story.guarded && (
        <p role="alert">
          A detector flags this medium as child safety: it is never shown. Legal duties may apply:
          do not copy it, and ask your counsel.
        </p>
      )}
      <div class="media">
        {!story.guarded &&
          (outcome.media ?? []).map((ref) => (
            <Medium
              key={ref.sha256}
              run={run}
              trial={id}
              sha256={ref.sha256}
              kind={ref.kind}
              care={care}
              marks={marksOf(story.findings, ref.sha256)}
              timesMs={story.sampling[ref.sha256]?.frameTimesMs ?? []}
            />
          ))}
      </div>
      <h3>Findings</h3>
      <Scroll label="Findings">
        <table>
          <thead>
            <tr>
              <th>Detector</th>
              <th>Result</th>
              <th>Over time</th>
            </tr>
          </thead>
          <tbody>
            {story.findings.map((finding) => (
              <tr>
                <td>
                  {finding.detector} {finding.version}
                </td>
                <td>{resultOf(finding)}</td>
                <td>
                  {finding.result.detail?.timeline !== undefined && (
                    <Timeline points={finding.result.detail.timeline} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <h3>Family</h3>
      <ul>
        {story.family.map((row) => (
          <li key={row.id}>
            <a href={`#trial/${encodeURIComponent(row.id)}`}>{row.prompt}</a> {row.intent}:{' '}
            {row.verdict}
          </li>
        ))}
      </ul>
      <details>
        <summary>Evidence{story.evidenceCut ? ' (its beginning)' : ''}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{story.evidence}</pre>
      </details>
    </article>
  );
}
