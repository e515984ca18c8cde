import type { MediaProblem, MediaProblemCode } from './media.ts';

/** Builds a problem. The message names no path and quotes no content. */
export function mediaProblem(code: MediaProblemCode, message: string): MediaProblem {
  return { kind: 'problem', code, message };
}

/** Tells a problem from what was asked for. */
export function isMediaProblem(value: object): value is MediaProblem {
  return 'kind' in value && value.kind === 'problem' && 'code' in value;
}
