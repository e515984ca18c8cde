import { describe, expect, it } from 'vitest';
import {
  FAILURE_TEXTS,
  matchFailureText,
  matchPolicyText,
  matchRefusalWords,
  POLICY_TEXTS,
  REFUSAL_WORDS,
} from '../../src/endpoints/outcome-texts.ts';

describe('words of infrastructure', () => {
  it.each([
    [
      'You have exceeded your GPU quota (120s requested vs. 44s left). Try again in 23:14:07',
      'quota',
    ],
    ['You have exceeded your free GPU quota (60s requested vs. 0s left).', 'quota'],
    ['Space app has reached its GPU limit.', 'quota'],
    ['ZeroGPU queue timeout', 'quota'],
    ['ZeroGPU pending credits exceeded', 'quota'],
    ['ZeroGPU illegal duration', 'quota'],
    ['ZeroGPU worker error', 'unknown'],
    ['Expired ZeroGPU proxy token', 'auth'],
    ['Your request was blocked: daily limit reached', 'quota'],
    ['Rate limit exceeded. Blocked for safety of the service.', 'rate'],
    ['Too many requests, please slow down', 'rate'],
    ['Queue is full. Max size is 2 and size is 2.', 'rate'],
    ['Model black-forest-labs/FLUX.1-dev is currently loading', 'cold'],
    ['CUDA out of memory. Tried to allocate 2.00 GiB', 'unknown'],
    ['Could not load the safety checker: content filter weights are missing', 'unknown'],
    ['Blocked by the network policy of this organisation', 'unknown'],
    ['Invalid API key', 'auth'],
    ['Prompt is too long; please try a different prompt', 'bad_request'],
  ])('%s', (text, cause) => {
    expect(matchFailureText([text])?.cause).toBe(cause);
  });
});

describe('words of policy', () => {
  it.each([
    ['Unsafe content found. Please try again with different prompts.', 'unknown'],
    ["'Unsafe content found. Please try again with different prompts.'", 'unknown'],
    ['NSFW content detected.', 'unknown'],
    ['NSFW content detected. Try running it again, or try a different prompt.', 'unknown'],
    ['Your generated image may contain NSFW content.', 'output_filter'],
    [
      'Potential NSFW content was detected in one or more images. A black image will be returned instead.',
      'output_filter',
    ],
    [
      'The input or output was flagged as sensitive. Please try again with different inputs. (E005)',
      'unknown',
    ],
    ['Your prompt was flagged by the safety filter.', 'prompt_filter'],
    ['Your request was rejected as a result of our safety system.', 'prompt_filter'],
    ['Request Moderated', 'prompt_filter'],
    ['Content Moderated', 'output_filter'],
    ['Failure to pass the risk control system', 'unknown'],
    ['This violates our community guidelines', 'unknown'],
    ["Error code: 400 - {'error': {'code': 'moderation_blocked'}}", 'unknown'],
    ['The prompt contains banned words', 'prompt_filter'],
    ['This request has been blocked by our content filters.', 'prompt_filter'],
  ])('%s', (text, stage) => {
    expect(matchFailureText([text])).toBeUndefined();
    const policy = matchPolicyText([text]);
    expect(policy).toBeDefined();
    expect(policy?.stage).toBe(stage);
  });

  it.each([
    'An error occurred',
    'Error',
    "'NoneType' object has no attribute 'shape'",
    'list index out of range',
    'Expected all tensors to be on the same device',
    'Connection errored out. ',
    'Internal Server Error',
    'needed: 4, got: 3',
    'Input is case-sensitive',
    'Forbidden: requests from your region are not served',
    'CUDA error: an illegal memory access was encountered',
    'GPU task aborted',
    'The prompt must be a string',
    'steps must be between 1 and 50',
    '',
  ])('says nothing: %s', (text) => {
    expect(matchPolicyText([text])).toBeUndefined();
  });
});

it('takes weak words only in place of media', () => {
  for (const text of ["I'm sorry, but I can't create that.", 'This is not allowed here.']) {
    expect(matchPolicyText([text])).toBeUndefined();
    expect(matchRefusalWords([text])).toBeDefined();
  }
  expect(matchRefusalWords(['Unable to generate: the disk is full'])).toBeUndefined();
  expect(matchRefusalWords(['Seed: 7, steps: 4'])).toBeUndefined();
});

it('names every rule once, and every pattern is quick on a long text', () => {
  const rows = [...FAILURE_TEXTS, ...POLICY_TEXTS, ...REFUSAL_WORDS];
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  // As much as evidence keeps of one string, made of words that start many patterns.
  const long = 'exceeded your prompt blocked NSFW generated image try a '.repeat(36);
  for (const { pattern } of rows) {
    expect(pattern.global).toBe(false);
    pattern.test(long);
  }
});
