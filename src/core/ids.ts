import { hash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';

// The package is CommonJS with a default export of its own: TypeScript sees the namespace.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** RFC 8785 canonical JSON: equal values give equal bytes whatever the order of keys. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

/** SHA-256 of the canonical JSON of a value, 64 lower-case hexadecimal digits. */
export function sha256Of(value: unknown): string {
  return sha256OfBytes(canonicalJson(value));
}

/** SHA-256 of bytes, or of a string's UTF-8 bytes, 64 lower-case hexadecimal digits. */
export function sha256OfBytes(bytes: Uint8Array | string): string {
  return hash('sha256', bytes);
}
