import type { ComponentChildren, JSX } from 'preact';

export function Choice(props: {
  label: string;
  value: string;
  options: readonly string[];
  change: (value: string) => void;
  required?: boolean;
}): JSX.Element {
  return (
    <label>
      {props.label}
      <select value={props.value} onChange={(event) => props.change(event.currentTarget.value)}>
        {props.required !== true && <option value="">any</option>}
        {props.options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Pager(props: {
  page: number;
  pageSize: number;
  total: number;
  change: (page: number) => void;
}): JSX.Element {
  const { page, pageSize, total, change } = props;
  const pages = Math.max(1, Math.ceil(total / pageSize));
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={page === 0} onClick={() => change(page - 1)}>
        Previous
      </button>
      <span role="status">
        {total.toLocaleString('en')} found, page {page + 1} of {pages.toLocaleString('en')}
      </span>
      <button type="button" disabled={page + 1 >= pages} onClick={() => change(page + 1)}>
        Next
      </button>
    </nav>
  );
}

/** A table that may be wider than the page: it scrolls by itself, by keyboard too. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}

/** Words of others, as they came: a long text scrolls by itself, by keyboard too. */
export function Quoted({ text }: { text: string }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <blockquote dir="auto" tabIndex={0}>
      {text}
    </blockquote>
  );
}
