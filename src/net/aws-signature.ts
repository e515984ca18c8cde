import aws4 from 'aws4';
import type { HeaderMap } from './retry-timing.ts';

/** What a signature may depend on. */
export interface SignableCall {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** The body as it is sent, empty where there is none. For media always empty. */
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly at: Date;
}

export interface AwsSigner {
  /** Such as `bedrock`. */
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** Sent and signed with the call. */
  readonly headers?: HeaderMap;
}

/**
 * The headers that a call to AWS needs beside those that every call has, the signature (Signature
 * Version 4) among them. Pure: the time is the call's own.
 */
export function signAws(call: SignableCall, signer: AwsSigner): HeaderMap {
  const added: HeaderMap = {
    ...signer.headers,
    'x-amz-date': call.at.toISOString().replace(/[-:]|\.\d+/g, ''),
    ...(signer.sessionToken === undefined ? {} : { 'x-amz-security-token': signer.sessionToken }),
  };
  const request = {
    service: signer.service,
    region: signer.region,
    method: call.method,
    path: call.url.pathname + call.url.search,
    headers: {
      host: call.url.host,
      ...(call.contentType === undefined ? {} : { 'content-type': call.contentType }),
      ...added,
    },
    // Even an empty buffer would be taken for a form.
    ...(call.body.byteLength === 0 ? {} : { body: Buffer.from(call.body) }),
    // Set on the way out, and may change there.
    extraHeadersToIgnore: { 'content-length': true },
  };
  const { accessKeyId, secretAccessKey } = signer;
  const authorization = aws4.sign(request, { accessKeyId, secretAccessKey }).headers?.Authorization;
  return { ...added, authorization: String(authorization) };
}
