import { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

/** Shows how far long work has come: a bar for a person, nothing for a machine. */
export interface Progress {
  start(total: number): void;
  /** @param note such as "3 refused, 1 failed". */
  advance(note?: string): void;
  stop(): void;
}

export function createProgress(label: string, terminal: Terminal, quiet: boolean): Progress {
  if (quiet) return { start: () => undefined, advance: () => undefined, stop: () => undefined };
  return terminal.isInteractive ? barProgress(label) : lineProgress(label, terminal);
}

function barProgress(label: string): Progress {
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total}  {eta_formatted}  {note}`,
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    hideCursor: true,
    clearOnComplete: false,
    fps: 8,
    etaBuffer: 50,
    stream: process.stderr,
  });
  let last = '';
  return {
    start: (total) => bar.start(total, 0, { note: '' }),
    advance: (note) => {
      last = note ?? last;
      bar.increment(1, { note: last });
    },
    stop: () => bar.stop(),
  };
}

/** A line for every tenth: logs stay short. */
function lineProgress(label: string, terminal: Terminal): Progress {
  let total = 0;
  let done = 0;
  let shown = 0;
  let last = '';
  return {
    start: (count) => {
      total = count;
    },
    advance: (note) => {
      done += 1;
      last = note ?? last;
      const tenth = total === 0 ? 10 : Math.floor((done / total) * 10);
      if (tenth <= shown) return;
      shown = tenth;
      terminal.err(`${label} ${done}/${total}${last === '' ? '' : `  ${last}`}`);
    },
    stop: () => undefined,
  };
}
