import {
  fillHeader,
  fillJson,
  fillText,
  fillUrl,
  leavesOf,
  placeholdersIn,
  secretsIn,
  type TemplateValues,
  wholePlaceholder,
} from '../core/template.ts';
import type { Parameters } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type { HttpAdapterDescription, HttpCall, HttpCallBody } from './http-adapter.ts';
import type { HttpDeclaration } from './http-declaration.ts';
import { partSafety } from './http-parameters.ts';

/** What a declaration says about itself. */
export function describeDeclared(options: HttpDeclaration): HttpAdapterDescription {
  const secret = secretHeaders(options);
  const names = new Set(secret.flatMap(([, value]) => secretsIn(value)));
  const { parameters, safetySettings } = partSafety(constantsOf(options));
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    ownHosts: options.ownHosts,
    authorization: {
      variables: Object.fromEntries([...names].map((name) => [name, name])),
      headers: (secrets) =>
        Object.fromEntries(
          secret.map(([name, value]) => [
            name.toLowerCase(),
            fillHeader(value, ownValues(options), secrets),
          ]),
        ),
    },
    parameters: { ...parameters, ...options.parameters },
    safetySettings: { ...safetySettings, ...options.safetySettings },
    revision: null,
    takesSeed: templatesOf(options).some((text) => placeholdersIn(text).includes('seed')),
    notice: 'declared in the pipeline file, over HTTP',
  };
}

/** The call that a declaration makes for a prompt. */
export function buildDeclaredCall(options: HttpDeclaration, request: GenerationRequest): HttpCall {
  const values = { ...ownValues(options), prompt: request.promptText, seed: request.seed };
  const body = bodyOf(options, values);
  return {
    name: 'submit',
    method: options.method,
    url: fillUrl(options.url, values),
    headers: plainHeaders(options),
    ...(body === undefined ? {} : { body }),
  };
}

function bodyOf({ body, form }: HttpDeclaration, values: TemplateValues): HttpCallBody | undefined {
  if (body !== undefined) return { kind: 'json', value: fillJson(body, values) };
  if (form === undefined) return undefined;
  const fields = Object.entries(form).map(([name, text]) => [name, fillText(text, values)]);
  return { kind: 'form', fields: Object.fromEntries(fields) };
}

/** The values of all placeholders but those of a request. */
export function ownValues({ count, parameters, safetySettings }: HttpDeclaration): TemplateValues {
  return { count, ...parameters, ...safetySettings };
}

function secretHeaders({ headers }: HttpDeclaration): [string, string][] {
  return Object.entries(headers).filter(([, value]) => secretsIn(value).length > 0);
}

/** Headers without secrets; the others come by the authorization. */
export function plainHeaders(options: HttpDeclaration): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options.headers)
      .filter(([, value]) => secretsIn(value).length === 0)
      .map(([name, value]) => [name.toLowerCase(), fillText(value, ownValues(options))]),
  );
}

function templatesOf({ url, body, form }: HttpDeclaration): string[] {
  return leavesOf([url, body ?? {}, form ?? {}])
    .map(({ value }) => value)
    .filter((value) => typeof value === 'string');
}

/** What the templates fix beside the named values: it decides the media as much as those do. */
function constantsOf(options: HttpDeclaration): Parameters {
  const { url, body, form } = options;
  const values = ownValues(options);
  const parts = {
    url,
    ...(body === undefined ? {} : { body }),
    ...(form === undefined ? {} : { form }),
  };
  const constants: Parameters = {};
  for (const { path, value } of leavesOf({ ...parts, header: plainHeaders(options) })) {
    const name = wholePlaceholder(value);
    if (name !== undefined && name !== 'count') continue;
    const filled = fillJson(value, values);
    if (isScalar(filled) || filled === null) constants[path.join('.')] = filled;
  }
  return constants;
}

export function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
