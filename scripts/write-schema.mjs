// Writes pipelines/pipeline.schema.json from the built code. A test holds the two together.
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pipelineJsonSchema } from '../dist/cli/pipeline-json-schema.js';

const target = fileURLToPath(new URL('../pipelines/pipeline.schema.json', import.meta.url));
await writeFile(target, `${JSON.stringify(await pipelineJsonSchema(), null, 2)}\n`);
// In the format of the house, so that writing it anew changes nothing else.
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url));
const { status } = spawnSync(process.execPath, [biome, 'format', '--write', target], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
