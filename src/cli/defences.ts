import type { DefenceLayer } from '../audit/defence-layer.ts';
import { defendEndpoint } from '../audit/defended-endpoint.ts';
import { chatRewriter, wordRewriter } from '../audit/rewriter.ts';
import { assertNever } from '../core/assert-never.ts';
import type { Defence } from '../core/defence.ts';
import { SafelightError } from '../core/errors.ts';
import { parseOptions } from '../core/parse-yaml.ts';
import type { Detector, DetectorEnvironment } from '../detectors/detector.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { openMedia } from '../media/open-media.ts';
import { chatOptionsSchema } from '../net/chat.ts';
import { createChatClient } from '../net/chat-client.ts';
import type { EndpointEntry } from '../run/pipeline.ts';
import { ffmpegTools } from './ffmpeg-tools.ts';
import { mediaLimits } from './open-stored-media.ts';
import type { Terminal } from './terminal.ts';

/** Frames of a video that an output filter looks at. */
const FILTER_FRAMES = 16;

/** The variants of an entry that are run: itself, and with `ablate` each layer alone and none. */
export function ablations(entry: EndpointEntry): EndpointEntry[] {
  const { defences, ablate } = entry;
  if (defences === undefined || ablate !== true) return [entry];
  const { defences: _all, ...bare } = entry;
  const alone = defences.length === 1 ? [] : defences;
  return [
    { ...bare, id: `${entry.id}-bare` },
    ...alone.map((layer) => ({ ...entry, id: `${entry.id}-only-${layer.id}`, defences: [layer] })),
    entry,
  ];
}

/**
 * Puts the entry's layers around its endpoint.
 *
 * @param createFilter makes the detector of a layer, as for any pipeline.
 * @throws SafelightError where a filter cannot read what it is to judge.
 */
export async function withDefences(
  entry: EndpointEntry,
  endpoint: Endpoint,
  at: string,
  createFilter: (
    use: string,
    options: Readonly<Record<string, unknown>>,
    at: string,
  ) => Promise<Detector>,
  environment: DetectorEnvironment,
  terminal: Terminal,
): Promise<Endpoint> {
  const { defences } = entry;
  if (defences === undefined) return endpoint;
  const closing: { close(): Promise<void> }[] = [];
  const layers: DefenceLayer[] = [];
  for (const defence of defences) {
    const { layer, owned } = await createLayer(
      defence,
      `${at}: defence ${defence.id}`,
      createFilter,
      environment,
    );
    layers.push(layer);
    closing.push(owned);
  }
  const limits = mediaLimits(FILTER_FRAMES);
  const defended = defendEndpoint(entry.id, endpoint, layers, async (ref, bytes, signal) => {
    const opened = await openMedia({ bytes }, ref, limits, () => ffmpegTools(terminal), signal);
    if (opened.kind === 'missing') throw new Error('bytes in memory cannot be missing');
    return opened;
  });
  return {
    ...defended,
    close: async () => {
      await Promise.all([defended.close(), ...closing.map((thing) => thing.close())]);
    },
  };
}

async function createLayer(
  defence: Defence,
  at: string,
  createFilter: (
    use: string,
    options: Readonly<Record<string, unknown>>,
    at: string,
  ) => Promise<Detector>,
  { env }: DetectorEnvironment,
): Promise<{ layer: DefenceLayer; owned: { close(): Promise<void> } }> {
  switch (defence.on) {
    case 'rewrite': {
      const { replace, chat, instruction } = defence;
      if (chat === undefined) {
        const rewrite = wordRewriter(replace ?? {});
        return { layer: { kind: 'rewriter', defence, rewrite }, owned: { close: async () => {} } };
      }
      const options = parseOptions(chat, at, chatOptionsSchema);
      const client = createChatClient(
        options,
        options.tokenEnv === undefined ? undefined : env[options.tokenEnv],
      );
      const rewrite = chatRewriter(client, instruction);
      return { layer: { kind: 'rewriter', defence, rewrite }, owned: client };
    }
    case 'prompt':
    case 'output': {
      const { id: _id, on, use, threshold: _t, unsure: _u, ...rest } = defence;
      const { regenerate: _regenerate, ...options } = { regenerate: undefined, ...rest };
      const detector = await createFilter(use, options, at);
      const { reads } = detector.description;
      const fits = on === 'prompt' ? reads.includes('text') : reads.some((kind) => kind !== 'text');
      if (!fits) {
        await detector.close();
        throw new SafelightError(
          `${at}: ${use} reads ${reads.join(' and ')}, and is to judge ${on === 'prompt' ? 'prompts' : 'media'}`,
          {
            code: 'defence_cannot_read',
            kind: 'configuration',
            hint:
              on === 'prompt'
                ? 'A filter of prompts reads text, such as `toxicity`.'
                : 'A filter of media reads pictures or videos, such as `nsfwjs`.',
          },
        );
      }
      return { layer: { kind: 'filter', defence, detector }, owned: detector };
    }
    default:
      return assertNever(defence);
  }
}
