import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { type Evidence, PROMPT_PLACEHOLDER } from '../core/evidence.ts';
import { fillText, placeholdersIn, type TemplateValues } from '../core/template.ts';
import { createDeadline, joinSignals } from '../net/deadline.ts';
import { createTextRedactor } from '../net/redact.ts';
import { faultOf, startFault } from './command-faults.ts';
import { collectFiles } from './command-files.ts';
import type { CommandOptions } from './command-options.ts';
import { runInGroup } from './command-program.ts';
import {
  type CommandBody,
  type CommandReport,
  classifyCommand,
  parseReport,
} from './command-report.ts';
import type {
  Endpoint,
  EndpointEnvironment,
  Generation,
  GenerationContext,
  GenerationRequest,
} from './endpoint.ts';

const PROTOCOL = 'command';
// What a program needs to start at all; everything else is named in the pipeline.
const BASE_VARIABLES = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'SystemRoot', 'TEMP'] as const;
// Shorter values are switches such as "0", which stand everywhere.
const SECRET_LENGTH = 8;

/**
 * A local program that writes a file for each prompt, such as a diffusers script.
 *
 * @throws SafelightError `endpoint_variable_missing` where a variable of `env` is not set.
 */
export function createCommandEndpoint(
  id: string,
  options: CommandOptions,
  environment: EndpointEnvironment,
): Endpoint {
  const env = chooseVariables(id, options, environment);
  const secrets = options.env.flatMap((name) => {
    const value = env[name] ?? '';
    return value.length < SECRET_LENGTH ? [] : [value];
  });
  const cwd = resolve(options.cwd ?? '.');
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const texts = [...options.command, options.stdin];
  const takesSeed = texts.some((text) => placeholdersIn(text).includes('seed'));

  const run = async (
    request: GenerationRequest,
    context: GenerationContext,
    signal: AbortSignal,
  ): Promise<Generation> => {
    const folder = await mkdtemp(join(tmpdir(), 'safelight-command-'));
    const deadline = createDeadline(options.timeoutMs, signal);
    const begunAt = environment.now();
    const evidence: Evidence = {
      protocol: PROTOCOL,
      request: recordedRequest(options, request),
      events: [],
      media: [],
      requested: options.count,
      retries: [],
    };
    let report: CommandReport | undefined;
    let latencyMs: number | undefined;
    try {
      const { argv, stdin } = fillCommand(options, request, folder);
      const end = await runInGroup({ argv, stdin, cwd, env }, deadline.signal).catch(
        (error: unknown) => {
          throw startFault(error) ?? error;
        },
      );
      latencyMs = environment.now() - begunAt;
      const read = parseReport(end.reportLine);
      if (read !== 'malformed') report = read;
      const redact = createTextRedactor({ promptText: request.promptText, secrets });
      evidence.response = {
        body: {
          exitCode: end.exitCode,
          ...reportIn(read, redact),
          ...(options.refusalExitCode === undefined
            ? {}
            : { refusalExitCode: options.refusalExitCode }),
          stderr: redact(withoutPaths(end.stderr, folder)),
        } satisfies CommandBody,
      };
      if (end.exitCode === 0) await collectFiles(folder, options, context, evidence);
    } catch (error) {
      const fault = faultOf(error, deadline.signal);
      if (fault === undefined) throw error;
      evidence.fault = fault;
    } finally {
      deadline.dispose();
      await rm(folder, { recursive: true, force: true });
    }
    const revised = report?.revisedPrompt;
    return {
      outcome: classifyCommand(evidence),
      evidence,
      latencyMs: latencyMs ?? environment.now() - begunAt,
      costUsd: report?.costUsd ?? null,
      revisedPrompt: revised === request.promptText ? undefined : revised,
      ...(report?.revision === undefined && report?.safetySettings === undefined
        ? {}
        : { reported: { revision: report.revision, safetySettings: report.safetySettings } }),
    };
  };

  return {
    id,
    modality: options.modality,
    describe: async () => {
      await assertProgram(id, options, cwd, env);
      return {
        id,
        kind: PROTOCOL,
        modality: options.modality,
        revision: options.revision ?? null,
        parameters: {
          ...options.parameters,
          command: JSON.stringify(options.command),
          ...(options.stdin === '' ? {} : { stdin: options.stdin }),
          count: options.count,
        },
        safetySettings: options.safetySettings,
        ...(takesSeed ? {} : { notice: 'takes no seed: trials cannot be done again exactly' }),
      };
    },
    generate: async (request, context) => {
      if (closing.signal.aborted) throw new Error(`endpoint "${id}" is closed`);
      const joined = joinSignals([context.signal, closing.signal]);
      const work = run(request, context, joined.signal).finally(joined.dispose);
      underWay.add(work);
      const forget = (): void => {
        underWay.delete(work);
      };
      work.then(forget, forget);
      return work;
    },
    classify: classifyCommand,
    close: async () => {
      closing.abort(new Error(`endpoint "${id}" was closed`));
      await Promise.allSettled([...underWay]);
    },
  };
}

