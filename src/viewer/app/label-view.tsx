import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { ask, type Start } from './ask.ts';
import type { Care } from './care.tsx';
import { Medium } from './medium.tsx';
import { Quoted } from './parts.tsx';

interface Sitting {
  readonly items: readonly {
    trialId: string;
    mediaSha256: string;
    kind: 'image' | 'video';
    hazard: string | null;
    given: string | null;
  }[];
  readonly done: number;
  readonly agreement: Agreement | null;
}
type Value = { value: number } | { undefined: true; reason: string };
interface Agreement {
  readonly labellers: readonly string[];
  readonly alpha: Value;
  readonly ac1: Value;
  readonly kappa?: Value;
}
const KEYS: Readonly<Record<string, string>> = {
  '1': 'harmful',
  '2': 'borderline',
  '3': 'harmless',
  '4': 'unsure',
};
/** Said before the label, with which they are saved. A second press takes it back. */
const SEVERITIES: Readonly<Record<string, string>> = { q: 'minor', w: 'moderate', e: 'severe' };
const FAITHFUL: Readonly<Record<string, boolean>> = { y: true, x: false };
const FAITHFUL_WORDS: Readonly<Record<string, string>> = {
  y: 'shows what was asked',
  x: 'shows something else',
};
interface Beside {
  readonly severity?: string | undefined;
  readonly faithful?: boolean | undefined;
  readonly prompt?: string | undefined;
}
const shown = (value: Value): string =>
  'value' in value ? value.value.toFixed(3) : `not defined (${value.reason})`;

export function LabelView(props: { start: Start; care: Care }): JSX.Element {
  const { start, care } = props;
  const run = start.labelling ?? '';
  const [labeller, setLabeller] = useState(start.who ?? '');
  const [typed, setTyped] = useState('');
  const [sitting, setSitting] = useState<Sitting | null>(null);
  const [at, setAt] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [beside, setBeside] = useState<Beside>({});

  function goTo(next: number): void {
    setAt(next);
    setBeside({});
  }

  useEffect(() => {
    if (labeller === '') return;
    ask<Sitting>('sitting', { labeller })
      .then((next) => {
        setSitting(next);
        const open = next.items.findIndex(({ given }) => given === null);
        goTo(open < 0 ? next.items.length : open);
      })
      .catch((error: Error) => setProblem(error.message));
  }, [labeller]);

  async function give(label: string): Promise<void> {
    if (busy || sitting === null || at >= sitting.items.length) return;
    setBusy(true);
    try {
      const { severity, faithful } = beside;
      const graded = label === 'harmful' || label === 'borderline';
      await ask('label', {
        ...{ labeller, at, label },
        ...(severity === undefined || !graded ? {} : { severity }),
        ...(faithful === undefined ? {} : { faithful }),
      });
      const next = await ask<Sitting>('sitting', { labeller });
      setSitting(next);
      goTo(at + 1);
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Error ? `Not saved: ${error.message}` : 'Not saved.');
    } finally {
      setBusy(false);
    }
  }

  async function showPrompt(): Promise<void> {
    if (beside.prompt !== undefined) {
      setBeside({ ...beside, prompt: undefined });
      return;
    }
    try {
      const { prompt } = await ask<{ prompt: string }>('asked', { at });
      setBeside((now) => ({ ...now, prompt }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'The prompt cannot be shown.');
    }
  }

  function sayBeside(key: string): boolean {
    const severity = SEVERITIES[key];
    const faithful = FAITHFUL[key];
    if (severity !== undefined) {
      setBeside({ ...beside, severity: beside.severity === severity ? undefined : severity });
    } else if (faithful !== undefined) {
      setBeside({ ...beside, faithful: beside.faithful === faithful ? undefined : faithful });
    } else return false;
    return true;
  }

  // Before the page is painted: a key that answers what is seen must not meet an older state.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return;
      const label = KEYS[event.key];
      if (label !== undefined) void give(label);
      else if (sayBeside(event.key)) event.preventDefault();
      else if (event.key === 'p') void showPrompt();
      else if (event.key === 'u') goTo(Math.max(0, at - 1));
      else if (event.key === 'n') goTo(Math.min(sitting?.items.length ?? 0, at + 1));
      else if (event.key === 'r') document.querySelector<HTMLButtonElement>('.reveal')?.click();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });

  if (labeller === '') {
    return (
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setLabeller(typed.trim());
        }}
      >
        <label>
          Your name
          <input
            required
            maxLength={100}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Begin</button>
      </form>
    );
  }
  if (sitting === null) return <p role="status">{problem || 'Reading the queue…'}</p>;
  const item = sitting.items[at];
  return (
    <section aria-label="Labelling">
      <p role="status" class="progress">
        {sitting.done} of {sitting.items.length} labelled by {labeller}
      </p>
      <progress max={sitting.items.length} value={sitting.done} aria-label="labelled" />
      {problem !== '' && <p role="alert">{problem}</p>}
      {item === undefined ? (
        <>
          <h2>
            {sitting.done === sitting.items.length
              ? 'Done'
              : 'End of the queue: some are still open'}
          </h2>
          {sitting.agreement === null ? (
            <p>Agreement is shown once two people have labelled everything.</p>
          ) : (
            <ul class="agreement">
              <li>Labellers: {sitting.agreement.labellers.join(', ')}</li>
              {sitting.agreement.kappa !== undefined && (
                <li>Cohen's κ {shown(sitting.agreement.kappa)}</li>
              )}
              <li>Krippendorff's α (ordinal) {shown(sitting.agreement.alpha)}</li>
              <li>Gwet's AC1 {shown(sitting.agreement.ac1)}</li>
            </ul>
          )}
        </>
      ) : (
        <>
          <h2>
            Item {at + 1}
            {item.hazard === null ? '' : `: ${item.hazard}`}
          </h2>
          <p>
            {item.hazard === null
              ? 'Any hazard of the taxonomy counts.'
              : start.definitions[item.hazard]}
          </p>
          {item.given !== null && <p>You said {item.given}; a new answer replaces it.</p>}
          <Medium
            key={`${item.trialId} ${item.mediaSha256}`}
            run={run}
            trial={item.trialId}
            sha256={item.mediaSha256}
            kind={item.kind}
            care={{ ...care, who: labeller }}
          />
          <div class="filters">
            {Object.entries(KEYS).map(([key, label]) => (
              <button type="button" key={key} disabled={busy} onClick={() => give(label)}>
                <kbd>{key}</kbd> {label}
              </button>
            ))}
          </div>
          <div class="filters">
            {Object.entries(SEVERITIES).map(([key, severity]) => (
              <button
                type="button"
                key={key}
                aria-pressed={beside.severity === severity}
                onClick={() => sayBeside(key)}
              >
                <kbd>{key}</kbd> {severity}
              </button>
            ))}
            {Object.entries(FAITHFUL_WORDS).map(([key, words]) => (
              <button
                type="button"
                key={key}
                aria-pressed={beside.faithful === FAITHFUL[key]}
                onClick={() => sayBeside(key)}
              >
                <kbd>{key}</kbd> {words}
              </button>
            ))}
          </div>
          {beside.prompt !== undefined && <Quoted text={beside.prompt} />}
          <p>
            Severity and faithfulness are said before the answer, and can be left open. <kbd>p</kbd>{' '}
            what was asked for, <kbd>r</kbd> reveal, <kbd>u</kbd> back to the item before,{' '}
            <kbd>n</kbd> next without an answer
          </p>
        </>
      )}
    </section>
  );
}
