// Writes pipelines/pipeline.schema.json from the built code. A test holds the two together.
import { writeFile } from 'node:fs/promises';
import { pipelineJsonSchema } from '../dist/cli/pipeline-json-schema.js';

const target = new URL('../pipelines/pipeline.schema.json', import.meta.url);
await writeFile(target, `${JSON.stringify(await pipelineJsonSchema(), null, 2)}\n`);
