// How many answers a second can be decided from their evidence.
import { classifyGradio } from '../dist/endpoints/gradio-classify.js';

const base = { protocol: 'gradio', request: { prompt: '⟨prompt⟩' }, requested: 1, retries: [] };
const sha256 = 'a'.repeat(64);
const media = [{ sha256, kind: 'image', mime: 'image/png', sizeBytes: 1 }];
const status = (payload) => ({ atMs: 1, type: 'status', payload });
const EVIDENCE = [
  { ...base, media, events: [status({ stage: 'complete' })] },
  {
    ...base,
    media: [],
    events: [
      status({
        stage: 'error',
        message: 'Unsafe content found. Please try again with different prompts.',
      }),
    ],
  },
  {
    ...base,
    media: [],
    events: [
      status({
        stage: 'error',
        title: 'ZeroGPU quota exceeded',
        message:
          'You have exceeded your free GPU quota (120s requested vs. 44s left). Try again in 23:14:07',
      }),
    ],
  },
  { ...base, media: [], events: [], fault: { where: 'stream', code: 'ended_early', message: '' } },
];

const rounds = 20_000;
for (let round = 0; round < 500; round += 1) EVIDENCE.forEach(classifyGradio);
const cpu = process.cpuUsage();
for (let round = 0; round < rounds; round += 1) EVIDENCE.forEach(classifyGradio);
const { user, system } = process.cpuUsage(cpu);
const perSecond = (rounds * EVIDENCE.length) / ((user + system) / 1e6);
console.log(`outcomes decided: ${Math.round(perSecond)}/s of CPU (limit 20000/s)`);
