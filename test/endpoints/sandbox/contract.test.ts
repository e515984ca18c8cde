import { assessPrompt } from '../../../src/endpoints/sandbox/knowledge.ts';
import {
  decide,
  type SandboxAction,
  type SandboxPersona,
} from '../../../src/endpoints/sandbox/personas.ts';
import { CONCURRENCY } from '../../../src/endpoints/sandbox/server/jobs.ts';
import {
  type SandboxServerOptions,
  startSandboxServer,
} from '../../../src/endpoints/sandbox/server.ts';
import { resolveFfmpeg } from '../../../src/media/ffmpeg.ts';
import { type ContractApi, describeGradioContract } from '../contract.ts';
import { request } from '../memory-context.ts';

const knowledge = new Map();
const about = assessPrompt(request.promptText, knowledge);

/** A seed at which a persona behaves in a given way. */
function seedOf(persona: SandboxPersona, wanted: (action: SandboxAction) => boolean): number {
  for (let seed = 0; seed < 1000; seed += 1) {
    if (wanted(decide(persona, { promptText: request.promptText, seed, about }))) return seed;
  }
  throw new Error(`${persona} never behaves so`);
}

// Each behaviour is a persona, and so a server of its own. A sandbox serves no gallery.
describeGradioContract(
  'sandbox',
  async () => {
    const started: Awaited<ReturnType<typeof startSandboxServer>>[] = [];
    const start = async (options: Partial<SandboxServerOptions>): Promise<string> => {
      const server = await startSandboxServer({
        persona: 'open',
        modality: 'image',
        knowledge,
        ffmpegPath: async () => (await resolveFfmpeg(process.env)).ffmpegPath,
        ...options,
      });
      started.push(server);
      return server.url;
    };
    const at = async (
      options: Partial<SandboxServerOptions>,
      seed?: number,
      api = '/infer',
    ): Promise<ContractApi> => ({
      url: await start(options),
      api,
      ...(seed === undefined ? {} : { seed }),
    });
    const refuses = (manner: string) => (action: SandboxAction) =>
      action.kind === 'refuse' && action.manner === manner;
    const queueSize = 2;
    return {
      url: await start({}),
      apis: {
        picture: { api: '/infer' },
        gallery: null,
        video: await at({ modality: 'video' }, undefined, '/generate_video'),
        refuse: await at({ persona: 'always-refuse' }, seedOf('always-refuse', refuses('error'))),
        warn: await at({ persona: 'always-refuse' }, seedOf('always-refuse', refuses('warning'))),
        crash: await at(
          { persona: 'flaky' },
          seedOf('flaky', (action) => action.kind === 'fault' && action.fault === 'exception'),
        ),
        slow: await at({ latencyMs: 2_500, queueSize }),
        running: CONCURRENCY.image,
        queueSize,
      },
      stop: async () => {
        await Promise.all(started.map((server) => server.close()));
      },
    };
  },
  { gallery: false },
);
