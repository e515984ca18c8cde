import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { assertNever } from '../../../core/assert-never.ts';
import type { DrawnTruth } from '../../../core/drawn-truth.ts';
import { sha256OfBytes } from '../../../core/ids.ts';
import type { Modality } from '../../../core/prompt.ts';
import { draw } from '../drawing/draw.ts';
import { assessPrompt, type KnowledgeByPrompt } from '../knowledge.ts';
import { decide, type SandboxAction, type SandboxPersona } from '../personas.ts';
import type { ServedFile, ServedFiles } from './files.ts';
import { completed, raised, warning } from './messages.ts';
import { type CallArguments, parseCall } from './schema.ts';
import type { Delivery, Sessions } from './sessions.ts';

export interface JobOptions {
  readonly persona: SandboxPersona;
  readonly modality: Modality;
  readonly knowledge: KnowledgeByPrompt;
  readonly ffmpegPath: () => Promise<string>;
  /** Added to every answer. */
  readonly latencyMs: number;
  /** Calls that may wait. */
  readonly queueSize: number;
  readonly sessions: Sessions;
  readonly files: ServedFiles;
  readonly describeFile: (file: Pick<ServedFile, 'path' | 'name'>) => object;
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
}

export type JoinResult =
  | { readonly kind: 'joined'; readonly eventId: string }
  | { readonly kind: 'full'; readonly detail: string }
  /** Disturbed before it was queued. */
  | { readonly kind: 'throttled' | 'web_page' | 'reset' };

export interface Jobs {
  /** Queues a call. Without a session the event is its own, as in the simple protocol. */
  join(data: readonly unknown[], sessionHash: string | undefined): JoinResult;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
}

/**
 * ZeroGPU's words. The wait is short: a quota that refills in hours would park the endpoint. `chaos`
 * asks for no wait at all, so that many faults pass in little time.
 */
const quotaWords = (persona: SandboxPersona): string =>
  `You have exceeded your free GPU quota (120s requested vs. 44s left). Try again in 0:00:0${persona === 'chaos' ? 0 : 1}`;
/** Paths of files that are told of and not there. */
const GONE_PATH = { path: '/tmp/gradio/gone/image.png', name: 'image.png' } as const;
export const PRIVATE_PATH = { path: '/tmp/gradio/private/image.png', name: 'image.png' } as const;
/** More would only make each other slower: pictures use a core, videos one for ffmpeg besides. */
export const CONCURRENCY: Readonly<Record<Modality, number>> = { image: 4, video: 2 };

/** Runs calls through a queue, and tells their sessions what a real Gradio server would. */
export function createJobs(options: JobOptions): Jobs {
  const limit = pLimit(CONCURRENCY[options.modality]);
  const running = new Set<Promise<void>>();
  // Calls that found the server busy once, and find it free the next time.
  const turnedAway = new Set<string>();
  const isBusy = (call: CallArguments | undefined, action: SandboxAction | undefined): boolean => {
    if (call === undefined || action?.kind !== 'fault') return false;
    if (action.fault !== 'busy_once') return action.fault === 'busy';
    const key = sha256OfBytes(`${call.seed} ${call.prompt}`);
    if (turnedAway.has(key)) return false;
    turnedAway.add(key);
    return true;
  };

  return {
    join(data, sessionHash) {
      const call = parseCall(options.modality, data);
      const action = call && actionFor(call, options);
      if (action?.kind === 'fault') {
        const { fault } = action;
        if (fault === 'throttled' || fault === 'web_page' || fault === 'reset') {
          return { kind: fault };
        }
      }
      const busy = isBusy(call, action);
      if (busy || limit.pendingCount >= options.queueSize) {
        const size = busy ? 20 : options.queueSize;
        return { kind: 'full', detail: `Queue is full. Max size is ${size} and size is ${size}.` };
      }
      const eventId = randomUUID().replaceAll('-', '');
      const session = sessionHash ?? eventId;
      const left = options.sessions.join(session, eventId);
      const signal = AbortSignal.any([left, options.signal]);
      const tell = (delivery: Delivery): void => options.sessions.deliver(session, delivery);
      const rank = limit.pendingCount;
      tell({
        kind: 'message',
        message: {
          msg: 'estimation',
          event_id: eventId,
          rank,
          queue_size: rank + 1,
          rank_eta: null,
        },
      });
      const job = limit(async () => {
        if (signal.aborted) return;
        const message = { msg: 'process_starts', event_id: eventId, eta: null } as const;
        tell({ kind: 'message', message });
        for (const delivery of await answer(eventId, call, action, signal, options)) tell(delivery);
      });
      const settled = job.then(
        () => undefined,
        // A client that left is no failure; anything else is what a real app would raise.
        () => tell({ kind: 'message', message: raised(eventId, null) }),
      );
      running.add(settled);
      void settled.finally(() => running.delete(settled));
      return { kind: 'joined', eventId };
    },
    async settled() {
      await Promise.all(running);
    },
  };
}

