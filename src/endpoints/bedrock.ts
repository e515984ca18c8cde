import { z } from 'zod';
import type { FailureCause, Stage } from '../core/outcome.ts';
import { parametersSchema } from '../core/trial.ts';
import { signAws } from '../net/aws-signature.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
  HttpAdapter,
  HttpAdapterDescription,
  HttpAuthorization,
  HttpCall,
  HttpReply,
} from './http-adapter.ts';
import { endpointFactory } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import {
  completed,
  errorReply,
  errorWords,
  failed,
  refused,
  unexpectedShape,
} from './http-signals.ts';

// Verified 2026-11 against AWS' references: InvokeModel with its errors and guardrails, Nova Canvas'
// request, answer and "Error handling" (input deflection is a ValidationException, output deflection an
// `error` beside the pictures), and Stable Image on Bedrock with its `finish_reasons`. `status` is read
// as other models on Bedrock answer it in published code. Not verifiable: the largest seeds. Videos go to
// a bucket there and are left out.

/** Options of the `bedrock` endpoint, as a pipeline file writes them. */
export const bedrockOptionsSchema = z
  .strictObject({
    region: z
      .string()
      .regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'such as us-east-1')
      .default('us-east-1'),
    baseUrl: httpUrlSchema
      .optional()
      .describe("Default: the region's https://bedrock-runtime.<region>.amazonaws.com."),
    auth: z
      .enum(['signature', 'bearer'])
      .default('signature')
      .describe('`bearer` for a Bedrock API key.'),
    accessKeyEnv: environmentVariableSchema
      .default('AWS_ACCESS_KEY_ID')
      .describe('Environment variable with the id of the access key.'),
    secretKeyEnv: environmentVariableSchema
      .default('AWS_SECRET_ACCESS_KEY')
      .describe('Environment variable with the secret access key.'),
    sessionTokenEnv: environmentVariableSchema
      .optional()
      .describe('Environment variable with the session token of temporary credentials.'),
    tokenEnv: environmentVariableSchema
      .default('AWS_BEARER_TOKEN_BEDROCK')
      .describe('Environment variable with the API key, for `auth: bearer`.'),
    model: z
      .string()
      .regex(/^[\w.:/-]+$/, 'the id or the ARN of a model')
      .describe('Such as amazon.nova-canvas-v1:0.'),
    family: z
      .enum(['amazon', 'stability'])
      .optional()
      .describe("Shape of the request. Default: by the model's name."),
    guardrailIdentifier: z.string().regex(/^\S+$/).optional(),
    guardrailVersion: z.string().regex(/^\S+$/).optional(),
    parameters: parametersSchema
      .default({})
      .describe(
        'Further fields: of `imageGenerationConfig` for Amazon, of the body for Stability.',
      ),
    ...httpOptionsShape,
  })
  .refine((options) => familyOf(options) !== undefined, {
    message:
      'the shape of the request does not follow from the name of the model: amazon or stability',
    path: ['family'],
  })
  .refine((options) => options.count <= (familyOf(options) === 'stability' ? 1 : 5), {
    message: 'more than one request to this model makes: 5 for Amazon, 1 for Stability',
    path: ['count'],
  })
  .refine(
    (options) =>
      (options.guardrailIdentifier === undefined) === (options.guardrailVersion === undefined),
    { message: 'a guardrail has an identifier and a version', path: ['guardrailVersion'] },
  );
export type BedrockOptions = z.output<typeof bedrockOptionsSchema>;

const answerSchema = z.looseObject({
  images: z.array(z.string()).nullish(),
  finish_reasons: z.array(z.string().nullable()).nullish().catch(undefined),
  error: z.string().nullish().catch(undefined),
  status: z.string().nullish().catch(undefined),
  'amazon-bedrock-guardrailAction': z.string().nullish().catch(undefined),
});
type Answer = z.infer<typeof answerSchema>;

/** Image models of Amazon and of Stability on Amazon Bedrock. */
export const bedrock: HttpAdapter<BedrockOptions> = {
  protocol: 'bedrock',
  describe,
  buildRequest,
  parseResponse,
};

/** An image model on Amazon Bedrock as an endpoint. */
export const createBedrockEndpoint = endpointFactory(bedrock);

function familyOf(options: {
  readonly family?: 'amazon' | 'stability' | undefined;
  readonly model: string;
}): 'amazon' | 'stability' | undefined {
  if (options.family !== undefined) return options.family;
  return /\bstability\./.test(options.model)
    ? 'stability'
    : /\bamazon\.(nova-canvas|titan-image)/.test(options.model)
      ? 'amazon'
      : undefined;
}

function describe(options: BedrockOptions): HttpAdapterDescription {
  const { model, region, count } = options;
  const { parameters, safetySettings } = partSafety(options.parameters);
  return {
    modality: 'image',
    baseUrl: options.baseUrl ?? `https://bedrock-runtime.${region}.amazonaws.com`,
    authorization: authorizationOf(options),
    parameters: { model, region, count, ...parameters },
    safetySettings: {
      ...safetySettings,
      ...(options.guardrailIdentifier === undefined ? {} : guardrailHeaders(options)),
    },
    revision: /:\d+$/.test(model) ? model : null,
    takesSeed: true,
  };
}

