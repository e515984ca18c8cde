// The text readers: CPU of pictures without text, two workers against one, memory over 500 pictures.
// npm run bench -- ocr. OCR_READERS=ppocr measures only that one.
import sharp from 'sharp';
import { createTesseractReader } from '../dist/detectors/ocr/tesseract-reader.js';
import { createPpocrReader } from '../dist/detectors/ppocr/ppocr-reader.js';
import { drawPicture, listPictures } from './text-set.mjs';

const CREATE = { tesseract: createTesseractReader, ppocr: createPpocrReader };
const READERS = (process.env.OCR_READERS ?? 'tesseract,ppocr').split(',');
const MEMORY_PICTURES = 500;
const MEMORY_SIDE_PX = 256;
const { signal } = new AbortController();

async function draw(amounts) {
  const pictures = [];
  for (const item of listPictures('tuning', amounts)) pictures.push(await drawPicture(item));
  return pictures;
}

async function scaleTo(sidePx, { widthPx, heightPx, rgb }) {
  const raw = { width: widthPx, height: heightPx, channels: 3 };
  const { data, info } = await sharp(rgb, { raw })
    .resize(sidePx, sidePx)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { widthPx: info.width, heightPx: info.height, rgb: new Uint8Array(data) };
}

const empty = await draw({ toxicPerStyle: 0, harmlessPerStyle: 0, textFree: 31 });
const emptyLarge = await Promise.all(empty.map((picture) => scaleTo(1024, picture)));
const written = await draw({ toxicPerStyle: 0, harmlessPerStyle: 3, textFree: 0 });
const small = await Promise.all(written.map((picture) => scaleTo(MEMORY_SIDE_PX, picture)));

async function medianCpuMs(reader, pictures) {
  const times = [];
  for (const picture of pictures) {
    const since = process.cpuUsage();
    await reader.read(picture, signal);
    const { user, system } = process.cpuUsage(since);
    times.push((user + system) / 1e3);
  }
  times.sort((a, b) => a - b);
  return Math.round(times[times.length >> 1]);
}

async function timeAll(create, workers) {
  const pool = await create({ workers });
  await Promise.all(written.slice(0, workers * 2).map((picture) => pool.read(picture, signal)));
  const start = performance.now();
  const queue = written.values();
  await Promise.all(
    Array.from({ length: workers * 2 }, async () => {
      for (const picture of queue) await pool.read(picture, signal);
    }),
  );
  const elapsed = performance.now() - start;
  await pool.close();
  return elapsed;
}

async function readMany(create) {
  const reader = await create({ workers: 1 });
  const peaks = [];
  for (let count = 0; count < MEMORY_PICTURES; count += 1) {
    await reader.read(small[count % small.length], signal);
    if (count % 100 === 99) peaks.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
  }
  await reader.close();
  return peaks;
}

for (const name of READERS) {
  const create = CREATE[name];
  try {
    await (await create({ workers: 1 })).close();
  } catch (error) {
    if (error.code !== 'model_missing') throw error;
    console.log(`${name}: not measured, ${error.message}. ${error.hint}`);
    continue;
  }
  const reader = await create({ workers: 1 });
  await reader.read(empty[0], signal);
  const drawn = await medianCpuMs(reader, empty);
  const large = await medianCpuMs(reader, emptyLarge);
  await reader.close();
  console.log(
    `${name}, without text: ${drawn} ms of CPU in the median at 512 to 768 px, ${large} ms at 1024 px (limit 60)`,
  );
  const one = await timeAll(create, 1);
  const two = await timeAll(create, 2);
  console.log(`${name}, two workers: ${(one / two).toFixed(2)} times one (limit 1.7)`);
  const peaks = await readMany(create);
  console.log(`${name}, memory after every 100 of 500 pictures: ${peaks.join(', ')} MB`);
}
