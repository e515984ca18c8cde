import { explainLostPath, leadsSomewhere } from '../core/json-path-loss.ts';
import { leavesOf } from '../core/template.ts';
import type { HttpDeclaration } from './http-declaration.ts';
import type { DeclaredProblem } from './http-declared-checks.ts';

type Examples = NonNullable<HttpDeclaration['example']>;

/** A path, where the declaration writes it, and the recorded answer that it reads. */
interface TriedPath {
  readonly at: readonly (string | number)[];
  readonly text: string;
  readonly reads: keyof Examples;
}

type Read = Pick<
  HttpDeclaration,
  | 'media'
  | 'words'
  | 'job'
  | 'refusals'
  | 'failures'
  | 'revisedPrompt'
  | 'revision'
  | 'cost'
  | 'example'
>;

/**
 * Tries all paths of a declaration against its recorded answers: each that leads nowhere, and where
 * it loses its way. Of `refusals` with `words`, and of `failures`, one must read its example.
 */
export function exampleProblems(declared: Read): DeclaredProblem[] {
  const { example } = declared;
  if (example === undefined) return [];
  return [
    ...lostPaths(example, neededPaths(declared)),
    ...unread(example, 'refusal', '`refusals` or `words`', [
      ...rulePaths('refusals', declared.refusals, 'refusal'),
      ...(declared.words ?? []).map((text) => ({
        at: ['words'],
        text,
        reads: 'refusal' as const,
      })),
    ]),
    ...unread(example, 'failure', '`failures`', [
      ...rulePaths('failures', declared.failures, 'failure'),
    ]),
  ];
}

/** Paths that must lead somewhere, each in the answer that it reads. */
function neededPaths({ media, job, revisedPrompt, revision, cost }: Read): TriedPath[] {
  const paths: [TriedPath['at'], unknown, TriedPath['reads']][] = [
    ...(media === 'body' ? [] : leavesOf(media, ['media'])).map(
      ({ path, value }): [TriedPath['at'], unknown, TriedPath['reads']] => [
        path.slice(0, 2),
        value,
        'answer',
      ],
    ),
    [['job', 'id'], job?.id, 'ticket'],
    [['job', 'urlPath'], job?.urlPath, 'ticket'],
    // Where media are fetched apart, the answer that holds them needs no state.
    [['job', 'status'], job?.result === undefined ? job?.status : undefined, 'answer'],
    [['revisedPrompt'], revisedPrompt, 'answer'],
    [['revision'], revision, 'answer'],
    [['cost', 'path'], cost?.path, 'answer'],
  ];
  return paths.flatMap(([at, text, reads]) =>
    typeof text === 'string' ? [{ at, text, reads }] : [],
  );
}

/** A rule without a path reads the HTTP status, which no example holds: it may be the one. */
function rulePaths(
  key: string,
  rules: HttpDeclaration['refusals'] | HttpDeclaration['failures'],
  reads: TriedPath['reads'],
): (TriedPath | 'status')[] {
  return rules.map(({ path }, index) =>
    path === undefined ? 'status' : { at: [key, index, 'path'], text: path, reads },
  );
}

/** What is wrong where none of several paths reads an example. */
function unread(
  example: Examples,
  reads: TriedPath['reads'],
  keys: string,
  paths: readonly (TriedPath | 'status')[],
): DeclaredProblem[] {
  const answer = example[reads];
  if (answer === undefined) return [];
  if (paths.length === 0) {
    return [{ path: ['example', reads], message: `nothing under ${keys} reads it` }];
  }
  const isRead = paths.some((path) => path === 'status' || leadsSomewhere(path.text, answer));
  return isRead
    ? []
    : lostPaths(
        example,
        paths.filter((path) => path !== 'status'),
      );
}

function lostPaths(example: Examples, tried: readonly TriedPath[]): DeclaredProblem[] {
  return tried.flatMap(({ at, text, reads }) => {
    const answer = example[reads];
    const lost = answer === undefined ? undefined : explainLostPath(text, answer);
    return lost === undefined
      ? []
      : [{ path: at, message: `${text} matches nothing in \`example.${reads}\`: ${lost}` }];
  });
}
