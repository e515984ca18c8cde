import type { HttpAuthorization } from './http-adapter.ts';

/**
 * A key that goes into one header.
 *
 * @param variable name of the environment variable; without one nothing is sent.
 * @param header in lower case.
 * @param scheme what stands before the key, such as `Key`.
 */
export function keyInHeader(
  variable: string | undefined,
  header: string,
  scheme?: string,
): HttpAuthorization {
  return {
    variables: variable === undefined ? {} : { key: variable },
    headers: ({ key = '' }) => ({ [header]: scheme === undefined ? key : `${scheme} ${key}` }),
  };
}

/** A key as RFC 6750 has it: `Authorization: Bearer …`. */
export function bearerKey(variable: string | undefined): HttpAuthorization {
  return keyInHeader(variable, 'authorization', 'Bearer');
}
