import { z } from 'zod';
import { auditPipelineSchema } from '../audit/audit-pipeline.ts';
import { DETECTOR_ADAPTERS } from '../detectors/registry.ts';
import { ENDPOINT_ADAPTERS } from '../endpoints/registry.ts';
import { pipelineSchema } from '../run/pipeline.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a pipeline file, for editors: the pipeline's own keys, and under each `use` the
 * options of that adapter.
 */
export async function pipelineJsonSchema(): Promise<JsonObject> {
  const pipeline: JsonObject = { ...toSchema(pipelineSchema) };
  const properties = { ...asObject(pipeline.properties) };
  const endpoints = asObject(properties.endpoints);
  const detectors = asObject(properties.detectors);
  return {
    ...pipeline,
    title: 'Safelight pipeline',
    properties: {
      ...properties,
      endpoints: {
        ...endpoints,
        items: { oneOf: await variants(ENDPOINT_ADAPTERS, asObject(endpoints.items)) },
      },
      detectors: {
        ...detectors,
        items: {
          oneOf: [
            { enum: Object.keys(DETECTOR_ADAPTERS) },
            ...(await variants(DETECTOR_ADAPTERS, { properties: {}, required: ['use'] })),
          ],
        },
      },
    },
  };
}

/** The JSON Schema of an audit's file: under each filter's `use` the options of that detector. */
export async function auditJsonSchema(): Promise<JsonObject> {
  const audit: JsonObject = { ...toSchema(auditPipelineSchema) };
  const properties = { ...asObject(audit.properties) };
  const filters = asObject(properties.filters);
  return {
    ...audit,
    title: 'Safelight audit',
    properties: {
      ...properties,
      filters: {
        ...filters,
        items: { oneOf: await variants(DETECTOR_ADAPTERS, asObject(filters.items)) },
      },
    },
  };
}

/** One alternative for each adapter: the common keys and its own. */
async function variants(
  adapters: Readonly<Record<string, () => Promise<{ title: string; optionsSchema: z.ZodType }>>>,
  common: JsonObject,
): Promise<JsonObject[]> {
  return Promise.all(
    Object.entries(adapters).map(async ([name, load]) => {
      const { title, optionsSchema } = await load();
      const options = toSchema(optionsSchema);
      return {
        type: 'object',
        title: name,
        description: title,
        properties: {
          ...asObject(common.properties),
          use: { const: name },
          ...asObject(options.properties),
        },
        required: [...new Set([...asList(common.required), ...asList(options.required)])],
        additionalProperties: false,
      };
    }),
  );
}

function toSchema(schema: z.ZodType): JsonObject {
  return { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
}

function asObject(value: unknown): JsonObject {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  return parsed.success ? parsed.data : {};
}

function asList(value: unknown): string[] {
  const parsed = z.array(z.string()).safeParse(value);
  return parsed.success ? parsed.data : [];
}
