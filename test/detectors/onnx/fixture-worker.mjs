// A worker without a model: answers each sample with the size of its batch, fails on 12, and dies
// on 13.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', (request) => {
  if (request.kind === 'close') return parentPort.close();
  const { id, inputs } = request;
  const { shape, values } = inputs.in;
  if (values.includes(13)) process.exit(3);
  if (values.includes(12)) return parentPort.postMessage({ kind: 'failed', id, message: 'twelve' });
  const sizes = new Float32Array(shape[0]).fill(shape[0]);
  const outputs = { out: { type: 'float32', shape: [shape[0], 1], values: sizes } };
  parentPort.postMessage({ kind: 'done', id, outputs });
});
parentPort.postMessage({ kind: 'ready', names: { inputs: ['in'], outputs: ['out'] } });
