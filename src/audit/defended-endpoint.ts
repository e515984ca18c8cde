import { z } from 'zod';
import { DEFENCE_SIGNAL } from '../core/defence.ts';
import { type Evidence, PROMPT_PLACEHOLDER } from '../core/evidence.ts';
import { type MediaRef, sha256Schema } from '../core/media-ref.ts';
import type { MediaOutcome, Outcome } from '../core/outcome.ts';
import type { PromptContext } from '../detectors/detector.ts';
import type {
  Endpoint,
  Generation,
  GenerationContext,
  GenerationRequest,
} from '../endpoints/endpoint.ts';
import type { Media, MediaProblem } from '../media/media.ts';
import { isStoppedByMinorsGuard } from '../suites/minors-guard.ts';
import { askFilter, type DefenceLayer } from './defence-layer.ts';

/** Decodes a medium that was just generated. */
export type OpenMedia = (
  ref: MediaRef,
  bytes: Uint8Array,
  signal: AbortSignal,
) => Promise<Media | MediaProblem>;

/** What one layer did, as evidence keeps it. */
const layerEventSchema = z.object({
  layer: z.string(),
  on: z.enum(['prompt', 'rewrite', 'output']),
  decision: z.enum(['passed', 'blocked', 'rewritten', 'refused', 'failed', 'stopped']),
  /** The highest score that a filter gave; absent where it could not tell. */
  score: z.number().optional(),
  /** The medium that was looked at. */
  media: sha256Schema.optional(),
  /** 0-based: of how many pictures asked for before, all were blocked. */
  attempt: z.int().nonnegative().optional(),
});
type LayerEvent = z.output<typeof layerEventSchema>;

const EVENT = 'defence';
const PROTOCOL = 'defended/';

/**
 * Puts layers around an endpoint: filters of prompts, rewriters, and filters of what comes back. A
 * layer that blocks is a refusal with its stage and `defence:<id>` as its signal, so that each report
 * tells which layer decided. What a layer did stands in the evidence, and the outcome is a function
 * of it. Prompts that a rewriter makes pass the minors guard like any other.
 */
export function defendEndpoint(
  id: string,
  inner: Endpoint,
  layers: readonly DefenceLayer[],
  open: OpenMedia,
): Endpoint {
  return {
    id,
    modality: inner.modality,
    recordedOptions: inner.recordedOptions,
    async describe(signal) {
      const description = await inner.describe(signal);
      return {
        ...description,
        id,
        safetySettings: { ...description.safetySettings, ...settingsOf(layers) },
      };
    },
    generate: (request, context) => generate(inner, layers, open, request, context),
    classify: (evidence) => classify(inner, evidence),
    close: () => inner.close(),
  };
}

/** Part of a trial's identity: another layer or limit is another system. */
function settingsOf(layers: readonly DefenceLayer[]): Record<string, string> {
  return Object.fromEntries(
    layers.map((layer) => {
      const { id, on } = layer.defence;
      if (layer.kind === 'rewriter') return [`defence/${id}`, on];
      const { id: detector, version } = layer.detector.description;
      return [`defence/${id}`, `${on}: ${detector} ${version} from ${layer.defence.threshold}`];
    }),
  );
}

async function generate(
  inner: Endpoint,
  layers: readonly DefenceLayer[],
  open: OpenMedia,
  request: GenerationRequest,
  context: GenerationContext,
): Promise<Generation> {
  const { signal } = context;
  const events: LayerEvent[] = [];
  const cost = createCost();
  let text = request.promptText;
  const ownAnswer = (): Generation => {
    const evidence = emptyEvidence(events);
    return {
      outcome: classify(inner, evidence),
      evidence,
      latencyMs: 0,
      costUsd: cost.total(),
      revisedPrompt: text === request.promptText ? undefined : text,
    };
  };

  for (const layer of layers) {
    const { id: name, on } = layer.defence;
    if (layer.kind === 'rewriter') {
      const made = await layer.rewrite(text, signal);
      if (made.kind !== 'rewritten') {
        events.push({ layer: name, on, decision: made.kind });
        return ownAnswer();
      }
      cost.add(made.costUsd);
      if (isStoppedByMinorsGuard(made.text)) {
        events.push({ layer: name, on, decision: 'stopped' });
        return ownAnswer();
      }
      events.push({ layer: name, on, decision: made.text === text ? 'passed' : 'rewritten' });
      text = made.text;
    } else if (on === 'prompt') {
      const decision = await askFilter(layer, { kind: 'text', text }, undefined, signal);
      cost.add(decision.costUsd);
      events.push({
        layer: name,
        on,
        decision: decision.blocked ? 'blocked' : 'passed',
        ...(decision.score === undefined ? {} : { score: decision.score }),
      });
      if (decision.blocked) return ownAnswer();
    }
  }

  const outputs = layers.flatMap((layer) =>
    layer.kind === 'filter' && layer.defence.on === 'output' ? [layer] : [],
  );
  const attempts =
    1 +
    Math.max(
      0,
      ...outputs.map(({ defence }) => (defence.on === 'output' ? defence.regenerate : 0)),
    );
  let latencyMs = 0;
  for (let attempt = 0; ; attempt += 1) {
    const kept = new Map<string, Uint8Array>();
    const answer = await inner.generate(
      { ...request, promptText: text, seed: seedOf(request.seed, attempt) },
      {
        ...context,
        // A picture that is asked for again is a job of its own.
        pickUp: attempt === 0 ? context.pickUp : undefined,
        store: async (bytes) => {
          const ref = await context.store(bytes);
          if (ref.kind !== 'problem') kept.set(ref.sha256, bytes);
          return ref;
        },
      },
    );
    latencyMs += answer.latencyMs;
    cost.add(answer.costUsd);
    if (answer.outcome.kind === 'media' && !signal.aborted) {
      const found = await filterMedia(answer.outcome, kept, outputs, open, text, attempt, signal);
      events.push(...found.events);
      for (const costUsd of found.costs) cost.add(costUsd);
      if (found.allBlocked && attempt + 1 < attempts) continue;
    }
    const evidence: Evidence = {
      ...answer.evidence,
      protocol: `${PROTOCOL}${answer.evidence.protocol}`,
      events: [...recorded(events), ...answer.evidence.events],
    };
    return {
      ...answer,
      outcome: classify(inner, evidence),
      evidence,
      latencyMs,
      costUsd: cost.total(),
      revisedPrompt: answer.revisedPrompt ?? (text === request.promptText ? undefined : text),
    };
  }
}

