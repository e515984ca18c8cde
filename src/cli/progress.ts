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
  const bar = createBar(`${label} {bar} {value}/{total}  {eta_formatted}  {note}`);
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

function createBar(format: string): SingleBar {
  return new SingleBar({
    format,
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    hideCursor: true,
    clearOnComplete: false,
    fps: 8,
    etaBuffer: 50,
    stream: process.stderr,
  });
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

/** Shows how much of a file has come: a bar for a person, a line for every tenth in a log. */
export interface ByteProgress {
  show(name: string, bytes: number, totalBytes: number | undefined): void;
  /** Idempotent. */
  stop(): void;
}

export function createByteProgress(terminal: Terminal, quiet: boolean): ByteProgress {
  if (quiet) return { show: () => undefined, stop: () => undefined };
  let file = '';
  let bar: SingleBar | undefined;
  let tenths = 0;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    show(name, bytes, totalBytes) {
      const total = totalBytes ?? 0;
      if (name !== file) {
        stop();
        file = name;
        tenths = 0;
        if (terminal.isInteractive) {
          bar = createBar('{file} {bar} {percentage}%  {done} of {all}');
          bar.start(total, 0, { file, done: megabytes(0), all: megabytes(total) });
        }
      }
      if (bar !== undefined) {
        bar.update(bytes, { done: megabytes(bytes) });
        return;
      }
      const reached = total === 0 ? 0 : Math.floor((bytes / total) * 10);
      if (reached <= tenths) return;
      tenths = reached;
      terminal.err(`${name} ${megabytes(bytes)} of ${megabytes(total)}`);
    },
    stop,
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
