import { resolve } from 'node:path';
import { z } from 'zod';
import { SafelightError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { pipelineSchema } from '../run/pipeline.ts';
import { type ReplayResult, replayRun } from '../run/replay.ts';
import { runFolder } from '../run/run-folder.ts';
import { openRun, type RunReader } from '../store/run-reader.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { closeAll, createEndpoints } from './wiring.ts';

/** `safelight endpoints replay <run>`. */
export async function replayEndpoints(
  run: string,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const reader = await openRun(runFolder(resolve(terminal.cwd, run)).journal);
  try {
    const endpoints = await recreateEndpoints(reader, terminal);
    const result = await replayRun(reader, endpoints);
    await closeAll([...endpoints.values()]);
    print(result, json, terminal);
    return EXIT.done;
  } finally {
    await reader.close();
  }
}

const configurationSchema = z.object({ endpoints: pipelineSchema.shape.endpoints });

/** The endpoints that the run was configured with. They classify only: nothing is contacted. */
async function recreateEndpoints(
  reader: RunReader,
  terminal: Terminal,
): Promise<Map<string, Endpoint>> {
  const parsed = configurationSchema.safeParse(reader.started.configuration);
  if (!parsed.success) {
    throw new SafelightError('this run holds media from disk: no endpoint answered', {
      code: 'nothing_to_replay',
      kind: 'usage',
      hint: 'Name a run that `safelight run` wrote.',
    });
  }
  // Classifying needs no key, so none has to be set.
  const keyless = { ...terminal, env: new Proxy({}, { get: () => 'not needed' }) };
  const wired = await createEndpoints(
    parsed.data.endpoints,
    (index) => `endpoints[${index}]`,
    async function* () {
      // No prompt is sent.
    },
    keyless,
  );
  return new Map(wired.map(({ entry, endpoint }) => [entry.id, endpoint]));
}

function print(result: ReplayResult, json: boolean, terminal: Terminal): void {
  if (json) {
    terminal.out(JSON.stringify(result, null, 2));
    return;
  }
  const { replayed, skipped, changed } = result;
  if (changed.length > 0) {
    printTable(
      ['trial', 'endpoint', 'recorded', 'now'],
      changed.map(({ trialId, endpoint, before, after }) => [
        trialId.slice(0, 12),
        endpoint,
        describeOutcome(before),
        describeOutcome(after),
      ]),
      terminal,
    );
  }
  terminal.out(`${replayed} answers classified again, ${changed.length} read differently.`);
  if (skipped > 0) terminal.out(`${skipped} left out: no endpoint of this pipeline made them.`);
}

export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'media':
      return `media (${outcome.media.length} of ${outcome.requested})`;
    case 'refused':
      return `refused (${outcome.mode}, ${outcome.stage}, ${outcome.signal})`;
    case 'failed':
      return `failed (${outcome.cause})`;
  }
}