async function filterMedia(
  outcome: MediaOutcome,
  kept: ReadonlyMap<string, Uint8Array>,
  filters: readonly Extract<DefenceLayer, { kind: 'filter' }>[],
  open: OpenMedia,
  text: string,
  attempt: number,
  signal: AbortSignal,
): Promise<{ events: LayerEvent[]; costs: (number | null)[]; allBlocked: boolean }> {
  const events: LayerEvent[] = [];
  const costs: (number | null)[] = [];
  const prompt: PromptContext = {
    text,
    shownText: undefined,
    language: 'und',
    pairs: [],
    riskReason: undefined,
  };
  let passed = 0;
  for (const ref of outcome.media) {
    const bytes = kept.get(ref.sha256);
    const media = bytes === undefined ? undefined : await open(ref, bytes, signal);
    let blocked = false;
    for (const filter of filters) {
      const readable =
        media !== undefined &&
        media.kind !== 'problem' &&
        filter.detector.description.reads.includes(media.kind);
      const decision = readable
        ? await askFilter(filter, media, prompt, signal)
        : { blocked: filter.defence.unsure === 'block', score: undefined, costUsd: 0 };
      costs.push(decision.costUsd);
      events.push({
        layer: filter.defence.id,
        on: 'output',
        decision: decision.blocked ? 'blocked' : 'passed',
        media: ref.sha256,
        attempt,
        ...(decision.score === undefined ? {} : { score: decision.score }),
      });
      blocked = decision.blocked;
      if (blocked) break;
    }
    if (!blocked) passed += 1;
  }
  return { events, costs, allBlocked: passed === 0 };
}

/** Decides from evidence alone: what the layers did comes before what the endpoint answered. Pure. */
function classify(inner: Endpoint, evidence: Evidence): Outcome {
  const events = evidence.events.flatMap(({ type, payload }) => {
    const parsed = layerEventSchema.safeParse(payload);
    return type === EVENT && parsed.success ? [parsed.data] : [];
  });
  for (const { layer, on, decision } of events) {
    if (on === 'output') continue;
    if (decision === 'failed') {
      return {
        kind: 'failed',
        cause: 'unknown',
        detail: `the rewriter ${layer} could not be asked`,
      };
    }
    if (decision === 'blocked' || decision === 'refused' || decision === 'stopped') {
      const signal = decision === 'stopped' ? 'minors_guard' : layer;
      return {
        kind: 'refused',
        mode: 'flagged',
        stage: 'prompt_filter',
        signal: `${DEFENCE_SIGNAL}${signal}`,
      };
    }
  }
  const outcome = inner.classify({
    ...evidence,
    protocol: evidence.protocol.replace(PROTOCOL, ''),
    events: evidence.events.filter(({ type }) => type !== EVENT),
  });
  if (outcome.kind !== 'media') return outcome;
  // Of several attempts the last one stands.
  const last = Math.max(0, ...events.map(({ attempt }) => attempt ?? 0));
  const blockedBy = new Map(
    events.flatMap(({ on, decision, media, layer, attempt }) =>
      on === 'output' && decision === 'blocked' && media !== undefined && attempt === last
        ? [[media, layer] as const]
        : [],
    ),
  );
  const passed = outcome.media.filter(({ sha256 }) => !blockedBy.has(sha256));
  if (passed.length > 0) {
    const withheld = outcome.withheld + outcome.media.length - passed.length;
    return { ...outcome, media: passed, withheld };
  }
  const [layer = 'output'] = blockedBy.values();
  return {
    kind: 'refused',
    mode: 'flagged',
    stage: 'output_filter',
    signal: `${DEFENCE_SIGNAL}${layer}`,
  };
}

function recorded(events: readonly LayerEvent[]): Evidence['events'] {
  return events.map((payload) => ({ atMs: 0, type: EVENT, payload }));
}

/** Of a trial that the endpoint was never asked for. */
function emptyEvidence(events: readonly LayerEvent[]): Evidence {
  return {
    protocol: `${PROTOCOL}none`,
    request: { prompt: PROMPT_PLACEHOLDER },
    events: recorded(events),
    media: [],
    requested: 1,
    retries: [],
  };
}

/** Far enough apart that no other trial of the family asks for the same. */
function seedOf(seed: number, attempt: number): number {
  return attempt === 0 ? seed : (seed + attempt * 104_729) % 2_147_483_647;
}

/** Null as soon as one part is not told. */
function createCost(): { add(costUsd: number | null): void; total(): number | null } {
  let sum: number | null = 0;
  let told = false;
  return {
    add(costUsd) {
      told = true;
      sum = sum === null || costUsd === null ? null : sum + costUsd;
    },
    total: () => (told ? sum : null),
  };
}
