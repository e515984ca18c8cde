import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Modality } from '../core/prompt.ts';
import { findPromptParameter } from './gradio-parameters.ts';
import type { GradioConfig, GradioFunction, GradioInfo } from './gradio-schema.ts';

/** The function of an app that is called for every trial. */
export interface ChosenFunction {
  /** As the client wants it: "/infer", or an index for a function without a name. */
  readonly api: string | number;
  readonly function: GradioFunction;
}

const MEDIA_COMPONENTS: Readonly<Record<Modality, ReadonlySet<string>>> = {
  image: new Set(['Image', 'Gallery', 'ImageSlider', 'AnnotatedImage', 'ImageEditor', 'File']),
  video: new Set(['Video', 'Gallery', 'File']),
};

/**
 * Picks the function that was configured, or else the only one that takes a prompt and returns
 * media of the wanted kind.
 *
 * @throws SafelightError naming the functions that exist.
 */
export function chooseFunction(
  info: GradioInfo,
  config: GradioConfig,
  wanted: { readonly api: string | number | undefined; readonly modality: Modality },
  endpointId: string,
): ChosenFunction {
  const named = info.named_endpoints;
  if (typeof wanted.api === 'number') {
    const found = info.unnamed_endpoints[wanted.api] ?? namedByIndex(info, config, wanted.api);
    if (found === undefined) {
      throw unknownFunction(endpointId, String(wanted.api), Object.keys(named));
    }
    return { api: wanted.api, function: found };
  }
  if (wanted.api !== undefined) {
    const api = wanted.api.startsWith('/') ? wanted.api : `/${wanted.api}`;
    const found = named[api];
    if (found === undefined) throw unknownFunction(endpointId, api, Object.keys(named));
    return { api, function: found };
  }
  const candidates = Object.entries(named).filter(
    ([, entry]) =>
      findPromptParameter(entry.parameters) !== undefined &&
      entry.returns.some((output) => MEDIA_COMPONENTS[wanted.modality].has(output.component)),
  );
  const [only, ...others] = candidates;
  if (only === undefined || others.length > 0) {
    const names = candidates.map(([name]) => name);
    throw new SafelightError(
      names.length === 0
        ? `endpoint "${endpointId}": no function of the app takes a prompt and returns ${wanted.modality} media`
        : `endpoint "${endpointId}": several functions take a prompt: ${names.join(', ')}`,
      {
        code: 'gradio_api_ambiguous',
        kind: 'configuration',
        hint: `Name one with \`api\`. ${didYouMean('', Object.keys(named))}`,
      },
    );
  }
  return { api: only[0], function: only[1] };
}

function namedByIndex(
  info: GradioInfo,
  config: GradioConfig,
  index: number,
): GradioFunction | undefined {
  const name = config.dependencies.find((entry, at) => (entry.id ?? at) === index)?.api_name;
  return typeof name === 'string' ? info.named_endpoints[`/${name}`] : undefined;
}

function unknownFunction(
  endpointId: string,
  api: string,
  existing: readonly string[],
): SafelightError {
  return new SafelightError(`endpoint "${endpointId}": the app has no function "${api}"`, {
    code: 'gradio_unknown_api',
    kind: 'configuration',
    hint: existing.length === 0 ? 'It names none at all.' : didYouMean(api, existing),
  });
}
