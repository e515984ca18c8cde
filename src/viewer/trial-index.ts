import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBValue,
  type Json,
} from '@duckdb/node-api';
import { toStorageError } from '../store/storage-error.ts';
import { scoreRows, trialRow } from './trial-row.ts';
import type { OpenedRun } from './viewer.ts';

/** Bump when the tables change: an index of another shape is built anew. */
const SHAPE = 4;

/** Bounds what DuckDB holds, whatever the size of the run. */
const SETTINGS = { memory_limit: '512MB', threads: '2' } as const;

/** A run's trials in tables, for questions that would otherwise read the whole journal. */
export interface TrialIndex {
  /** Lets the verdicts of these trials stand in place of the stored ones, and no others. */
  setVerdicts(verdicts: ReadonlyMap<string, string>): Promise<void>;
  rows(sql: string, values: Record<string, DuckDBValue>): Promise<Record<string, Json>[]>;
  close(): void;
}

/**
 * Opens the index of a run, built before or now. Building streams the journal.
 *
 * @param path where the index is kept.
 * @param advance called for each trial while it is built.
 * @throws SafelightError where the index cannot be written.
 */
export async function openTrialIndex(
  run: OpenedRun,
  path: string,
  advance: () => void,
): Promise<TrialIndex> {
  const known = await openBuilt(path, run.fingerprint);
  if (known !== undefined) return known;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await build(run, temporary, advance);
    await rename(temporary, path);
  } catch (error) {
    throw toStorageError(error, "the viewer's index");
  } finally {
    await rm(temporary, { force: true });
    await rm(`${temporary}.wal`, { force: true });
  }
  const built = await openBuilt(path, run.fingerprint);
  if (built === undefined) throw new Error('the index was changed while it was opened');
  return built;
}

async function openBuilt(path: string, fingerprint: string): Promise<TrialIndex | undefined> {
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(path, { ...SETTINGS, access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    // The file is shared and never changed: what people say lies over it, in this process alone.
    await connection.run('CREATE TEMP TABLE said (id VARCHAR, verdict VARCHAR)');
    // By its full name: in a temporary view of that name "main.trials" would be the view itself.
    const [database] = (
      await connection.runAndReadAll('SELECT current_database() AS name')
    ).getRowObjectsJson();
    const name = String(database?.name).replaceAll('"', '""');
    const found = `"${name}".main.trials`;
    const index = createIndex(instance, connection, found);
    await index.setVerdicts(new Map());
    const [made] = await index.rows('SELECT fingerprint FROM made_from', {});
    if (made?.fingerprint === `${SHAPE} ${fingerprint}`) return index;
    index.close();
  } catch {
    // None there, damaged, or of another shape: it is built from the journal again.
    instance?.closeSync();
  }
  return undefined;
}

/** @param found the table of trials as the detectors found them. */
function createIndex(
  instance: DuckDBInstance,
  connection: DuckDBConnection,
  found: string,
): TrialIndex {
  return {
    async setVerdicts(verdicts) {
      await connection.run('DELETE FROM said');
      // A join over every trial, for each question: only where there is something to join.
      const trials =
        verdicts.size === 0
          ? `SELECT * FROM ${found}`
          : `SELECT found.* REPLACE (coalesce(said.verdict, found.verdict) AS verdict)
             FROM ${found} AS found LEFT JOIN said ON said.id = found.id`;
      await connection.run(`CREATE OR REPLACE TEMP VIEW trials AS ${trials}`);
      const appender = await connection.createAppender('said', 'main', 'temp');
      for (const [id, verdict] of verdicts) {
        appender.appendVarchar(id);
        appender.appendVarchar(verdict);
        appender.endRow();
      }
      appender.closeSync();
    },
    async rows(sql, values) {
      const reader = await connection.runAndReadAll(sql, values);
      return reader.getRowObjectsJson();
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function build(run: OpenedRun, path: string, advance: () => void): Promise<void> {
  const instance = await DuckDBInstance.create(path, SETTINGS);
  const connection = await instance.connect();
  try {
    await connection.run(
      `CREATE TEMP TABLE arrived (seq INTEGER, id VARCHAR, prompt VARCHAR, family VARCHAR,
        endpoint VARCHAR, modality VARCHAR, intent VARCHAR, hazard VARCHAR, carrier VARCHAR,
        language VARCHAR, verdict VARCHAR, score DOUBLE, text VARCHAR, cost_usd DOUBLE,
        media VARCHAR, guarded BOOLEAN)`,
    );
    await connection.run(
      'CREATE TABLE scores (seq INTEGER, detector VARCHAR, hazard VARCHAR, carrier VARCHAR, score DOUBLE)',
    );
    const trials = await connection.createAppender('arrived', 'main', 'temp');
    const scores = await connection.createAppender('scores');
    let seq = 0;
    for await (const judged of run.judged()) {
      const row = trialRow(judged, run.policy);
      trials.appendInteger(seq);
      for (const text of [row.id, row.prompt, row.family, row.endpoint, row.modality]) {
        trials.appendVarchar(text);
      }
      trials.appendVarchar(row.intent);
      appendText(trials, row.hazard);
      for (const text of [row.carrier, row.language, row.verdict]) trials.appendVarchar(text);
      appendNumber(trials, row.score);
      trials.appendVarchar(row.text);
      appendNumber(trials, row.costUsd);
      appendText(trials, row.media);
      trials.appendBoolean(row.guarded);
      trials.endRow();
      for (const { detector, hazard, carrier, score } of scoreRows(judged.record)) {
        scores.appendInteger(seq);
        for (const text of [detector, hazard, carrier]) scores.appendVarchar(text);
        scores.appendDouble(score);
        scores.endRow();
      }
      seq += 1;
      advance();
    }
    trials.closeSync();
    scores.closeSync();
    // Which of the answers to one prompt it is: endpoints are compared turn by turn.
    await connection.run(
      `CREATE TABLE trials AS SELECT *,
         row_number() OVER (PARTITION BY endpoint, prompt ORDER BY seq)::INTEGER AS turn
       FROM arrived ORDER BY seq`,
    );
    await connection.run('CREATE TABLE made_from AS SELECT $fingerprint AS fingerprint', {
      fingerprint: `${SHAPE} ${run.fingerprint}`,
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function appendText(appender: DuckDBAppender, text: string | null): void {
  if (text === null) appender.appendNull();
  else appender.appendVarchar(text);
}

function appendNumber(appender: DuckDBAppender, value: number | null): void {
  if (value === null) appender.appendNull();
  else appender.appendDouble(value);
}
