// Writes the JSON Schemas in pipelines/ from the built code. A test holds the two together.
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { auditJsonSchema, pipelineJsonSchema } from '../dist/cli/pipeline-json-schema.js';

const schemas = { pipeline: await pipelineJsonSchema(), audit: await auditJsonSchema() };
// In the format of the house, so that writing it anew changes nothing else.
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url));
for (const [name, schema] of Object.entries(schemas)) {
  const target = fileURLToPath(new URL(`../pipelines/${name}.schema.json`, import.meta.url));
  await writeFile(target, `${JSON.stringify(schema, null, 2)}\n`);
  const { status } = spawnSync(process.execPath, [biome, 'format', '--write', target], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
