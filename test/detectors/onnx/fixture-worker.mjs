// A worker without a model: answers each sample with the size of its batch, fails on 12, and dies
// on 13.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', (request) => {
  if (request.kind === 'close') return parentPort.close();
  const { id, shape, values } = request;
  if (values.includes(13)) process.exit(3);
  if (values.includes(12)) return parentPort.postMessage({ kind: 'failed', id, message: 'twelve' });
  parentPort.postMessage({ kind: 'done', id, values: new Float32Array(shape[0]).fill(shape[0]) });
});
parentPort.postMessage({ kind: 'ready' });
