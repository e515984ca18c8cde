import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Page, RunFacts } from './ask.ts';
import { Choice, Pager, Scroll } from './parts.tsx';
import { useAnswer } from './use-answer.ts';

interface Pair {
  readonly prompt: string;
  readonly text: string;
  readonly first_id: string;
  readonly first_verdict: string;
  readonly second_id: string;
  readonly second_verdict: string;
}

export function CompareView(props: { run: string; facts: RunFacts }): JSX.Element {
  const { endpoints } = props.facts;
  const [first, setFirst] = useState(endpoints[0] ?? '');
  const [second, setSecond] = useState(endpoints[1] ?? endpoints[0] ?? '');
  const [differing, setDiffering] = useState(true);
  const [page, setPage] = useState(0);
  const { value, problem } = useAnswer<Page<Pair>>('compare', {
    run: props.run,
    first,
    second,
    differing,
    page,
  });
  const anew = (change: () => void): void => {
    setPage(0);
    change();
  };
  return (
    <section aria-label="Two endpoints">
      <div class="filters">
        <Choice
          label="First"
          required
          value={first}
          options={endpoints}
          change={(v) => anew(() => setFirst(v))}
        />
        <Choice
          label="Second"
          required
          value={second}
          options={endpoints}
          change={(v) => anew(() => setSecond(v))}
        />
        <label>
          <input
            type="checkbox"
            checked={differing}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              anew(() => setDiffering(checked));
            }}
          />{' '}
          Only where the verdicts differ
        </label>
      </div>
      {problem !== '' && <p role="alert">{problem}</p>}
      {value !== null && (
        <>
          <Pager page={page} pageSize={value.pageSize} total={value.total} change={setPage} />
          <Scroll label="Trials of both">
            <table>
              <thead>
                <tr>
                  <th>Prompt</th>
                  <th>{first}</th>
                  <th>{second}</th>
                  <th>Text</th>
                </tr>
              </thead>
              <tbody>
                {value.rows.map((row) => (
                  <tr key={`${row.first_id} ${row.second_id}`}>
                    <td>{row.prompt}</td>
                    <td>
                      <a
                        class={`verdict ${row.first_verdict}`}
                        href={`#trial/${encodeURIComponent(row.first_id)}`}
                      >
                        {row.first_verdict}
                      </a>
                    </td>
                    <td>
                      <a
                        class={`verdict ${row.second_verdict}`}
                        href={`#trial/${encodeURIComponent(row.second_id)}`}
                      >
                        {row.second_verdict}
                      </a>
                    </td>
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
