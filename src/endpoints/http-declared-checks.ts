import { parseJsonPath } from '../core/json-path.ts';
import {
  explainUnknown,
  fillUrl,
  leavesOf,
  placeholdersIn,
  secretsIn,
  type TemplateLeaf,
  wholePlaceholder,
} from '../core/template.ts';
import type { HttpDeclaration } from './http-declaration.ts';
import { resolveUrl } from './http-transport.ts';

/** Placeholders that are always there. */
const REQUEST_NAMES = ['prompt', 'seed', 'count'] as const;
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|x-key)$|api-?key|token|secret/i;

/** What is wrong, and with which key. */
export interface DeclaredProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Templates = Pick<
  HttpDeclaration,
  | 'url'
  | 'headers'
  | 'body'
  | 'form'
  | 'job'
  | 'parameters'
  | 'safetySettings'
  | 'baseUrl'
  | 'media'
  | 'words'
  | 'ownHosts'
  | 'method'
>;

/** What is wrong between the parts, found before anything is sent. */
export function problemsOf(options: Templates): DeclaredProblem[] {
  const { url, headers, body, form, job, parameters, safetySettings } = options;
  const own = [...Object.keys(parameters), ...Object.keys(safetySettings)];
  const request = [...REQUEST_NAMES, ...own];
  const leaves = [
    { path: ['url'], value: url },
    ...leavesOf(body ?? {}, ['body']),
    ...leavesOf(form ?? {}, ['form']),
  ];
  const polls = [
    { path: ['job', 'url'], value: job?.url },
    { path: ['job', 'result'], value: job?.result },
  ];
  const problems: DeclaredProblem[] = [
    ...leaves.flatMap((leaf) => [...unknownNames(leaf, request), ...strayedSecrets(leaf)]),
    ...polls.flatMap((leaf) => [...unknownNames(leaf, ['jobId', ...own]), ...strayedSecrets(leaf)]),
    ...leavesOf(headers, ['headers']).flatMap((leaf) => unknownNames(leaf, ['count', ...own])),
    ...Object.entries(headers).flatMap(([name, value]) => heldSecret(name, value)),
    ...[...leaves.slice(0, 1), ...polls].flatMap((leaf) => foreignUrl(leaf, options)),
  ];
  problems.push(...malformedPaths(options));
  const elsewhere = [...leaves, ...polls, ...leavesOf(headers, ['headers'])];
  problems.push(
    ...elsewhere.flatMap((leaf) => brokenParts(leaf, { ...parameters, ...safetySettings })),
  );
  const repeated = own.find(
    (name, index) =>
      own.indexOf(name) < index || [...REQUEST_NAMES, 'jobId'].some((known) => known === name),
  );
  if (repeated !== undefined) {
    const path = [Object.hasOwn(parameters, repeated) ? 'parameters' : 'safetySettings', repeated];
    problems.push({ path, message: `{${repeated}} is taken: choose another name` });
  }
  if (body !== undefined && form !== undefined) {
    problems.push({ path: ['form'], message: 'a request has `body` or `form`, and not both' });
  }
  if (options.method === 'GET' && (body ?? form) !== undefined) {
    problems.push({ path: ['method'], message: 'a GET has no body: put placeholders into `url`' });
  }
  if (
    !leaves.some(
      ({ value }) => typeof value === 'string' && placeholdersIn(value).includes('prompt'),
    )
  ) {
    problems.push({
      path: [],
      message: 'nothing sends the prompt: put {prompt} into `body`, `form` or `url`',
    });
  }
  const asksById = polls.some(
    ({ value }) => value !== undefined && placeholdersIn(value).includes('jobId'),
  );
  if (asksById && job?.id === undefined) {
    problems.push({
      path: ['job', 'id'],
      message: '{jobId} needs `id`, the path to it in the first answer',
    });
  }
  return problems;
}

function malformedPaths({ media, words = [] }: Templates): DeclaredProblem[] {
  const paths = [
    ...(media === 'body' ? [] : leavesOf(media, ['media'])),
    ...leavesOf(words, ['words']),
  ];
  return paths.flatMap(({ path, value }) => {
    const parsed = typeof value === 'string' ? parseJsonPath(value) : undefined;
    return typeof parsed === 'string' ? [{ path: path.slice(0, 2), message: parsed }] : [];
  });
}

function unknownNames({ path, value }: TemplateLeaf, known: readonly string[]): DeclaredProblem[] {
  const message = typeof value === 'string' ? explainUnknown(value, known) : undefined;
  return message === undefined ? [] : [{ path, message }];
}

/** A value with parts has no form in words: it fits where it stands alone in JSON. */
function brokenParts(
  { path, value }: TemplateLeaf,
  own: HttpDeclaration['parameters'],
): DeclaredProblem[] {
  if (typeof value !== 'string') return [];
  if (path[0] === 'body' && wholePlaceholder(value) !== undefined) return [];
  const name = placeholdersIn(value).find(
    (placeholder) => typeof own[placeholder] === 'object' && own[placeholder] !== null,
  );
  return name === undefined
    ? []
    : [
        {
          path,
          message: `{${name}} has parts: it can only stand alone in a value of \`body\`, as '{${name}}'`,
        },
      ];
}

function strayedSecrets({
  path,
  value,
}: {
  path: readonly (string | number)[];
  value: unknown;
}): DeclaredProblem[] {
  const [name] = typeof value === 'string' ? secretsIn(value) : [];
  return name === undefined
    ? []
    : [
        {
          path,
          message: `\${${name}} is a secret's variable: those are sent in \`headers\` alone`,
        },
      ];
}

function heldSecret(name: string, value: string): DeclaredProblem[] {
  return SECRET_HEADER.test(name) && secretsIn(value).length === 0
    ? [
        {
          path: ['headers', name],
          message: `a pipeline never holds a secret: name its variable, such as \${MY_KEY}`,
        },
      ]
    : [];
}

function foreignUrl({ path, value }: TemplateLeaf, options: Templates): DeclaredProblem[] {
  if (typeof value !== 'string' || !URL.canParse(options.baseUrl)) return [];
  const base = new URL(options.baseUrl);
  const names = Object.fromEntries(placeholdersIn(value).map((name) => [name, 'x']));
  const url = resolveUrl(fillUrl(value, names), base);
  if (url === undefined) return [{ path, message: 'is no URL relative to `baseUrl`' }];
  const theirs = options.ownHosts.some((host) =>
    host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host,
  );
  return url.origin === base.origin || theirs
    ? []
    : [
        {
          path,
          message: 'leads to another host than `baseUrl`: list it under `ownHosts` if it is theirs',
        },
      ];
}
