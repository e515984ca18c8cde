/** What a {@link SafelightError} is about. `usage` and `configuration` make the exit code 2. */
export type ErrorKind = 'usage' | 'configuration' | 'input' | 'environment' | 'internal';

export interface SafelightErrorOptions {
  /** Stable, machine-readable, `snake_case`. Never reused for another meaning. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** One sentence that says what to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * Every failure that a user can do something about. The CLI prints `message` and `hint` and never
 * a stack trace. Messages hold no secret, no prompt text and no media byte: name things by id,
 * file and line.
 */
export class SafelightError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(message: string, options: SafelightErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SafelightError';
    this.code = options.code;
    this.kind = options.kind;
    this.hint = options.hint;
  }
}

/** Where a problem stands in a text file, for `file:line` in messages. */
export interface FilePosition {
  readonly file: string;
  /** 1-based. */
  readonly line?: number | undefined;
}

/** `prompts/a.jsonl:12`, or the file alone where no line is known. */
export function formatPosition(position: FilePosition): string {
  return position.line === undefined ? position.file : `${position.file}:${position.line}`;
}

/** Bad content in a file that a user wrote: message starts with file and line. */
export function inputError(
  position: FilePosition,
  problem: string,
  options: { code: string; hint?: string; cause?: unknown },
): SafelightError {
  return new SafelightError(`${formatPosition(position)}: ${problem}`, {
    kind: 'input',
    ...options,
  });
}
