import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { inputError, SafelightError } from '../../core/errors.ts';
import { displayPath } from '../display-path.ts';
import { unreadable } from '../read-prompts.ts';

/** What is wrong with a published file as a whole. */
export function formatError(
  file: string,
  problem: string,
  options: { readonly line?: number | undefined; readonly cause?: unknown } = {},
): SafelightError {
  return inputError({ file: displayPath(file), line: options.line }, problem, {
    code: 'import_format',
    hint: 'Give the file as it was published, in UTF-8.',
    cause: options.cause,
  });
}

/**
 * Streams a file's text, without a byte order mark.
 *
 * @throws SafelightError `import_format` with the line where it stops being UTF-8.
 */
export async function* readText(file: string): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      const text = decode(decoder, chunk);
      if (text === undefined) throw brokenAt(file, line + linesBeforeDamage(chunk));
      line += countLines(chunk);
      yield text;
    }
  } catch (cause) {
    throw cause instanceof SafelightError ? cause : unreadable(file, cause);
  }
  if (decode(decoder) === undefined) throw brokenAt(file, line);
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes?: Buffer): string | undefined {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function brokenAt(file: string, line: number): SafelightError {
  return formatError(file, 'expected UTF-8, found other bytes', { line });
}

const LINE_FEED = 0x0a;

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1))
    count += 1;
  return count;
}

/** How many lines of a chunk are whole. Its first line may have begun in the chunk before. */
function linesBeforeDamage(chunk: Buffer): number {
  let start = 0;
  for (let count = 0; ; count += 1) {
    const end = chunk.indexOf(LINE_FEED, start);
    if (end < 0 || !isUtf8(chunk.subarray(start, end))) return count;
    start = end + 1;
  }
}

/** A whole text of at most `limitBytes`: for JSON, which is no stream. */
export async function readWholeText(file: string, limitBytes: number): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const part of readText(file)) {
    length += part.length;
    if (length > limitBytes) throw formatError(file, `expected at most ${limitBytes} bytes`);
    parts.push(part);
  }
  return parts.join('');
}