function authorizationOf(options: BedrockOptions): HttpAuthorization {
  const headers = guardrailHeaders(options);
  if (options.auth === 'bearer') {
    return {
      variables: { token: options.tokenEnv },
      headers: ({ token = '' }) => ({ ...headers, authorization: `Bearer ${token}` }),
    };
  }
  const { accessKeyEnv, secretKeyEnv, sessionTokenEnv, region } = options;
  return {
    variables: {
      accessKeyId: accessKeyEnv,
      secretAccessKey: secretKeyEnv,
      ...(sessionTokenEnv === undefined ? {} : { sessionToken: sessionTokenEnv }),
    },
    headers: ({ accessKeyId = '', secretAccessKey = '', sessionToken }, call) =>
      signAws(call, {
        service: 'bedrock',
        region,
        accessKeyId,
        secretAccessKey,
        sessionToken,
        headers,
      }),
  };
}

function guardrailHeaders(options: BedrockOptions): Record<string, string> {
  const { guardrailIdentifier: identifier, guardrailVersion: version } = options;
  return {
    ...(identifier === undefined ? {} : { 'x-amzn-bedrock-guardrailidentifier': identifier }),
    ...(version === undefined ? {} : { 'x-amzn-bedrock-guardrailversion': version }),
  };
}

// Nova Canvas' largest seed, below Titan's.
const LARGEST_AMAZON_SEED = 858_993_459;
// 0 stands for a random seed at Stability.
const LARGEST_STABILITY_SEED = 4_294_967_294;

function buildRequest(options: BedrockOptions, request: GenerationRequest): HttpCall {
  const { model, count, parameters } = options;
  const value =
    familyOf(options) === 'stability'
      ? {
          ...parameters,
          prompt: request.promptText,
          seed: request.seed % (LARGEST_STABILITY_SEED + 1) || LARGEST_STABILITY_SEED,
        }
      : {
          taskType: 'TEXT_IMAGE',
          textToImageParams: { text: request.promptText },
          imageGenerationConfig: {
            numberOfImages: count,
            seed: request.seed % (LARGEST_AMAZON_SEED + 1),
            ...parameters,
          },
        };
  return {
    name: 'submit',
    method: 'POST',
    url: `model/${encodeURIComponent(model)}/invoke`,
    body: { kind: 'json', value },
  };
}

function parseResponse(reply: HttpReply): DoneStep {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) return readError(reply, body);
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape(body);
  const answer = parsed.data;
  const reasons = answer.finish_reasons ?? [];
  const images = (answer.images ?? []).filter((_, index) => !reasons[index]);
  if (images.length > 0) {
    return completed(undefined, {
      media: images.map((data) => ({ kind: 'base64', data })),
    });
  }
  return readWithheld(answer) ?? (answer.images ? completed(undefined) : unexpectedShape(body));
}

/** By the sides that `finish_reasons` and `status` name. */
const WITHHELD: ReadonlyMap<string, Stage> = new Map([
  ['Filter reason: prompt', 'prompt_filter'],
  ['Filter reason: input image', 'prompt_filter'],
  ['Filter reason: output image', 'output_filter'],
  ['Request Moderated', 'prompt_filter'],
  ['Content Moderated', 'output_filter'],
]);

function readWithheld(answer: Answer): DoneStep | undefined {
  const { finish_reasons: reasons, status, error } = answer;
  const signal = [...(reasons ?? []), status].find((word) => word);
  const stage = signal ? WITHHELD.get(signal) : undefined;
  if (signal && stage !== undefined) return refused({ mode: 'flagged', stage, signal });
  if (answer['amazon-bedrock-guardrailAction'] === 'INTERVENED') {
    return refused({ mode: 'flagged', stage: 'unknown', signal: 'guardrailAction INTERVENED' });
  }
  // "All of the generated images have been blocked by our content filters."
  if (error) return errorWords({ error });
  return signal ? failed({ cause: 'unknown', signal: signal.slice(0, 60) }) : undefined;
}

const CAUSES_BY_ERROR: ReadonlyMap<string, FailureCause> = new Map([
  ['ServiceQuotaExceededException', 'quota'],
  ['ModelNotReadyException', 'cold'],
  ['ModelTimeoutException', 'timeout'],
  ['AccessDeniedException', 'auth'],
  ['ExpiredTokenException', 'auth'],
  ['InvalidSignatureException', 'auth'],
  ['UnrecognizedClientException', 'auth'],
]);

function readError(reply: HttpReply, body: unknown): DoneStep {
  // "ValidationException:http://internal.amazon.com/…"
  const name = reply.headers['x-amzn-errortype']?.split(':')[0] ?? '';
  const cause = CAUSES_BY_ERROR.get(name);
  if (cause !== undefined) return failed({ cause, signal: name }, body);
  const parsed = z.looseObject({ message: z.string() }).safeParse(body);
  const message = parsed.success ? parsed.data.message : '';
  if (/\bthis request has been blocked by our content filters\b/i.test(message)) {
    const signal = 'blocked by our content filters';
    return refused({ mode: 'text', stage: 'prompt_filter', signal }, body);
  }
  // Stability's word filter, as it comes through Bedrock.
  if (/\binvalid_prompts\b/.test(message)) {
    return refused({ mode: 'hard', stage: 'prompt_filter', signal: 'invalid_prompts' }, body);
  }
  return errorReply(reply);
}
