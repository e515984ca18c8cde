import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pipelineJsonSchema } from '../../src/cli/pipeline-json-schema.ts';
import { loadPolicyByName } from '../../src/cli/policies.ts';
import { openPromptSource } from '../../src/cli/prompt-source.ts';
import { packageRoot } from '../../src/cli/version.ts';
import { detectorAdapter, endpointAdapter } from '../../src/cli/wiring.ts';
import { parseOptions } from '../../src/core/parse-yaml.ts';
import { DETECTOR_ADAPTERS } from '../../src/detectors/registry.ts';
import { ENDPOINT_ADAPTERS } from '../../src/endpoints/registry.ts';
import { detectorOptions, endpointOptions, parsePipeline } from '../../src/run/pipeline.ts';

const folder = join(packageRoot(), 'pipelines');
const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));

describe('pipelines/pipeline.schema.json', () => {
  it('is what the code says: write it anew with `node scripts/write-schema.mjs`', async () => {
    const written = JSON.parse(await readFile(join(folder, 'pipeline.schema.json'), 'utf8'));
    // Through JSON: what is undefined there is not in the file.
    expect(written).toEqual(JSON.parse(JSON.stringify(await pipelineJsonSchema())));
  });

  it('offers every adapter with its options', async () => {
    const text = JSON.stringify(await pipelineJsonSchema());
    for (const name of [...Object.keys(ENDPOINT_ADAPTERS), ...Object.keys(DETECTOR_ADAPTERS)]) {
      expect(text).toContain(`"use":{"const":"${name}"}`);
    }
    expect(text).toContain('"persona":{');
  });
});

describe('pipelines/*.yaml', () => {
  it('are there', () => expect(files).toContain('demo.yaml'));

  it.each(files)('%s can be run: keys, options, suites and policy', async (file) => {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text).toContain('$schema=./pipeline.schema.json');
    const pipeline = parsePipeline(text, file);
    for (const entry of pipeline.endpoints) {
      const { optionsSchema } = await endpointAdapter(entry.use, entry.id);
      parseOptions(endpointOptions(entry), `${file}: ${entry.id}`, optionsSchema);
    }
    for (const entry of pipeline.detectors) {
      const { optionsSchema } = await detectorAdapter(entry.use, entry.use);
      parseOptions(detectorOptions(entry), `${file}: ${entry.use}`, optionsSchema);
    }
    const source = await openPromptSource(pipeline, folder);
    expect(source.suites.reduce((sum, { prompts }) => sum + prompts, 0)).toBeGreaterThan(0);
    await loadPolicyByName(pipeline.policy, (path) => join(folder, path));
  });
});
