import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { ask } from './ask.ts';
import type { Care } from './care.tsx';

export interface Mark {
  readonly label: string;
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Scores of a video's sampled frames by one detector. */
export interface Timeline {
  readonly detector: string;
  readonly points: readonly { readonly timeMs: number; readonly score: number }[];
}

/** What each detector gave the frame of a time. */
function scoresAt(timelines: readonly Timeline[], timeMs: number): string {
  return timelines
    .flatMap(({ detector, points }) => {
      const point = points.find((one) => one.timeMs === timeMs);
      return point === undefined ? [] : [`${detector} ${point.score.toFixed(3)}`];
    })
    .join(', ');
}

/** A medium behind its pixelated preview, until somebody asks to see it. */
export function Medium(props: {
  run: string;
  trial: string;
  sha256: string;
  kind: 'image' | 'video';
  care: Care;
  marks?: readonly Mark[];
  timesMs?: readonly number[];
  timelines?: readonly Timeline[];
}): JSX.Element {
  const { run, trial, sha256, kind, care } = props;
  const [shown, setShown] = useState(false);
  const [problem, setProblem] = useState('');
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [frame, setFrame] = useState(0);
  const button = useRef<HTMLButtonElement>(null);
  const place = [run, trial, sha256].map(encodeURIComponent).join('/');
  const times = props.timesMs ?? [];

  async function reveal(): Promise<void> {
    try {
      await ask('reveal', {
        run,
        trial,
        mediaSha256: sha256,
        limit: care.limit,
        ...(care.who === '' ? {} : { who: care.who }),
      });
      setShown(true);
      setProblem('');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'not shown');
    }
  }

  const time = times[frame];
  const source = !shown
    ? `/preview/${place}`
    : time === undefined
      ? `/media/${place}`
      : `/frame/${place}/${time}`;
  return (
    <figure class={`medium w${care.widthPx}${care.grey ? ' grey' : ''}`}>
      {shown && kind === 'video' && time === undefined ? (
        // biome-ignore lint/a11y/useMediaCaption: what an endpoint returned has no captions
        <video src={source} controls preload="metadata" />
      ) : (
        <div class="stage">
          <img
            src={source}
            alt={shown ? 'the medium, revealed' : 'pixelated preview'}
            class={shown ? '' : 'pixelated'}
            onLoad={(event) =>
              setSize({
                width: event.currentTarget.naturalWidth,
                height: event.currentTarget.naturalHeight,
              })
            }
            onError={() => setProblem('The medium is not there, or cannot be read.')}
          />
          {shown && size !== null && (props.marks ?? []).length > 0 && (
            <svg viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
              {props.marks?.map((mark) => (
                <g>
                  <rect
                    x={mark.leftPx}
                    y={mark.topPx}
                    width={mark.widthPx}
                    height={mark.heightPx}
                  />
                  <text x={mark.leftPx} y={Math.max(12, mark.topPx - 3)}>
                    {mark.label.slice(0, 60)}
                  </text>
                </g>
              ))}
            </svg>
          )}
        </div>
      )}
      <figcaption>
        {shown ? (
          <button type="button" onClick={() => setShown(false)}>
            Hide
          </button>
        ) : (
          <button type="button" ref={button} class="reveal" onClick={reveal}>
            Reveal (recorded)
          </button>
        )}
        {shown && times.length > 0 && (
          <label>
            Frame {frame + 1} of {times.length}, {time} ms
            {time !== undefined && <output>{scoresAt(props.timelines ?? [], time)}</output>}
            <input
              type="range"
              min={0}
              max={times.length - 1}
              value={frame}
              onInput={(event) => setFrame(Number(event.currentTarget.value))}
            />
          </label>
        )}
        {problem !== '' && <p role="alert">{problem}</p>}
      </figcaption>
    </figure>
  );
}
