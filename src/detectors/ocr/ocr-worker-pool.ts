/** What a pool lends: an engine that may break and is then replaced. */
export interface PooledWorker {
  isUsable(): boolean;
  close(): Promise<void>;
}

/** Lends identical workers to jobs, first come first served. Workers start when first needed. */
export interface OcrWorkerPool<Worker extends PooledWorker> {
  /** Lends one worker for several passes over one picture. */
  withWorker<Result>(job: (worker: Worker) => Promise<Result>): Promise<Result>;
  /** Waits for running jobs, then ends all workers. Idempotent. */
  close(): Promise<void>;
}

/** Pictures after which a worker is replaced: an engine's memory only grows. */
const PICTURES_A_WORKER = 400;

interface Seat<Worker> {
  worker: Worker | undefined;
  pictures: number;
}

export function createOcrWorkerPool<Worker extends PooledWorker>(
  size: number,
  startWorker: () => Promise<Worker>,
): OcrWorkerPool<Worker> {
  const free: Seat<Worker>[] = Array.from({ length: size }, () => ({
    worker: undefined,
    pictures: 0,
  }));
  const seats = [...free];
  const waiting: ((seat: Seat<Worker>) => void)[] = [];
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const takeSeat = (): Promise<Seat<Worker>> => {
    // The seat given back last comes first: a single stream of pictures starts a single worker.
    const seat = free.pop();
    return seat === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(seat);
  };
  const giveBack = (seat: Seat<Worker>): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(seat);
    else next(seat);
  };

  const runOn = async <Result>(
    seat: Seat<Worker>,
    job: (worker: Worker) => Promise<Result>,
  ): Promise<Result> => {
    if (seat.worker !== undefined) {
      if (!seat.worker.isUsable() || seat.pictures >= PICTURES_A_WORKER) {
        await seat.worker.close();
        seat.worker = undefined;
      }
    }
    if (seat.worker === undefined) {
      seat.worker = await startWorker();
      seat.pictures = 0;
    }
    seat.pictures++;
    return job(seat.worker);
  };

  return {
    withWorker: (job) => {
      if (closing !== undefined) return Promise.reject(new Error('the text reader is closed'));
      const run = takeSeat().then((seat) => runOn(seat, job).finally(() => giveBack(seat)));
      const settled = run.then(
        () => undefined,
        () => undefined,
      );
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return run;
    },
    close: () => {
      closing ??= (async () => {
        await Promise.all(running);
        await Promise.all(seats.map((seat) => seat.worker?.close()));
      })();
      return closing;
    },
  };
}
