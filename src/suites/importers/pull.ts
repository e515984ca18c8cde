import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import { sha256Schema } from '../../core/media-ref.ts';
import { didYouMean } from '../../core/nearest.ts';
import { delay } from '../../net/deadline.ts';
import { type DownloadProblem, downloadFile } from '../../net/download-file.ts';
import { DATASET_SOURCES, type DatasetSource, SOURCE_LIMIT_BYTES } from './sources.ts';

/** `source.json` beside the downloaded files: what they are and where they are from. */
export const pulledSchema = z.strictObject({
  dataset: z.string().min(1),
  importer: z.string().min(1),
  licence: z.string().min(1),
  homepage: z.string().min(1),
  files: z.array(
    z.strictObject({
      name: z.string().min(1),
      url: z.string().min(1),
      bytes: z.number().int().nonnegative(),
      sha256: sha256Schema,
    }),
  ),
});
export type Pulled = z.infer<typeof pulledSchema>;

export interface PullOptions {
  /** The folder that the files go to. */
  readonly out: string;
  readonly signal: AbortSignal;
  /** For one file. */
  readonly timeoutMs?: number;
  /** Before another attempt; doubled each time. */
  readonly retryDelayMs?: number;
  /** Sent to huggingface.co alone. */
  readonly huggingfaceToken?: string | undefined;
  /** Before a file is begun, and while it comes. */
  readonly onProgress?: (name: string, bytes: number, totalBytes: number | undefined) => void;
  /** Other sources than the published ones. */
  readonly sources?: readonly DatasetSource[];
  /** Whether those may lie on this machine. */
  readonly mayBePrivate?: boolean;
}

export const PULL_RECORD = 'source.json';
const TIMEOUT_MS = 30 * 60_000;
const MAX_ATTEMPTS = 3;

/** @throws SafelightError `source_unknown`, with the nearest name. */
export function findSource(
  name: string,
  sources: readonly DatasetSource[] = DATASET_SOURCES,
): DatasetSource {
  const found = sources.find(({ importer }) => importer === name);
  if (found !== undefined) return found;
  throw new SafelightError(`no data set "${name}" to download`, {
    code: 'source_unknown',
    kind: 'usage',
    hint: didYouMean(
      name,
      sources.map(({ importer }) => importer),
    ),
  });
}

/**
 * Downloads a data set's files and writes down their hashes in `source.json`. A file that is there
 * with the recorded hash is not asked for again; one that broke off is continued.
 *
 * @throws SafelightError `source_unknown`, `source_by_hand` where it is not given out at an address,
 * `pull_failed`, `pull_changed` where a file that was recorded before is now another one.
 */
export async function pullDataset(name: string, options: PullOptions): Promise<Pulled> {
  const source = findSource(name, options.sources);
  if (source.files.length === 0) {
    throw new SafelightError(`${source.dataset} is not given out at an address of its own`, {
      code: 'source_by_hand',
      kind: 'usage',
      hint: `${source.notice ?? 'Fetch it by hand.'} See ${source.homepage}, then \`safelight suites import ${source.importer} <file>\`.`,
    });
  }
  const before = await readRecord(options.out);
  const files: Pulled['files'][number][] = [];
  for (const file of source.files) {
    const target = join(options.out, file.name);
    const known = before?.files.find(({ name: one, url }) => one === file.name && url === file.url);
    if (known !== undefined && (await hashFile(target)) === known.sha256) {
      files.push(known);
      continue;
    }
    const { sha256, bytes } = await downloadWithRetries(file.url, target, file.name, options);
    if (known !== undefined && known.sha256 !== sha256) {
      throw new SafelightError(`${file.name} is not the file that was recorded before`, {
        code: 'pull_changed',
        kind: 'input',
        hint: `Its authors may have changed it: compare, then delete ${PULL_RECORD} to accept it.`,
      });
    }
    files.push({ name: file.name, url: file.url, bytes, sha256 });
  }
  const { dataset, importer, licence, homepage } = source;
  const pulled: Pulled = { dataset, importer, licence, homepage, files };
  await writeFile(join(options.out, PULL_RECORD), `${JSON.stringify(pulled, null, 2)}\n`);
  return pulled;
}

async function downloadWithRetries(
  address: string,
  target: string,
  name: string,
  options: PullOptions,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const url = new URL(address);
  const token = url.hostname === 'huggingface.co' ? options.huggingfaceToken : undefined;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await downloadFile(url, target, {
      maxBytes: SOURCE_LIMIT_BYTES,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      mayBePrivate: options.mayBePrivate === true,
      ...(token === undefined ? {} : { credentials: { authorization: `Bearer ${token}` } }),
      signal: options.signal,
      onProgress: (bytes, totalBytes) => options.onProgress?.(name, bytes, totalBytes),
    });
    if (answer.kind === 'file') return answer;
    if (attempt === MAX_ATTEMPTS || !isPassing(answer)) throw failed(name, answer);
    await delay((options.retryDelayMs ?? 1_000) * 2 ** (attempt - 1), options.signal);
  }
}

/** Whether the same request may go well a moment later: then it goes on where it broke off. */
function isPassing({ code, status = 0 }: DownloadProblem): boolean {
  return code === 'network' || code === 'truncated' || status === 429 || status >= 500;
}

function failed(name: string, { message, status }: DownloadProblem): SafelightError {
  return new SafelightError(`${name}: ${message}`, {
    code: 'pull_failed',
    kind: 'environment',
    hint:
      status === 401 || status === 403
        ? 'It is given out after a form: accept its terms on its page, and set HF_TOKEN where it is on Hugging Face.'
        : 'Try again: a download that broke off is continued. Or fetch the file by hand and import it.',
  });
}

async function readRecord(folder: string): Promise<Pulled | undefined> {
  const text = await readFile(join(folder, PULL_RECORD), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return pulledSchema.parse(JSON.parse(text));
  } catch {
    // Not ours, or damaged: everything is downloaded anew and the record written anew.
    return undefined;
  }
}

async function hashFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
