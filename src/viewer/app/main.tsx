import { type JSX, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunFacts, Start } from './ask.ts';
import { type Care, CarePanel, useCare } from './care.tsx';
import { CompareView } from './compare-view.tsx';
import { LabelView } from './label-view.tsx';
import { LIST_START, type ListState, ListView } from './list-view.tsx';
import { Choice } from './parts.tsx';
import { ThresholdView } from './threshold-view.tsx';
import { TrialView } from './trial-view.tsx';
import { useAnswer } from './use-answer.ts';

/** The address holds the name of a view and ids, never a text. */
function usePlace(): string {
  const [place, setPlace] = useState(location.hash.slice(1));
  useEffect(() => {
    const onChange = (): void => setPlace(location.hash.slice(1));
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return place;
}

function App(): JSX.Element {
  const [care, changeCare] = useCare();
  const { value: start, problem } = useAnswer<Start>('start', {});
  return (
    <>
      <header>
        <h1>Safelight</h1>
        <CarePanel care={care} change={changeCare} />
      </header>
      <main>
        {problem !== '' && <p role="alert">{problem}</p>}
        {start !== null &&
          (start.labelling === null ? (
            <Runs start={start} care={care} />
          ) : (
            <LabelView start={start} care={care} />
          ))}
      </main>
    </>
  );
}

function Runs(props: { start: Start; care: Care }): JSX.Element {
  const { runs } = props.start;
  const [run, setRun] = useState(runs[0] ?? '');
  return (
    <>
      {runs.length > 1 && (
        <div class="filters">
          <Choice label="Run" required value={run} options={runs} change={setRun} />
        </div>
      )}
      <Run key={run} run={run} care={props.care} />
    </>
  );
}

function Run(props: { run: string; care: Care }): JSX.Element {
  const { run, care } = props;
  const place = usePlace();
  const [list, setList] = useState<ListState>(LIST_START);
  const { value: facts, problem } = useAnswer<RunFacts>('run', { run });
  if (problem !== '') return <p role="alert">{problem}</p>;
  if (facts === null) return <p role="status">Reading the run: the first time takes a while…</p>;
  const all = { ...facts, endpoints: facts.endpoints ?? [] };
  const trial = place.startsWith('trial/') ? decodeURIComponent(place.slice(6)) : undefined;
  return (
    <>
      <nav class="tabs" aria-label="Views">
        {(['list', 'compare', 'threshold'] as const).map((name) => (
          <a
            key={name}
            href={`#${name}`}
            aria-current={(place || 'list') === name ? 'page' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <Notices of={facts.notices} />
      {trial !== undefined ? (
        <TrialView key={trial} run={run} id={trial} care={care} />
      ) : place === 'compare' ? (
        <CompareView run={run} facts={all} />
      ) : place === 'threshold' ? (
        <ThresholdView run={run} facts={all} />
      ) : (
        <ListView run={run} facts={all} state={list} change={setList} />
      )}
    </>
  );
}

/** Each notice once, with the endpoints that it is about. */
function Notices({ of }: { of: RunFacts['notices'] }): JSX.Element {
  const texts = [...new Set(of.map(({ notice }) => notice))];
  return (
    <>
      {texts.map((text) => (
        <p key={text} class="note">
          {of
            .filter(({ notice }) => notice === text)
            .map(({ endpoint }) => endpoint)
            .join(', ')}
          : <bdi>{text}</bdi>
        </p>
      ))}
    </>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
