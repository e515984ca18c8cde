import { z } from 'zod';
import { HAZARD_IDS, type HazardId, hazardSchema } from '../../core/hazard.ts';
import { parseYaml } from '../../core/parse-yaml.ts';
import { readPromptsFile } from './question.ts';

const crosswalkSchema = z.looseObject({
  version: z.string(),
  hazards: z.record(
    hazardSchema,
    z.record(z.string(), z.array(z.looseObject({ type: z.string(), to: z.string().optional() }))),
  ),
});

export interface GuardCategories {
  /** Of the crosswalk. */
  readonly version: string;
  /** Hazards that some category stands for, even in part. */
  readonly hazards: readonly HazardId[];
  /** By a category's key in small letters. Where one means a hazard exactly, it stands for that alone. */
  readonly hazardsOf: ReadonlyMap<string, readonly HazardId[]>;
}

/** What the categories of another taxonomy stand for, by `prompts/crosswalk.yaml`. */
export async function readGuardCategories(taxonomy: string): Promise<GuardCategories> {
  const text = await readPromptsFile('crosswalk.yaml');
  const crosswalk = parseYaml(text, 'prompts/crosswalk.yaml', crosswalkSchema);
  const edges = HAZARD_IDS.flatMap((hazard) =>
    (crosswalk.hazards[hazard][taxonomy] ?? []).flatMap(({ type, to }) =>
      to === undefined ? [] : [{ hazard, type, key: to.toLowerCase() }],
    ),
  );
  const keys = [...new Set(edges.map(({ key }) => key))];
  const hazardsOf = new Map(
    keys.map((key) => {
      const own = edges.filter((edge) => edge.key === key);
      const exact = own.filter(({ type }) => type === 'exact');
      return [key, (exact.length > 0 ? exact : own).map(({ hazard }) => hazard)];
    }),
  );
  const reached = new Set([...hazardsOf.values()].flat());
  return {
    version: crosswalk.version,
    hazards: HAZARD_IDS.filter((hazard) => reached.has(hazard)),
    hazardsOf,
  };
}

/** A score for each hazard of a guard: that of the named categories, or `rest` for the others. */
export function scoreHazards(
  categories: GuardCategories,
  named: readonly string[],
  score: number,
  rest: number,
  carrier: 'visual' | 'text',
): {
  readonly scores: { hazard: HazardId; carrier: 'visual' | 'text'; score: number }[];
  readonly unknown: readonly string[];
} {
  const hit = new Set(named.flatMap((key) => categories.hazardsOf.get(key.toLowerCase()) ?? []));
  return {
    scores: categories.hazards.map((hazard) => ({
      hazard,
      carrier,
      score: hit.has(hazard) ? score : rest,
    })),
    unknown: named.filter((key) => !categories.hazardsOf.has(key.toLowerCase())),
  };
}
