import { stat } from 'node:fs/promises';
import { SafelightError } from '../core/errors.ts';
import type { Intent, Prompt } from '../core/prompt.ts';
import { checkCraft, checkSoundness, normaliseText } from './check-prompt.ts';
import { displayPath } from './display-path.ts';
import { dataPathOf, hashSuite, manifestPathOf, readManifest } from './manifest.ts';
import { createNearDuplicates } from './near-duplicates.ts';
import { readPromptLines } from './read-prompts.ts';
import { SEALED_SUFFIX } from './sealed-file.ts';
import type { SuiteManifest, SuiteProblem, SuiteReport, SuiteStandard } from './suite.ts';

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
export async function validateSuite(
  path: string,
  options: {
    /** By default `import` where the manifest names a source. */
    readonly as?: SuiteStandard;
    /** Also looks for prompts that are nearly alike: about ten times slower. */
    readonly nearDuplicates?: boolean;
  } = {},
): Promise<SuiteReport> {
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
  const notices: SuiteProblem[] = [];
  const isImport = (options.as ?? (manifest?.source === undefined ? 'own' : 'import')) === 'import';
  const craft = isImport ? notices : problems;
  const near = options.nearDuplicates === true ? createNearDuplicates() : undefined;
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

    for (const problem of checkSoundness(prompt)) problems.push({ file, line, problem });
    for (const problem of checkCraft(prompt, manifest)) craft.push({ file, line, problem });
    const text = normaliseText(prompt.text);
    const earlier = textLines.get(text);
    if (earlier === undefined) textLines.set(text, line);
    else craft.push({ file, line, problem: `the text stands on line ${earlier} already` });
    const twin = earlier === undefined ? near?.add(text, prompt.family, line) : undefined;
    if (twin !== undefined) {
      notices.push({ file, line, problem: `nearly the text of line ${twin}, in another family` });
    }
    const problem = joinFamily(families, prompt, line);
    if (problem !== undefined) craft.push({ file, line, problem });
  }

  if (prompts === 0) problems.push({ file, problem: 'expected at least one prompt' });
  if (manifest?.paired === true) problems.push(...findUnpaired(families, file));
  const counts = { prompts, families: families.size };
  notices.push(...findUneven(byHazard, byIntent, file));
  if (manifest !== undefined) {
    const about = displayPath(manifestPath);
    problems.push(...(await compareManifest(manifest, dataPath, counts, about)));
  }
  return { ...counts, byIntent, byHazard, problems, notices };
}

/** Hazards of which there are too few to say much beside others of which there are many. */
function* findUneven(
  byHazard: Readonly<Record<string, number>>,
  byIntent: Readonly<Record<Intent, number>>,
  file: string,
): Iterable<SuiteProblem> {
  const most = Math.max(0, ...Object.values(byHazard));
  for (const [hazard, count] of Object.entries(byHazard)) {
    if (most >= 20 && count * UNEVEN_FACTOR < most) {
      yield { file, problem: `${hazard} has ${count} prompts, another hazard ${most}` };
    }
  }
  const { harmful, benign } = byIntent;
  if (
    harmful > 0 &&
    benign > 0 &&
    Math.max(harmful, benign) > UNEVEN_FACTOR * Math.min(harmful, benign)
  ) {
    yield { file, problem: `${harmful} harmful prompts stand beside ${benign} benign ones` };
  }
}

const UNEVEN_FACTOR = 10;

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
