import type { z } from 'zod';
import { SafelightError } from '../core/errors.ts';
import type { Getter } from './gradio-connection.ts';
import type { GradioOptions } from './gradio-options.ts';
import { spaceHostSchema, spaceSchema } from './gradio-schema.ts';

/** Where an app lives. */
export interface Place {
  readonly base: URL;
  /** Commit of the Space, null for any other address. */
  readonly revision: string | null;
}

const HUB = 'https://huggingface.co/api/spaces';
/** Stages in which a Space answers or will do so by itself. Others need its owner. */
const DEAD_STAGES = new Set([
  'PAUSED',
  'BUILD_ERROR',
  'RUNTIME_ERROR',
  'CONFIG_ERROR',
  'NO_APP_FILE',
  'DELETING',
]);

/** Stages that lead to a running Space, some of them only once somebody asks for it. */
const WAKING_STAGES = new Set(['SLEEPING', 'STOPPED', 'BUILDING', 'APP_STARTING']);

/**
 * Turns `url` or `space` into an address. Asks Hugging Face only where a Space is named.
 *
 * @param wake knocks at a sleeping Space and waits a moment.
 */
export async function resolvePlace(
  id: string,
  options: Pick<GradioOptions, 'url' | 'space'>,
  get: Getter,
  wake: (host: URL, cause: string) => Promise<void>,
): Promise<Place> {
  if (options.url !== undefined) {
    const base = new URL(options.url);
    base.hash = '';
    base.search = '';
    base.username = '';
    base.password = '';
    return { base, revision: null };
  }
  const space = options.space ?? '';
  for (;;) {
    const about = await readSpace(id, space, get);
    const stage = about.runtime?.stage;
    const base = await readHost(id, space, get);
    if (stage === undefined || !WAKING_STAGES.has(stage)) {
      return { base, revision: about.runtime?.sha ?? about.sha ?? null };
    }
    await wake(base, `space_${stage.toLowerCase()}`);
  }
}

type Space = z.output<typeof spaceSchema>;

async function readSpace(id: string, space: string, get: Getter): Promise<Space> {
  const about = await get(new URL(`${HUB}/${space}`), { authorized: true });
  const found = spaceSchema.safeParse(about.body);
  if (about.status !== 200 || !found.success) throw noSpace(id, space, about.status);
  const stage = found.data.runtime?.stage;
  if (stage === undefined || !DEAD_STAGES.has(stage)) return found.data;
  throw new SafelightError(`endpoint "${id}": the Space ${space} is in stage ${stage}`, {
    code: 'space_not_running',
    kind: 'environment',
    hint: 'Its owner has to start or repair it; a duplicate of it may run.',
  });
}

async function readHost(id: string, space: string, get: Getter): Promise<URL> {
  const host = await get(new URL(`${HUB}/${space}/host`), { authorized: true });
  const address = spaceHostSchema.safeParse(host.body);
  const base = address.success ? new URL(address.data.host) : undefined;
  // The token is sent there, so it has to be Hugging Face's own.
  if (base?.protocol !== 'https:' || !base.hostname.endsWith('.hf.space')) {
    throw noSpace(id, space, host.status);
  }
  return base;
}

function noSpace(id: string, space: string, status: number): SafelightError {
  return new SafelightError(
    `endpoint "${id}": the Space ${space} cannot be found (HTTP status ${status})`,
    {
      code: 'space_not_found',
      kind: 'configuration',
      hint: 'Check its name. A private Space needs `tokenEnv`.',
    },
  );
}
