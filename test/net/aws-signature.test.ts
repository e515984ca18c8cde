import { describe, expect, it } from 'vitest';
import { signAws } from '../../src/net/aws-signature.ts';

// The credentials, the time and the names of the test suite that AWS publishes for Signature Version 4.
const suite = {
  service: 'service',
  region: 'us-east-1',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const at = new Date('2015-08-30T12:36:00Z');
const scope = 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
const call = (method: 'GET' | 'POST', path: string, body = '', contentType?: string) => ({
  method,
  url: new URL(path, 'https://example.amazonaws.com'),
  body: new Uint8Array(Buffer.from(body)),
  contentType,
  at,
});

describe('signAws', () => {
  it.each([
    [
      'get-vanilla',
      call('GET', '/'),
      'host;x-amz-date',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'post-vanilla',
      call('POST', '/'),
      'host;x-amz-date',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'get-vanilla-query-order-key-case',
      call('GET', '/?Param2=value2&Param1=value1'),
      'host;x-amz-date',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-x-www-form-urlencoded',
      call('POST', '/', 'Param1=value1', 'application/x-www-form-urlencoded'),
      'content-type;host;x-amz-date',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('agrees with the published vector %s', (_name, signed, names, signature) => {
    expect(signAws(signed, suite)).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization: `${scope}, SignedHeaders=${names}, Signature=${signature}`,
    });
  });

  it('signs the headers that it is given, and a session token', () => {
    const signed = signAws(call('POST', '/'), {
      ...suite,
      sessionToken: 'token',
      headers: { 'x-amzn-extra': 'yes' },
    });
    expect(signed).toMatchObject({ 'x-amz-security-token': 'token', 'x-amzn-extra': 'yes' });
    expect(signed.authorization).toContain(
      'SignedHeaders=host;x-amz-date;x-amz-security-token;x-amzn-extra,',
    );
  });

  // Computed with @smithy/signature-v4 5.7.5, the signer of AWS' own SDK.
  it('encodes a path once more, as every service but S3 wants it', () => {
    const signed = signAws(
      call('POST', '/model/amazon.nova-canvas-v1%3A0/invoke', '{"a":1}', 'application/json'),
      { ...suite, service: 'bedrock' },
    );
    expect(signed.authorization).toMatch(
      /Signature=a95898071b34fc10a0dae45a997ecb52d522f33e21b120328f7937549933aaef$/,
    );
  });
});
