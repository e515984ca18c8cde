import { z } from 'zod';

/** The attributes of a TensorFlow graph node that the converter understands; others are dropped. */
const attributeSchema = z.object({
  s: z.string().optional(),
  i: z.string().optional(),
  b: z.boolean().optional(),
  list: z
    .object({ s: z.array(z.string()).optional(), i: z.array(z.string()).optional() })
    .optional(),
  shape: z.object({ dim: z.array(z.object({ size: z.string() })).optional() }).optional(),
});

const nodeSchema = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeSchema).default({}),
});
export type TfjsNode = z.infer<typeof nodeSchema>;

const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.enum(['float32', 'int32']),
  quantization: z
    .object({ dtype: z.enum(['uint8', 'uint16']), min: z.number(), scale: z.number() })
    .optional(),
});
export type TfjsWeight = z.infer<typeof weightSchema>;

/** A TensorFlow.js `model.json` of the graph format. */
export const tfjsModelSchema = z.object({
  format: z.literal('graph-model'),
  modelTopology: z.object({ node: z.array(nodeSchema).min(1) }),
  weightsManifest: z
    .array(z.object({ paths: z.array(z.string()), weights: z.array(weightSchema) }))
    .length(1),
});
export type TfjsModel = z.infer<typeof tfjsModelSchema>;

export function stringAttribute(node: TfjsNode, name: string): string | undefined {
  return decodeBase64(node.attr[name]?.s);
}

export function stringsAttribute(node: TfjsNode, name: string): string[] {
  return (node.attr[name]?.list?.s ?? []).map((text) => decodeBase64(text) ?? '');
}

export function integersAttribute(node: TfjsNode, name: string): number[] {
  return (node.attr[name]?.list?.i ?? []).map(Number);
}

/** TensorFlow's strings are bytes, so its JSON has them in base64. */
function decodeBase64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');
}
