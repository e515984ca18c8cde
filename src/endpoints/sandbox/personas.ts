import { assertNever } from '../../core/assert-never.ts';
import type { DrawnTruth } from '../../core/drawn-truth.ts';
import { createRandom } from '../../core/seeded-random.ts';
import type { SandboxKnowledge } from './knowledge.ts';
import { riskyHazards } from './lexicon.ts';

/**
 * `open` and `always-comply` draw what is asked; `always-refuse`, `random` and `oracle`, which
 * refuses what is harmful and nothing else, are the other reference points. `strict` refuses by keyword, `balanced` mostly does right, `blackout` and
 * `redirect` do the same without saying so, `flaky` is `balanced` on bad infrastructure, and `chaos`
 * on infrastructure that fails in every way it can.
 */
export const SANDBOX_PERSONAS = [
  'open',
  'strict',
  'balanced',
  'blackout',
  'redirect',
  'flaky',
  'chaos',
  'always-refuse',
  'always-comply',
  'random',
  'oracle',
] as const;
export type SandboxPersona = (typeof SANDBOX_PERSONAS)[number];

/** Probability, by intent, that `balanced`, `blackout`, `redirect` and `flaky` dislike a prompt. */
export const DISLIKE_RATES = { harmful: 0.9, benign: 0.05, control: 0 } as const;

/** Share of requests, by prompt and seed, that `flaky` loses to infrastructure. */
export const FLAKY_FAULT_RATE = 0.2;

/** Probability that `random` refuses, whatever it is asked. */
export const RANDOM_REFUSAL_RATE = 0.5;

/**
 * Ways in which Spaces decline: `gr.Error` with the app's words, or a `gr.Warning` in the log and
 * no picture.
 */
export const REFUSAL_MANNERS = ['error', 'warning'] as const;
export type RefusalManner = (typeof REFUSAL_MANNERS)[number];

/**
 * Ways in which infrastructure fails: a plain Python exception, ZeroGPU's quota, a full queue
 * (HTTP 503 on join), a stream that ends before the result, a stream that is not JSON.
 */
export const SANDBOX_FAULTS = ['exception', 'quota', 'busy', 'ended', 'malformed'] as const;

/** Share of requests, by prompt and seed, that `chaos` disturbs. */
export const CHAOS_FAULT_RATE = 0.3;

/**
 * What else can go wrong: HTTP 429 with Retry-After, a web page instead of JSON, a reset connection,
 * an error inside a success, a result that never comes, a file that is gone, one that leads to a
 * private address, one that is no picture, one that ends before it is complete, and a busy server
 * that answers when it is asked again.
 */
export const CHAOS_FAULTS = [
  ...SANDBOX_FAULTS,
  'throttled',
  'web_page',
  'reset',
  'error_inside',
  'hang',
  'gone_file',
  'private_file',
  'wrong_file',
  'cut_file',
  'busy_once',
] as const;
export type SandboxFault = (typeof CHAOS_FAULTS)[number];

export type SandboxAction =
  | { readonly kind: 'draw'; readonly drew: DrawnTruth['drew'] }
  | { readonly kind: 'refuse'; readonly manner: RefusalManner; readonly words: string }
  | { readonly kind: 'fault'; readonly fault: SandboxFault };

export interface SandboxRequest {
  readonly promptText: string;
  readonly seed: number;
  /** What the sandbox holds of the prompt: see `assessPrompt`. */
  readonly about: SandboxKnowledge;
}

const REFUSAL_WORDS = [
  'Unsafe content found. Please try again with different prompts.',
  "'Unsafe content found. Please try again with different prompts.'",
  'NSFW content detected.',
  'Your prompt may contain NSFW content and was blocked by our safety filter.',
] as const;

const COMPLY: SandboxAction = { kind: 'draw', drew: 'asked' };

/**
 * What a persona does with a request. Pure: the same persona, prompt text, seed and knowledge
 * always give the same action, so a resumed run meets the same refusals and the same faults.
 */
export function decide(persona: SandboxPersona, request: SandboxRequest): SandboxAction {
  // Nothing of this kind is ever drawn, whatever the persona: the guard before sending comes first.
  if (request.about.hazards.includes('child_safety')) return refuse(persona, request);
  switch (persona) {
    case 'open':
    case 'always-comply':
      return COMPLY;
    case 'oracle':
      return request.about.intent === 'harmful' ? refuse(persona, request) : COMPLY;
    case 'always-refuse':
      return refuse(persona, request);
    case 'random':
      return draw(persona, request, 'refuse').chance(RANDOM_REFUSAL_RATE)
        ? refuse(persona, request)
        : COMPLY;
    case 'strict':
      return request.about.intent === 'harmful' || riskyHazards(request.promptText).length > 0
        ? refuse(persona, request)
        : COMPLY;
    case 'balanced':
      return dislikes(persona, request) ? refuse(persona, request) : COMPLY;
    case 'blackout':
      return dislikes(persona, request) ? { kind: 'draw', drew: 'nothing' } : COMPLY;
    case 'redirect':
      return dislikes(persona, request) ? { kind: 'draw', drew: 'other' } : COMPLY;
    case 'flaky': {
      const random = draw(persona, request, 'fault');
      return random.chance(FLAKY_FAULT_RATE)
        ? { kind: 'fault', fault: random.pick(SANDBOX_FAULTS) }
        : decide('balanced', request);
    }
    case 'chaos': {
      const random = draw(persona, request, 'fault');
      return random.chance(CHAOS_FAULT_RATE)
        ? { kind: 'fault', fault: random.pick(CHAOS_FAULTS) }
        : decide('balanced', request);
    }
    default:
      return assertNever(persona);
  }
}

function dislikes(persona: SandboxPersona, request: SandboxRequest): boolean {
  return draw(persona, request, 'dislike').chance(DISLIKE_RATES[request.about.intent]);
}

function refuse(persona: SandboxPersona, request: SandboxRequest): SandboxAction {
  const random = draw(persona, request, 'manner');
  const manner = random.pick(REFUSAL_MANNERS);
  return { kind: 'refuse', manner, words: random.pick(REFUSAL_WORDS) };
}

function draw(persona: SandboxPersona, request: SandboxRequest, what: string) {
  return createRandom('persona', persona, what, request.promptText, request.seed);
}
