import { basename, isAbsolute, relative } from 'node:path';

/** A path for messages: relative to the working directory, or the name alone where it lies elsewhere. */
export function displayPath(path: string, cwd: string = process.cwd()): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(cwd, path);
  return inside.startsWith('..') || isAbsolute(inside) ? basename(path) : inside;
}
