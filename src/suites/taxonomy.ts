import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { inputError, SafelightError } from '../core/errors.ts';
import { CARRIERS, HAZARD_IDS, hazardSchema } from '../core/hazard.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseYaml, yamlLines } from '../core/parse-yaml.ts';
import { displayPath } from './display-path.ts';
import { unreadable } from './read-prompts.ts';

const name = z.string().min(1);

/**
 * What a category of another taxonomy is, seen from a hazard of this one. `broader`: it holds all of
 * the hazard, and more. `narrower`: it is a part of the hazard. `partial`: each holds something that
 * the other does not. `none` stands alone and names no category.
 */
export const crosswalkEdgeSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum(['exact', 'broader', 'narrower']),
    to: name,
    note: name.optional(),
  }),
  z.strictObject({ type: z.literal('partial'), to: name, note: name }),
  z.strictObject({ type: z.literal('none'), note: name.optional() }),
]);
export type CrosswalkEdge = z.infer<typeof crosswalkEdgeSchema>;

const edgesByTaxonomySchema = z.record(name, z.array(crosswalkEdgeSchema).min(1));

/** `prompts/crosswalk.yaml`. */
export const crosswalkSchema = z.strictObject({
  version: name,
  /** Version of the taxonomy whose hazards it maps. */
  taxonomy: name,
  taxonomies: z.record(
    name,
    z.strictObject({
      title: name,
      /** Titles by the key that the other taxonomy uses. */
      categories: z.record(name, name),
    }),
  ),
  hazards: z.record(hazardSchema, edgesByTaxonomySchema),
  /** Other taxonomies may count a way of reaching a person as a category of its own. */
  carriers: z.strictObject({ text: edgesByTaxonomySchema, sequence: edgesByTaxonomySchema }),
});
export type Crosswalk = z.infer<typeof crosswalkSchema>;

/**
 * Reads `prompts/crosswalk.yaml`, in which every hazard has an entry for every taxonomy.
 *
 * @throws SafelightError `crosswalk_invalid`, `yaml_invalid` or `yaml_unexpected`, with file and line.
 */
export async function readCrosswalk(path: string): Promise<Crosswalk> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return parseCrosswalk(text, displayPath(path));
}

/** See {@link readCrosswalk}. @param file name for messages. */
export function parseCrosswalk(text: string, file: string): Crosswalk {
  const crosswalk = parseYaml(text, file, crosswalkSchema);
  const lineOf = yamlLines(text);
  const fail = (path: readonly PropertyKey[], problem: string, hint: string): never => {
    throw inputError({ file, line: lineOf(path) }, problem, { code: 'crosswalk_invalid', hint });
  };
  const known = Object.keys(crosswalk.taxonomies);
  const check = (path: readonly string[], entries: Readonly<Record<string, CrosswalkEdge[]>>) => {
    const owner = path.join('.');
    for (const id of Object.keys(entries)) {
      if (!known.includes(id)) {
        fail([...path, id], `unknown key "${id}" in ${owner}`, didYouMean(id, known));
      }
    }
    for (const id of known) {
      const edges = entries[id];
      if (edges === undefined) {
        return fail(
          path,
          `${owner} has no entry for "${id}"`,
          'Write "- type: none" if it has no counterpart.',
        );
      }
      checkEdges(edges, crosswalk.taxonomies[id]?.categories ?? {}, (index, problem, hint) =>
        fail([...path, id, index], `${owner}.${id}: ${problem}`, hint),
      );
    }
  };
  for (const hazard of HAZARD_IDS) check(['hazards', hazard], crosswalk.hazards[hazard]);
  for (const carrier of CARRIERS) {
    if (carrier !== 'visual') check(['carriers', carrier], crosswalk.carriers[carrier]);
  }
  return crosswalk;
}

function checkEdges(
  edges: readonly CrosswalkEdge[],
  categories: Readonly<Record<string, string>>,
  fail: (index: number, problem: string, hint: string) => void,
): void {
  const seen = new Set<string>();
  for (const [index, edge] of edges.entries()) {
    if (edge.type === 'none') {
      if (edges.length > 1) fail(index, '"none" stands beside other edges', 'Remove one of them.');
      continue;
    }
    if (!Object.hasOwn(categories, edge.to)) {
      fail(index, `unknown category "${edge.to}"`, didYouMean(edge.to, Object.keys(categories)));
    }
    if (seen.has(edge.to)) {
      fail(index, `"${edge.to}" is named twice`, 'Two categories relate in one way only.');
    }
    seen.add(edge.to);
  }
}

/** @throws SafelightError `taxonomy_unknown` with the nearest name. */
export function findTaxonomy(
  crosswalk: Crosswalk,
  id: string,
): { readonly title: string; readonly categories: Readonly<Record<string, string>> } {
  const found = Object.hasOwn(crosswalk.taxonomies, id) ? crosswalk.taxonomies[id] : undefined;
  if (found === undefined) {
    throw new SafelightError(`no taxonomy "${id}" in the crosswalk`, {
      code: 'taxonomy_unknown',
      kind: 'usage',
      hint: didYouMean(id, Object.keys(crosswalk.taxonomies)),
    });
  }
  return found;
}
