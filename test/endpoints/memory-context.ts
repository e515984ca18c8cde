import { sha256OfBytes } from '../../src/core/ids.ts';
import type { PickUp } from '../../src/core/journal-event.ts';
import type {
  EndpointEnvironment,
  GenerationContext,
  GenerationRequest,
} from '../../src/endpoints/endpoint.ts';

export const environment: EndpointEnvironment = {
  fetch: (input, init) => globalThis.fetch(input, init),
  now: () => performance.now(),
  random: () => 0,
  env: {},
  ffmpegPath: () => Promise.reject(new Error('not needed here')),
};

export interface MemoryContext extends GenerationContext {
  readonly stored: Uint8Array[];
  readonly jobs: string[];
  /** Of each job, what the journal would keep. */
  readonly pickUps: (PickUp | undefined)[];
}

/** A store that keeps bytes in memory and knows the few types that the tests use. */
export function createContext(signal = new AbortController().signal): MemoryContext {
  const stored: Uint8Array[] = [];
  const jobs: string[] = [];
  const pickUps: (PickUp | undefined)[] = [];
  return {
    signal,
    stored,
    jobs,
    pickUps,
    onJob: async (jobId, pickUp) => {
      jobs.push(jobId);
      pickUps.push(pickUp);
    },
    store: async (bytes) => {
      const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
      const mime = head.startsWith('\x89PNG')
        ? 'image/png'
        : head.slice(4, 8) === 'ftyp'
          ? 'video/mp4'
          : undefined;
      if (mime === undefined) {
        return { kind: 'problem', code: 'unknown_type', message: 'the bytes are of no known type' };
      }
      stored.push(bytes);
      return {
        sha256: sha256OfBytes(bytes),
        kind: mime === 'image/png' ? 'image' : 'video',
        mime,
        sizeBytes: bytes.byteLength,
      };
    },
  };
}

/** Words that stand nowhere else, so that a leak of the prompt can be seen. */
export const request: GenerationRequest = {
  promptText: 'a heron stands in the quiet water',
  seed: 7,
  repeat: 0,
};
