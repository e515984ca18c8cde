import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Prompt } from '../core/prompt.ts';
import { onlyWhenDoubtful } from '../detectors/cascade-stage.ts';
import type { Detector, DetectorEnvironment } from '../detectors/detector.ts';
import {
  DETECTOR_ADAPTERS,
  type DetectorAdapter,
  isDetectorAdapterName,
} from '../detectors/registry.ts';
import type { Endpoint, EndpointEnvironment } from '../endpoints/endpoint.ts';
import {
  ENDPOINT_ADAPTERS,
  type EndpointAdapter,
  isEndpointAdapterName,
} from '../endpoints/registry.ts';
import {
  type DetectorEntry,
  detectorOptions,
  type EndpointEntry,
  endpointOptions,
} from '../run/pipeline.ts';
import { ablations, withDefences } from './defences.ts';
import { ffmpegTools } from './ffmpeg-tools.ts';
import type { Terminal } from './terminal.ts';

/** @throws SafelightError `unknown_endpoint` with the nearest name. */
export async function endpointAdapter(name: string, at: string): Promise<EndpointAdapter> {
  if (isEndpointAdapterName(name)) return ENDPOINT_ADAPTERS[name]();
  throw new SafelightError(`${at}: there is no endpoint adapter "${name}"`, {
    code: 'unknown_endpoint',
    kind: 'configuration',
    hint: didYouMean(name, Object.keys(ENDPOINT_ADAPTERS)),
  });
}

/** @throws SafelightError `unknown_detector` with the nearest name. */
export async function detectorAdapter(name: string, at: string): Promise<DetectorAdapter> {
  if (isDetectorAdapterName(name)) return DETECTOR_ADAPTERS[name]();
  throw new SafelightError(`${at}: there is no detector "${name}"`, {
    code: 'unknown_detector',
    kind: 'configuration',
    hint: didYouMean(name, Object.keys(DETECTOR_ADAPTERS)),
  });
}

export function endpointEnvironment(terminal: Terminal): EndpointEnvironment {
  return {
    fetch: globalThis.fetch,
    now: () => performance.now(),
    env: terminal.env,
    random: Math.random,
    ffmpegPath: async () => (await ffmpegTools(terminal)).ffmpegPath,
  };
}

export interface WiredEndpoint {
  readonly entry: EndpointEntry;
  readonly endpoint: Endpoint;
}

/**
 * Makes the endpoints of a pipeline; nothing is contacted yet.
 *
 * @param placeOf where the entry of an index stands, for messages.
 */
export async function createEndpoints(
  entries: readonly EndpointEntry[],
  placeOf: (index: number) => string,
  prompts: () => AsyncIterable<Prompt>,
  terminal: Terminal,
  folder?: string,
): Promise<WiredEndpoint[]> {
  const environment = endpointEnvironment(terminal);
  const around = { env: terminal.env, folder: folder ?? terminal.cwd };
  const wired = entries.map(async (entry, index) => {
    const { id, use } = entry;
    const options = endpointOptions(entry);
    const at = `${placeOf(index)} (${id})`;
    const adapter = await endpointAdapter(use, at);
    const createFilter = async (
      filter: string,
      filterOptions: Readonly<Record<string, unknown>>,
      place: string,
    ): Promise<Detector> => {
      const made = await createDetectors(
        [{ use: filter, ...filterOptions }],
        () => place,
        [use],
        around,
      );
      const [detector] = made;
      if (detector === undefined) throw new RangeError('a detector for each entry');
      return detector;
    };
    return Promise.all(
      ablations(entry).map(async (variant) => {
        const endpoint = await adapter.create(variant.id, options, at, {
          environment,
          prompts,
          folder,
        });
        return {
          entry: variant,
          endpoint: await withDefences(variant, endpoint, at, createFilter, around, terminal),
        };
      }),
    );
  });
  return (await Promise.all(wired)).flat();
}

/**
 * Makes detectors.
 *
 * @param placeOf where the entry of an index stands, for messages.
 * @param endpointKinds adapters of the endpoints whose media they will see.
 * @throws SafelightError `test_double` where a stand-in would look at real media, `send_media` where
 * media would leave this machine without leave.
 */
export async function createDetectors(
  entries: readonly DetectorEntry[],
  placeOf: (index: number) => string,
  endpointKinds: readonly string[],
  environment: DetectorEnvironment,
): Promise<Detector[]> {
  const adapters = await Promise.all(
    entries.map(async (entry, index) => {
      const { use, sendMedia, when } = entry;
      const options = detectorOptions(entry);
      const at = `${placeOf(index)} (${use})`;
      const adapter = await detectorAdapter(use, at);
      const host = adapter.sendsMediaTo(options, at);
      if (host !== null && sendMedia !== true) throw mediaStaysHere(at, host);
      const foreign = endpointKinds.find((kind) => kind !== adapter.onlyWith);
      if (adapter.onlyWith !== null && (foreign !== undefined || endpointKinds.length === 0)) {
        throw new SafelightError(`${at}: loads with ${adapter.onlyWith} endpoints only`, {
          code: 'test_double',
          kind: 'configuration',
          hint: 'It is told the truth by the sandbox and measures nothing elsewhere: remove it.',
        });
      }
      return { adapter, options, at, when };
    }),
  );
  const detectors: Detector[] = [];
  try {
    for (const { adapter, options, at, when } of adapters) {
      const detector = await adapter.create(options, at, environment);
      detectors.push(when === undefined ? detector : onlyWhenDoubtful(detector, when));
    }
  } catch (error) {
    await closeAll(detectors);
    throw error;
  }
  return detectors;
}

function mediaStaysHere(at: string, host: string): SafelightError {
  return new SafelightError(`${at}: media would be sent to ${host}`, {
    code: 'send_media',
    kind: 'configuration',
    hint: 'Where that is allowed, say so in this entry: `sendMedia: true`.',
  });
}

export async function closeAll(things: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(things.map((thing) => thing.close()));
}