function actionFor(call: CallArguments, options: JobOptions): SandboxAction {
  const about = assessPrompt(call.prompt, options.knowledge);
  return decide(options.persona, { promptText: call.prompt, seed: call.seed, about });
}

async function answer(
  eventId: string,
  call: CallArguments | undefined,
  action: SandboxAction | undefined,
  signal: AbortSignal,
  options: JobOptions,
): Promise<Delivery[]> {
  const started = performance.now();
  const say = (message: ReturnType<typeof raised>): Delivery => ({ kind: 'message', message });
  if (options.latencyMs > 0) await sleep(options.latencyMs, undefined, { signal });
  if (call === undefined || action === undefined) return [say(raised(eventId, null))];
  const seconds = (): number => (performance.now() - started) / 1000;
  const seed = call.randomizeSeed ? randomInt(2 ** 31) : call.seed;
  const { modality } = options;
  const drawn = (drew: DrawnTruth['drew']): Promise<Uint8Array> => {
    const { prompt: promptText, widthPx, heightPx, durationS } = call;
    const { persona, knowledge, ffmpegPath } = options;
    const about = assessPrompt(promptText, knowledge);
    return draw(
      { persona, promptText, about, drew, seed, modality, widthPx, heightPx, durationS },
      { ffmpegPath, signal },
    );
  };
  const serve = (bytes: Uint8Array): ServedFile => options.files.add(bytes, modality);
  const file = (served: Pick<ServedFile, 'path' | 'name'>): Delivery =>
    say(completed(eventId, [options.describeFile(served), seed], seconds()));

  switch (action.kind) {
    case 'refuse':
      return action.manner === 'error'
        ? [say(raised(eventId, action.words))]
        : [
            say(warning(eventId, action.words)),
            say(completed(eventId, [null, call.seed], seconds())),
          ];
    case 'fault':
      switch (action.fault) {
        case 'quota':
          return [say(raised(eventId, quotaWords(options.persona), 'ZeroGPU quota exceeded'))];
        case 'ended':
          return [{ kind: 'end' }];
        case 'malformed':
          return [
            {
              kind: 'raw',
              text: `data: {"msg":"process_completed","event_id":"${eventId}","out\n\n`,
            },
            { kind: 'end' },
          ];
        case 'error_inside':
          return [say(completed(eventId, [{ error: 'the worker went away' }], seconds()))];
        case 'hang':
          // The client's deadline ends it, or the server's own end.
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          return [];
        case 'gone_file':
          return [file(GONE_PATH)];
        case 'private_file':
          return [file(PRIVATE_PATH)];
        case 'wrong_file':
          return [file(serve(new TextEncoder().encode('this is no picture')))];
        case 'cut_file':
          return [file(serve((await drawn('asked')).subarray(0, -200)))];
        case 'busy_once':
          return [file(serve(await drawn('asked')))];
        case 'exception':
        case 'busy':
        case 'throttled':
        case 'web_page':
        case 'reset':
          return [say(raised(eventId, null))];
        default:
          return assertNever(action.fault);
      }
    case 'draw':
      return [file(serve(await drawn(action.drew)))];
    default:
      return assertNever(action);
  }
}
