import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  type ScryptOptions,
  scryptSync,
} from 'node:crypto';
import { z } from 'zod';
import { SafelightError } from '../core/errors.ts';
import { displayPath } from './display-path.ts';
import { manifestSchema } from './suite.ts';

/*
 * A sealed suite is one file: a line of JSON that anybody may read, then the prompts under
 * AES-256-GCM, then the tag. The header is authenticated with them, so that neither can be changed.
 */

export const SEALED_SUFFIX = '.sealed';
const TAG_BYTES = 16;
/** About 0.1 s and 64 MB a try, so that a short passphrase is not guessed in bulk. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1 } as const;
const SCRYPT_MEMORY: ScryptOptions = { maxmem: 128 * 1024 * 1024 };
/** Shortest key that is taken, in characters. */
export const KEY_LENGTH_MIN = 16;

export const sealedHeaderSchema = z.strictObject({
  safelight: z.literal('sealed-suite'),
  version: z.literal(1),
  cipher: z.literal('aes-256-gcm'),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.literal(SCRYPT.N),
    r: z.literal(SCRYPT.r),
    p: z.literal(SCRYPT.p),
    /** Base64. */
    salt: z.string().min(1),
  }),
  /** Base64. */
  iv: z.string().min(1),
  /** Environment variable that held the key when it was sealed. */
  keyEnv: z.string().min(1),
  /** Open, so that the suite can be listed and cited. */
  manifest: manifestSchema,
});
export type SealedHeader = z.infer<typeof sealedHeaderSchema>;

export interface OpenedSeal {
  readonly header: SealedHeader;
  /** The bytes of the JSONL file. In memory only. */
  readonly prompts: Buffer;
  /** Keyed hash of a text, hexadecimal. */
  readonly hash: (text: string) => string;
}

/** Encrypts the bytes of a JSONL file. */
export function sealBytes(
  prompts: Uint8Array,
  manifest: SealedHeader['manifest'],
  key: { readonly env: string; readonly value: string },
  random: (bytes: number) => Buffer = randomBytes,
): Buffer {
  const salt = random(16);
  const iv = random(12);
  const header: SealedHeader = {
    safelight: 'sealed-suite',
    version: 1,
    cipher: 'aes-256-gcm',
    kdf: { name: 'scrypt', ...SCRYPT, salt: salt.toString('base64') },
    iv: iv.toString('base64'),
    keyEnv: key.env,
    manifest,
  };
  const line = Buffer.from(`${JSON.stringify(header)}\n`);
  const cipher = createCipheriv('aes-256-gcm', deriveKeys(key.value, salt).cipher, iv);
  cipher.setAAD(line);
  return Buffer.concat([line, cipher.update(prompts), cipher.final(), cipher.getAuthTag()]);
}

/** Reads what is open of a sealed file. @throws SafelightError `sealed_invalid`. */
export function readSealedHeader(bytes: Buffer, path: string): SealedHeader {
  const end = bytes.indexOf(0x0a);
  let value: unknown;
  try {
    value = JSON.parse(bytes.subarray(0, Math.max(0, end)).toString('utf8'));
  } catch (cause) {
    throw invalid(path, 'it does not begin with a header', cause);
  }
  const header = sealedHeaderSchema.safeParse(value);
  if (!header.success) {
    throw invalid(path, 'its header is of another version, or damaged', header.error);
  }
  return header.data;
}

/**
 * Decrypts a sealed file in memory.
 *
 * @throws SafelightError `sealed_invalid`, `sealed_key_missing` or `sealed_key_wrong`.
 */
export function openSealed(
  bytes: Buffer,
  path: string,
  secret: (name: string) => string | undefined,
): OpenedSeal {
  const header = readSealedHeader(bytes, path);
  const start = bytes.indexOf(0x0a) + 1;
  if (bytes.length < start + TAG_BYTES) throw invalid(path, 'it is cut short');
  const value = requireKey(header.keyEnv, secret);
  const keys = deriveKeys(value, Buffer.from(header.kdf.salt, 'base64'));
  try {
    const decipher = createDecipheriv('aes-256-gcm', keys.cipher, Buffer.from(header.iv, 'base64'));
    decipher.setAAD(bytes.subarray(0, start));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const prompts = Buffer.concat([
      decipher.update(bytes.subarray(start, bytes.length - TAG_BYTES)),
      decipher.final(),
    ]);
    return {
      header,
      prompts,
      hash: (text) => createHmac('sha256', keys.hash).update(text).digest('hex'),
    };
  } catch (cause) {
    throw new SafelightError(
      `${displayPath(path)}: the key in ${header.keyEnv} does not open this sealed suite, or the file was changed`,
      {
        code: 'sealed_key_wrong',
        kind: 'configuration',
        hint: `Put the key that sealed it into ${header.keyEnv}, or ask its owner for the file again.`,
        cause,
      },
    );
  }
}

/** @throws SafelightError `sealed_key_missing` or `sealed_key_short`. */
export function requireKey(name: string, secret: (name: string) => string | undefined): string {
  const value = secret(name);
  if (value === undefined || value === '') {
    throw new SafelightError(`the environment variable ${name} is not set`, {
      code: 'sealed_key_missing',
      kind: 'configuration',
      hint: `It holds the key of a sealed suite: export ${name}=…`,
    });
  }
  if (value.length < KEY_LENGTH_MIN) {
    throw new SafelightError(`the key in ${name} is shorter than ${KEY_LENGTH_MIN} characters`, {
      code: 'sealed_key_short',
      kind: 'configuration',
      hint: 'Make one with: openssl rand -base64 32',
    });
  }
  return value;
}

/** One key to encrypt with and another for the hashes of texts. */
function deriveKeys(
  value: string,
  salt: Buffer,
): { readonly cipher: Buffer; readonly hash: Buffer } {
  const derived = scryptSync(value, salt, 64, { ...SCRYPT, ...SCRYPT_MEMORY });
  return { cipher: derived.subarray(0, 32), hash: derived.subarray(32) };
}

function invalid(path: string, why: string, cause?: unknown): SafelightError {
  return new SafelightError(`${displayPath(path)}: this is no sealed suite: ${why}`, {
    code: 'sealed_invalid',
    kind: 'input',
    hint: 'Sealed suites are made with `safelight suites seal`.',
    ...(cause === undefined ? {} : { cause }),
  });
}
