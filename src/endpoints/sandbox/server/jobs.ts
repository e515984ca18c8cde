import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { assertNever } from '../../../core/assert-never.ts';
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
  readonly describeFile: (file: ServedFile) => object;
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
}

export type JoinResult =
  | { readonly kind: 'joined'; readonly eventId: string }
  | { readonly kind: 'full'; readonly detail: string };

export interface Jobs {
  /** Queues a call. Without a session the event is its own, as in the simple protocol. */
  join(data: readonly unknown[], sessionHash: string | undefined): JoinResult;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
}

/** ZeroGPU's words. The wait is short: a quota that refills in hours would park the endpoint. */
const QUOTA_WORDS =
  'You have exceeded your free GPU quota (120s requested vs. 44s left). Try again in 0:00:01';
/** More would only make each other slower: pictures use a core, videos one for ffmpeg besides. */
export const CONCURRENCY: Readonly<Record<Modality, number>> = { image: 4, video: 2 };

/** Runs calls through a queue, and tells their sessions what a real Gradio server would. */
export function createJobs(options: JobOptions): Jobs {
  const limit = pLimit(CONCURRENCY[options.modality]);
  const running = new Set<Promise<void>>();

  return {
    join(data, sessionHash) {
      const call = parseCall(options.modality, data);
      const action = call && actionFor(call, options);
      const busy = action?.kind === 'fault' && action.fault === 'busy';
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
          return [say(raised(eventId, QUOTA_WORDS, 'ZeroGPU quota exceeded'))];
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
        case 'exception':
        case 'busy':
          return [say(raised(eventId, null))];
        default:
          return assertNever(action.fault);
      }
    case 'draw': {
      const seed = call.randomizeSeed ? randomInt(2 ** 31) : call.seed;
      const { persona, modality, knowledge, ffmpegPath } = options;
      const { prompt: promptText, widthPx, heightPx, durationS } = call;
      const about = assessPrompt(promptText, knowledge);
      const bytes = await draw(
        {
          persona,
          promptText,
          about,
          drew: action.drew,
          seed,
          modality,
          widthPx,
          heightPx,
          durationS,
        },
        { ffmpegPath, signal },
      );
      const file = options.describeFile(options.files.add(bytes, modality));
      return [say(completed(eventId, [file, seed], seconds()))];
    }
    default:
      return assertNever(action);
  }
}
