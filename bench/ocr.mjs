// The text reader: CPU of pictures without text, two workers against one, memory over 500 pictures.
import { createTesseractReader } from '../dist/detectors/ocr/tesseract-reader.js';
import { drawPicture, listPictures } from './text-set.mjs';

const { signal } = new AbortController();
const cpuMs = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e3;
};

async function draw(amounts) {
  const pictures = [];
  for (const item of listPictures('tuning', amounts)) pictures.push(await drawPicture(item));
  return pictures;
}

const empty = await draw({ toxicPerStyle: 0, harmlessPerStyle: 0, textFree: 60 });
const written = await draw({ toxicPerStyle: 0, harmlessPerStyle: 5, textFree: 0 });

const reader = await createTesseractReader({ workers: 1 });
const times = [];
for (const picture of empty) {
  const since = process.cpuUsage();
  await reader.read(picture, signal);
  times.push(cpuMs(since));
}
await reader.close();
times.sort((a, b) => a - b);
console.log(`without text: ${Math.round(times[30])} ms of CPU in the median (limit 60)`);

async function timeAll(workers) {
  const pool = await createTesseractReader({ workers });
  await Promise.all(written.slice(0, workers * 2).map((picture) => pool.read(picture, signal)));
  const start = performance.now();
  await Promise.all(written.map((picture) => pool.read(picture, signal)));
  const elapsed = performance.now() - start;
  await pool.close();
  return elapsed;
}
const one = await timeAll(1);
const two = await timeAll(2);
console.log(`two workers: ${(one / two).toFixed(2)} times one (limit 1.7)`);

const long = await createTesseractReader({ workers: 1 });
const peaks = [];
for (let count = 0; count < 500; count += 1) {
  await long.read(written[count % written.length], signal);
  if (count % 100 === 99) peaks.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
}
await long.close();
console.log(`memory after every 100 of 500 pictures: ${peaks.join(', ')} MB`);
