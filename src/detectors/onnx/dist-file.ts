/**
 * Address of a file of the build. Compiled code lies in the build itself. Run from the TypeScript
 * sources (tests do that), it points into `dist/` all the same: worker threads load compiled code
 * only, and models are made by the build.
 *
 * @param path relative to `dist/`, such as `models/a.onnx`.
 */
export function distFile(path: string): URL {
  // This module lies two folders below `src/`, and below `dist/`.
  const base = import.meta.url.endsWith('.ts') ? '../../../dist/' : '../../';
  return new URL(path, new URL(base, import.meta.url));
}
