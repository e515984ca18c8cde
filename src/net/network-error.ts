/**
 * The system's code of a network error (`ECONNREFUSED`, `UND_ERR_SOCKET`, `ENOTFOUND`), looked for
 * along the chain of causes, since `fetch` only says "fetch failed".
 */
export function networkErrorCode(error: unknown): string | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    // Happy eyeballs: one error per address.
    const next: unknown =
      current instanceof AggregateError ? (current.errors[0] ?? current.cause) : current.cause;
    current = next;
  }
  return undefined;
}
