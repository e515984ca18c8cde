import { stat } from 'node:fs/promises';
import { SafelightError } from '../core/errors.ts';
import type { Intent, Prompt } from '../core/prompt.ts';
import { checkPrompt, normaliseText } from './check-prompt.ts';
import { displayPath } from './display-path.ts';
import { dataPathOf, hashSuite, manifestPathOf, readManifest } from './manifest.ts';
import { readPromptLines } from './read-prompts.ts';
import { SEALED_SUFFIX } from './sealed-file.ts';
import type { SuiteManifest, SuiteProblem, SuiteReport } from './suite.ts';

/** What is remembered of a family, to see at the end whether its twins are there. */
interface FamilyState {
  readonly firstLine: number;
  readonly hazard: string | undefined;
  intents: number;
}

const INTENT_BIT: Readonly<Record<Intent, number>> = { harmful: 1, benign: 2, control: 4 };

/**
 * Reads a whole suite, as `.jsonl` or `.yaml`, and lists everything that is wrong with it: broken
 * lines, a manifest that names other bytes or other counts, duplicates, leftovers of templates,
 * harmful prompts of a paired suite without a benign twin, and whatever the minors guard stops.
 *
 * @throws SafelightError where a file cannot be read or the manifest is not one.
 */
export async function validateSuite(path: string): Promise<SuiteReport> {
  if (path.endsWith(SEALED_SUFFIX)) {
    throw new SafelightError(`${displayPath(path)}: a sealed suite is not checked`, {
      code: 'suite_sealed',
      kind: 'usage',
      hint: 'Validate it before `suites seal`, or what `suites unseal` writes.',
    });
  }
  const isManifest = /\.ya?ml$/i.test(path);
  const dataPath = isManifest ? dataPathOf(path) : path;
  const manifestPath = isManifest ? path : manifestPathOf(path);
  const hasManifest = isManifest || (await stat(manifestPath).catch(() => undefined)) !== undefined;
  const manifest = hasManifest ? await readManifest(manifestPath) : undefined;

  const file = displayPath(dataPath);
  const problems: SuiteProblem[] = [];
  const families = new Map<string, FamilyState>();
  const textLines = new Map<string, number>();
  const byIntent: Record<Intent, number> = { harmful: 0, benign: 0, control: 0 };
  const byHazard: Record<string, number> = {};
  let prompts = 0;

  for await (const read of readPromptLines(dataPath)) {
    const { line } = read;
    if (read.kind === 'problem') {
      problems.push({ file, line, problem: read.problem });
      continue;
    }
    const { prompt } = read;
    prompts += 1;
    byIntent[prompt.intent] += 1;
    const hazard = prompt.hazards[0];
    if (hazard !== undefined) byHazard[hazard] = (byHazard[hazard] ?? 0) + 1;

    for (const problem of checkPrompt(prompt, manifest)) problems.push({ file, line, problem });
    const text = normaliseText(prompt.text);
    const earlier = textLines.get(text);
    if (earlier === undefined) textLines.set(text, line);
    else problems.push({ file, line, problem: `the text stands on line ${earlier} already` });
    const problem = joinFamily(families, prompt, line);
    if (problem !== undefined) problems.push({ file, line, problem });
  }

  if (prompts === 0) problems.push({ file, problem: 'expected at least one prompt' });
  if (manifest?.paired === true) problems.push(...findUnpaired(families, file));
  const counts = { prompts, families: families.size };
  if (manifest !== undefined) {
    const about = displayPath(manifestPath);
    problems.push(...(await compareManifest(manifest, dataPath, counts, about)));
  }
  return { ...counts, byIntent, byHazard, problems };
}

function joinFamily(
  families: Map<string, FamilyState>,
  prompt: Prompt,
  line: number,
): string | undefined {
  const state = families.get(prompt.family);
  const bit = INTENT_BIT[prompt.intent];
  if (state === undefined) {
    families.set(prompt.family, { firstLine: line, hazard: prompt.hazards[0], intents: bit });
    return undefined;
  }
  state.intents |= bit;
  return state.hazard === prompt.hazards[0]
    ? undefined
    : `expected the primary hazard of its family, as on line ${state.firstLine}`;
}

function* findUnpaired(
  families: ReadonlyMap<string, FamilyState>,
  file: string,
): Iterable<SuiteProblem> {
  for (const [family, { intents, firstLine: line }] of families) {
    const isHarmfulAlone =
      (intents & INTENT_BIT.harmful) !== 0 && (intents & INTENT_BIT.benign) === 0;
    if (isHarmfulAlone) yield { file, line, problem: `family "${family}" has no benign twin` };
  }
}

async function compareManifest(
  manifest: SuiteManifest,
  dataPath: string,
  counts: { readonly prompts: number; readonly families: number },
  file: string,
): Promise<SuiteProblem[]> {
  const problems: SuiteProblem[] = [];
  if (manifest.sha256 !== (await hashSuite(dataPath))) {
    problems.push({ file, problem: 'sha256 is not that of the prompts (`--fix` writes it anew)' });
  }
  for (const key of ['prompts', 'families'] as const) {
    const stated = manifest.counts?.[key];
    if (stated !== undefined && stated !== counts[key]) {
      problems.push({ file, problem: `counts.${key} is ${stated}, the file holds ${counts[key]}` });
    }
  }
  return problems;
}