function chooseVariables(
  id: string,
  options: CommandOptions,
  { env }: EndpointEnvironment,
): Readonly<Record<string, string>> {
  const chosen: Record<string, string> = {};
  for (const name of BASE_VARIABLES) {
    const value = env[name];
    if (value !== undefined) chosen[name] = value;
  }
  for (const name of options.env) {
    const value = env[name];
    if (value === undefined) {
      throw new SafelightError(`endpoint "${id}": the environment variable ${name} is not set`, {
        code: 'endpoint_variable_missing',
        kind: 'configuration',
        hint: `Set ${name}, or take it out of \`env\`.`,
      });
    }
    chosen[name] = value;
  }
  return chosen;
}

/** Before the first trial, since every one of them would fail. */
async function assertProgram(
  id: string,
  { command: [program = ''], parameters, safetySettings }: CommandOptions,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const name = fillText(program, { ...parameters, ...safetySettings });
  const folders = /[\\/]/.test(name) ? [cwd] : (env.PATH ?? '').split(delimiter);
  const endings = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
  for (const folder of folders) {
    for (const ending of endings) {
      const path = isAbsolute(name) ? name : join(folder, name);
      const runs = await access(`${path}${ending}`, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return;
    }
  }
  throw new SafelightError(`endpoint "${id}": there is no program "${program}" that runs`, {
    code: 'command_missing',
    kind: 'configuration',
    hint: 'Name a program on the PATH, or a path relative to `cwd`; scripts need their run bit.',
  });
}

function fillCommand(
  options: CommandOptions,
  request: GenerationRequest,
  folder: string,
): { readonly argv: readonly [string, ...string[]]; readonly stdin: string } {
  const extension = options.extension ?? (options.modality === 'image' ? 'png' : 'mp4');
  const values: TemplateValues = {
    ...options.parameters,
    ...options.safetySettings,
    prompt: request.promptText,
    seed: request.seed,
    count: options.count,
    output: join(folder, `output.${extension}`),
    folder,
  };
  const [program = '', ...args] = options.command.map((text) => fillText(text, values));
  return { argv: [program, ...args], stdin: fillText(options.stdin, values) };
}

function recordedRequest(options: CommandOptions, request: GenerationRequest): unknown {
  const values = {
    ...options.parameters,
    ...options.safetySettings,
    prompt: PROMPT_PLACEHOLDER,
    seed: request.seed,
    count: options.count,
  };
  return {
    command: options.command.map((text) => fillText(text, values)),
    stdin: fillText(options.stdin, values),
  };
}

/** Of a report evidence holds what decides; the rest goes with the generation. */
function reportIn(
  report: CommandReport | 'malformed' | undefined,
  redact: (text: string) => string,
): Pick<CommandBody, 'report'> {
  if (report === undefined || report === 'malformed') return { ...(report && { report }) };
  const { refused, failed } = report;
  return {
    report: {
      ...(refused && { refused: { ...refused, signal: redact(refused.signal) } }),
      ...(failed && { failed: { ...failed, signal: redact(failed.signal) } }),
    },
  };
}

function withoutPaths(text: string, folder: string): string {
  return text.replaceAll(folder, '{folder}').replaceAll(homedir(), '~');
}
