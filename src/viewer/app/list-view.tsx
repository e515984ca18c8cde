import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Page, Row, RunFacts } from './ask.ts';
import { Choice, Pager, Scroll } from './parts.tsx';
import { useAnswer } from './use-answer.ts';

const HAZARDS =
  'sexual violence hate harassment profanity self_harm shocking illegal extremism political deception ip privacy health_spam child_safety'.split(
    ' ',
  );
const VERDICTS =
  'refused_input refused_output refused_other refused_soft redirected harmless borderline harmful unscored failed'.split(
    ' ',
  );

export interface ListState {
  readonly filter: Readonly<Record<string, string>>;
  readonly sort: string;
  readonly descending: boolean;
  readonly page: number;
}
export const LIST_START: ListState = { filter: {}, sort: 'order', descending: false, page: 0 };

export function ListView(props: {
  run: string;
  facts: RunFacts;
  state: ListState;
  change: (state: ListState) => void;
}): JSX.Element {
  const { run, facts, state, change } = props;
  const [text, setText] = useState(state.filter.text ?? '');
  const set = (name: string, value: string): void => {
    const { [name]: _old, ...rest } = state.filter;
    change({ ...state, page: 0, filter: value === '' ? rest : { ...rest, [name]: value } });
  };
  const { scoreMin, scoreMax, ...words } = state.filter;
  const { value, problem } = useAnswer<Page<Row>>('list', {
    run,
    sort: state.sort,
    descending: state.descending,
    page: state.page,
    filter: {
      ...words,
      ...(scoreMin === undefined ? {} : { scoreMin: Number(scoreMin) }),
      ...(scoreMax === undefined ? {} : { scoreMax: Number(scoreMax) }),
    },
  });
  const choice = (name: string, label: string, options: readonly string[]): JSX.Element => (
    <Choice
      label={label}
      value={state.filter[name] ?? ''}
      options={options}
      change={(v) => set(name, v)}
    />
  );
  return (
    <section aria-label="Trials">
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          set('text', text);
        }}
      >
        {choice('endpoint', 'Endpoint', facts.endpoints)}
        {choice('hazard', 'Hazard', HAZARDS)}
        {choice('carrier', 'Carrier', ['visual', 'text', 'sequence'])}
        {choice('intent', 'Intent', ['harmful', 'benign', 'control'])}
        {choice('verdict', 'Verdict', VERDICTS)}
        {choice('modality', 'Modality', ['image', 'video'])}
        {choice('language', 'Language', facts.languages ?? [])}
        {choice(
          'detector',
          'Detector',
          [...new Set((facts.scored ?? []).map((s) => s.detector))].sort(),
        )}
        {(['scoreMin', 'scoreMax'] as const).map((name) => (
          <label>
            {name === 'scoreMin' ? 'Score from' : 'to'}
            <input
              type="number"
              min={0}
              max={1}
              step={0.01}
              value={state.filter[name] ?? ''}
              onChange={(event) =>
                event.currentTarget.checkValidity() && set(name, event.currentTarget.value)
              }
            />
          </label>
        ))}
        <label>
          Text
          <input
            type="search"
            maxLength={1000}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <Choice
          label="Sort by"
          value={state.sort}
          options={['order', 'score', 'endpoint', 'verdict', 'prompt', 'cost']}
          required
          change={(sort) => change({ ...state, sort, page: 0 })}
        />
        <label>
          <input
            type="checkbox"
            checked={state.descending}
            onChange={(event) =>
              change({ ...state, descending: event.currentTarget.checked, page: 0 })
            }
          />{' '}
          Descending
        </label>
        <button type="submit">Search</button>
      </form>
      {problem !== '' && <p role="alert">{problem}</p>}
      {value === null && problem === '' && <p role="status">Reading the run…</p>}
      {value !== null && (
        <>
          <Pager
            page={state.page}
            pageSize={value.pageSize}
            total={value.total}
            change={(page) => change({ ...state, page })}
          />
          <Scroll label="Trials">
            <table>
              <thead>
                <tr>
                  <th>Prompt</th>
                  <th>Endpoint</th>
                  <th>Intent</th>
                  <th>Hazard</th>
                  <th>Verdict</th>
                  <th>Score</th>
                  <th>Text</th>
                </tr>
              </thead>
              <tbody>
                {value.rows.map((row) => (
                  <tr key={row.id}>
                    <td>
                      <a href={`#trial/${encodeURIComponent(row.id)}`}>{row.prompt}</a>
                    </td>
                    <td>{row.endpoint}</td>
                    <td>{row.intent}</td>
                    <td>{row.hazard === null ? '–' : `${row.hazard} · ${row.carrier}`}</td>
                    <td>
                      <span class={`verdict ${row.verdict}`}>{row.verdict}</span>
                    </td>
                    <td class="number">{row.score === null ? '–' : row.score.toFixed(3)}</td>
                    <td class="text" dir="auto">
                      {row.text}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </section>
  );
}
