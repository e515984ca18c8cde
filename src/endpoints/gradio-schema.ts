import { z } from 'zod';

// Answers are read tolerantly: only what the driver needs is asked for, and the rest is passed on.

/** `GET /config`. */
export const gradioConfigSchema = z.looseObject({
  root: z.string().optional(),
  api_prefix: z.string().default(''),
  protocol: z.string().default('ws'),
  version: z.string().default('unknown'),
  auth_required: z.boolean().nullish(),
  enable_queue: z.boolean().nullish(),
  connect_heartbeat: z.boolean().nullish(),
  components: z
    .array(
      z.looseObject({
        id: z.int(),
        type: z.string(),
        props: z.looseObject({ maximum: z.number().nullish() }).default({}),
      }),
    )
    .default([]),
  dependencies: z
    .array(
      z.looseObject({
        id: z.int().optional(),
        api_name: z.union([z.string(), z.boolean(), z.null()]).optional(),
        queue: z.boolean().nullish(),
        inputs: z.array(z.int()).default([]),
        outputs: z.array(z.int()).default([]),
      }),
    )
    .default([]),
});
export type GradioConfig = z.output<typeof gradioConfigSchema>;

const typeSchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
});

/** One parameter of a function. */
export const gradioParameterSchema = z.looseObject({
  label: z.string().nullish(),
  parameter_name: z.string().nullish(),
  parameter_has_default: z.boolean().default(false),
  parameter_default: z.unknown().optional(),
  type: typeSchema.catch({}),
  component: z.string().default(''),
});
export type GradioParameter = z.output<typeof gradioParameterSchema>;

const functionSchema = z.looseObject({
  parameters: z.array(gradioParameterSchema).default([]),
  returns: z.array(z.looseObject({ component: z.string().default('') })).default([]),
});
export type GradioFunction = z.output<typeof functionSchema>;

/** `GET {root}{api_prefix}/info`. */
export const gradioInfoSchema = z.looseObject({
  named_endpoints: z.record(z.string(), functionSchema).default({}),
  unnamed_endpoints: z.record(z.string(), functionSchema).default({}),
});
export type GradioInfo = z.output<typeof gradioInfoSchema>;

/**
 * A message of the event stream. What does not fit one of these is never handed to the client,
 * which would answer an unknown message with silence.
 */
export const gradioMessageSchema = z.discriminatedUnion('msg', [
  z.looseObject({ msg: z.literal('estimation') }),
  z.looseObject({ msg: z.literal('process_starts') }),
  z.looseObject({ msg: z.literal('progress') }),
  z.looseObject({ msg: z.literal('heartbeat') }),
  z.looseObject({ msg: z.literal('log') }),
  z.looseObject({ msg: z.literal('close_stream') }),
  z.looseObject({ msg: z.literal('queue_full') }),
  z.looseObject({ msg: z.literal('send_hash') }),
  z.looseObject({ msg: z.literal('send_data') }),
  z.looseObject({
    msg: z.literal('unexpected_error'),
    message: z.string().nullish(),
    session_not_found: z.boolean().nullish(),
  }),
  z
    .looseObject({
      msg: z.enum(['process_generating', 'process_streaming', 'process_completed']),
      success: z.boolean(),
      output: z.looseObject({ data: z.array(z.unknown()).optional() }),
    })
    .refine(({ success, output }) => !success || output.data !== undefined),
]);
export type GradioMessage = z.output<typeof gradioMessageSchema>;

/** `POST …/queue/join`. */
export const gradioJoinSchema = z.looseObject({ event_id: z.string().min(1) });

/** A file in an answer. */
export const gradioFileSchema = z.looseObject({
  path: z.string().nullish(),
  url: z.string().nullish(),
  orig_name: z.string().nullish(),
  mime_type: z.string().nullish(),
});

/** What Hugging Face tells of a Space. */
export const spaceHostSchema = z.looseObject({ host: z.url() });
export const spaceSchema = z.looseObject({
  sha: z.string().nullish(),
  runtime: z
    .looseObject({
      stage: z.string().optional(),
      /** Of what runs; the repository may be ahead of it. */
      sha: z.string().nullish(),
    })
    .nullish(),
});
