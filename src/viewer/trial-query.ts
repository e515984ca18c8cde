import type { DuckDBValue, Json } from '@duckdb/node-api';
import type { z } from 'zod';
import type { TrialIndex } from './trial-index.ts';
import {
  type compareRequestSchema,
  type listRequestSchema,
  PAGE_SIZE,
  type SORTS,
  type TrialFilter,
} from './viewer.ts';

type Row = Record<string, Json>;

export interface Page {
  readonly total: number;
  readonly pageSize: number;
  readonly rows: readonly Row[];
}

const ORDER: Readonly<Record<(typeof SORTS)[number], string>> = {
  order: 'seq',
  score: 'score',
  endpoint: 'endpoint',
  verdict: 'verdict',
  prompt: 'prompt',
  cost: 'cost_usd',
};

const COLUMNS =
  'id, prompt, endpoint, modality, intent, hazard, carrier, language, verdict, score, cost_usd, media, guarded, text[:200] AS text';

export async function listTrials(
  index: TrialIndex,
  request: z.infer<typeof listRequestSchema>,
): Promise<Page> {
  const { where, values } = conditionOf(request.filter);
  const direction = request.descending ? 'DESC' : 'ASC';
  const order = `ORDER BY ${ORDER[request.sort]} ${direction} NULLS LAST, seq`;
  // Sorts numbers, and fetches texts for one page only.
  const rows = await index.rows(
    `SELECT ${COLUMNS} FROM trials WHERE seq IN (
       SELECT seq FROM trials WHERE ${where} ${order}
       LIMIT ${PAGE_SIZE} OFFSET ${request.page * PAGE_SIZE}
     ) ${order}`,
    values,
  );
  const counted = await index.rows(
    `SELECT count(*)::INTEGER AS n FROM trials WHERE ${where}`,
    values,
  );
  return { total: Number(counted[0]?.n ?? 0), pageSize: PAGE_SIZE, rows };
}

/** Two endpoints, prompt by prompt, at equal places in the order of seeds and repeats. */
export async function compareEndpoints(
  index: TrialIndex,
  request: z.infer<typeof compareRequestSchema>,
): Promise<Page> {
  const from = `trials a JOIN trials b USING (prompt, turn)
    WHERE a.endpoint = $first AND b.endpoint = $second
    ${request.differing ? 'AND a.verdict <> b.verdict' : ''}`;
  const values = { first: request.first, second: request.second };
  const rows = await index.rows(
    `WITH pairs AS (
       SELECT a.seq AS a_seq, b.seq AS b_seq FROM ${from}
       ORDER BY prompt, turn LIMIT ${PAGE_SIZE} OFFSET ${request.page * PAGE_SIZE}
     )
     SELECT a.prompt AS prompt, a.text[:200] AS text, a.id AS first_id,
       a.verdict AS first_verdict, a.score AS first_score, b.id AS second_id,
       b.verdict AS second_verdict, b.score AS second_score
     FROM pairs JOIN trials a ON a.seq = a_seq JOIN trials b ON b.seq = b_seq
     ORDER BY a.prompt, a.turn`,
    values,
  );
  const counted = await index.rows(`SELECT count(*)::INTEGER AS n FROM ${from}`, values);
  return { total: Number(counted[0]?.n ?? 0), pageSize: PAGE_SIZE, rows };
}

/** Other trials of the same family on the same endpoint: twins and augmentations. */
export function familyOf(index: TrialIndex, trialId: string): Promise<Row[]> {
  return index.rows(
    `SELECT ${COLUMNS} FROM trials
     WHERE family = (SELECT family FROM trials WHERE id = $id LIMIT 1)
       AND endpoint = (SELECT endpoint FROM trials WHERE id = $id LIMIT 1) AND id <> $id
     ORDER BY seq LIMIT ${PAGE_SIZE}`,
    { id: trialId },
  );
}

/** What there is to filter by. */
export async function facetsOf(index: TrialIndex): Promise<Row> {
  const [row] = await index.rows(
    `SELECT (SELECT list_sort(list(DISTINCT language)) FROM trials) AS languages,
       (SELECT list_sort(list(DISTINCT endpoint)) FROM trials) AS endpoints,
       (SELECT list(DISTINCT {'detector': detector, 'hazard': hazard, 'carrier': carrier}) FROM scores) AS scored`,
    {},
  );
  return row ?? {};
}

/** Only names of columns are put into the text of a query; whatever comes from outside is a value. */
function conditionOf(filter: TrialFilter): { where: string; values: Record<string, DuckDBValue> } {
  const parts = ['true'];
  const values: Record<string, DuckDBValue> = {};
  for (const column of [
    'endpoint',
    'hazard',
    'carrier',
    'intent',
    'verdict',
    'language',
    'modality',
  ] as const) {
    const value = filter[column];
    if (value === undefined) continue;
    parts.push(`${column} = $${column}`);
    values[column] = value;
  }
  const { detector, scoreMin, scoreMax, text } = filter;
  const range: string[] = [];
  if (scoreMin !== undefined) {
    range.push('score >= $low');
    values.low = scoreMin;
  }
  if (scoreMax !== undefined) {
    range.push('score <= $high');
    values.high = scoreMax;
  }
  if (detector !== undefined) {
    values.detector = detector;
    const inside = ['detector = $detector', ...range].join(' AND ');
    parts.push(`seq IN (SELECT seq FROM scores WHERE ${inside})`);
  } else {
    parts.push(...range);
  }
  if (text !== undefined && text !== '') {
    parts.push('(contains(lower(text), lower($text)) OR contains(lower(prompt), lower($text)))');
    values.text = text.replaceAll('\0', '␀');
  }
  return { where: parts.join(' AND '), values };
}
