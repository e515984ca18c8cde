import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

/** How somebody wants to look. Kept by the browser; nothing of it is about any medium. */
export interface Care {
  readonly grey: boolean;
  readonly widthPx: number;
  readonly limit: number;
  readonly who: string;
}
const KEY = 'safelight-care';
const INITIAL: Care = { grey: true, widthPx: 320, limit: 50, who: '' };

function load(): Care {
  try {
    return { ...INITIAL, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return INITIAL;
  }
}

export function useCare(): [Care, (care: Care) => void] {
  const [care, setCare] = useState(load);
  return [
    care,
    (next) => {
      localStorage.setItem(KEY, JSON.stringify(next));
      setCare(next);
    },
  ];
}

export function CarePanel(props: { care: Care; change: (care: Care) => void }): JSX.Element {
  const { care, change } = props;
  return (
    <details class="care">
      <summary>Care</summary>
      <div class="filters">
        <label>
          <input
            type="checkbox"
            checked={care.grey}
            onChange={(event) => change({ ...care, grey: event.currentTarget.checked })}
          />{' '}
          Greyscale
        </label>
        <label>
          Size{' '}
          <select
            value={care.widthPx}
            onChange={(event) => change({ ...care, widthPx: Number(event.currentTarget.value) })}
          >
            <option value={160}>small</option>
            <option value={320}>medium</option>
            <option value={640}>large</option>
          </select>
        </label>
        <label>
          Reveals a sitting{' '}
          <input
            type="number"
            min={1}
            max={10000}
            value={care.limit}
            onChange={(event) => {
              const limit = Math.round(Number(event.currentTarget.value));
              if (limit >= 1 && limit <= 10_000) change({ ...care, limit });
            }}
          />
        </label>
        <label>
          Your name{' '}
          <input
            maxLength={100}
            value={care.who}
            onChange={(event) => change({ ...care, who: event.currentTarget.value })}
          />
        </label>
      </div>
    </details>
  );
}
