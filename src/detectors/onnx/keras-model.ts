import { z } from 'zod';
import { tfjsModelSchema } from './tfjs-model.ts';

const pair = z.tuple([z.number().int(), z.number().int()]);

/** The settings of a Keras layer that the converter understands; others are dropped. */
const configSchema = z.object({
  batch_input_shape: z.array(z.number().nullable()).optional(),
  data_format: z.string().optional(),
  dilation_rate: pair.optional(),
  strides: pair.optional(),
  pool_size: pair.optional(),
  /** A word, or pixels above, below, left and right. */
  padding: z.union([z.string(), z.tuple([pair, pair])]).optional(),
  activation: z.string().optional(),
  use_bias: z.boolean().optional(),
  epsilon: z.number().optional(),
  axis: z.number().int().optional(),
  max_value: z.number().nullish(),
  negative_slope: z.number().nullish(),
  threshold: z.number().nullish(),
});

const layerSchema = z.object({
  name: z.string(),
  class_name: z.string(),
  config: configSchema,
  /** One node: for each input the layer's name, then its node and tensor. */
  inbound_nodes: z
    .array(z.array(z.tuple([z.string(), z.literal(0), z.literal(0)]).rest(z.unknown())))
    .max(1),
});
export type KerasLayer = z.infer<typeof layerSchema>;

/** A TensorFlow.js `model.json` of the layers format. */
export const kerasModelSchema = z.object({
  modelTopology: z.object({
    model_config: z.object({
      class_name: z.literal('Model'),
      config: z.object({ layers: z.array(layerSchema).min(2) }),
    }),
  }),
  weightsManifest: tfjsModelSchema.shape.weightsManifest,
});
export type KerasModel = z.infer<typeof kerasModelSchema>;
