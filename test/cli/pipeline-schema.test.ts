import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAuditPipeline } from '../../src/audit/audit-pipeline.ts';
import { auditJsonSchema, pipelineJsonSchema } from '../../src/cli/pipeline-json-schema.ts';
import { loadPolicyByName } from '../../src/cli/policies.ts';
import { openPromptSource, openSuiteFrom } from '../../src/cli/prompt-source.ts';
import { packageRoot } from '../../src/cli/version.ts';
import { detectorAdapter, endpointAdapter } from '../../src/cli/wiring.ts';
import { parseOptions } from '../../src/core/parse-yaml.ts';
import { DETECTOR_ADAPTERS } from '../../src/detectors/registry.ts';
import { ENDPOINT_ADAPTERS } from '../../src/endpoints/registry.ts';
import { detectorOptions, endpointOptions, parsePipeline } from '../../src/run/pipeline.ts';

const folder = join(packageRoot(), 'pipelines');
const texts = await Promise.all(
  (await readdir(folder))
    .filter((file) => file.endsWith('.yaml'))
    .map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })),
);
const AUDIT = '$schema=./audit.schema.json';
const files = texts.filter(({ text }) => !text.includes(AUDIT)).map(({ file }) => file);
const audits = texts.filter(({ text }) => text.includes(AUDIT)).map(({ file }) => file);

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

describe('pipelines/audit.schema.json', () => {
  it('is what the code says: write it anew with `node scripts/write-schema.mjs`', async () => {
    const written = JSON.parse(await readFile(join(folder, 'audit.schema.json'), 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(await auditJsonSchema())));
  });

  it('offers every detector as a filter, with a threshold', async () => {
    const text = JSON.stringify(await auditJsonSchema());
    for (const name of Object.keys(DETECTOR_ADAPTERS)) {
      expect(text).toContain(`"use":{"const":"${name}"}`);
    }
    expect(text).toContain('"threshold":{');
  });

  it.each(audits)('%s can be run: keys, options and suites', async (file) => {
    const audit = parseAuditPipeline(await readFile(join(folder, file), 'utf8'), file);
    for (const { id: _id, threshold: _threshold, ...entry } of audit.filters) {
      const { optionsSchema } = await detectorAdapter(entry.use, file);
      parseOptions(detectorOptions(entry), `${file}: ${entry.use}`, optionsSchema);
    }
    const suites = await Promise.all(audit.prompts.map((name) => openSuiteFrom(name, folder)));
    expect(suites.length + audit.media.length).toBeGreaterThan(0);
  });

  it('finds the example', () => expect(audits).toEqual(['audit-demo.yaml']));
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
