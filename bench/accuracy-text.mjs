// Words read by style, recall of toxic text and false alarms of both readers, on drawn pictures:
// npm run bench -- accuracy-text. Writes the table into docs/accuracy.md. Variables for tuning:
// TEXT_SET=tuning (only that set, writes nothing), TEXT_READERS=ppocr, TEXT_SCALE=0.2 (fewer pictures),
// TEXT_SHOW=1 (each miss), TEXT_REUSE=1 (takes what a reader was measured with last time).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DETECTOR_ADAPTERS } from '../dist/detectors/registry.js';
import { scoreToxicity } from '../dist/detectors/toxicity/find-toxic-spans.js';
import { share, table, writeSection } from './accuracy-section.mjs';
import { drawPicture, listPictures, STYLES } from './text-set.mjs';

/** From here the default policy calls offensive text borderline; harmful from 0.7. */
const FLAG_FROM = 0.5;
const onlySet = process.env.TEXT_SET;
const scale = Number(process.env.TEXT_SCALE ?? 1);
const sizes = (full) => ({
  toxicPerStyle: Math.ceil(full.toxicPerStyle * scale),
  harmlessPerStyle: Math.ceil(full.harmlessPerStyle * scale),
  textFree: Math.ceil(full.textFree * scale),
});
const SIZES = {
  tuning: sizes({ toxicPerStyle: 20, harmlessPerStyle: 10, textFree: 100 }),
  'held-out': sizes({ toxicPerStyle: 40, harmlessPerStyle: 50, textFree: 650 }),
};
const READERS = (process.env.TEXT_READERS ?? 'tesseract,ppocr').split(',');
const context = {
  signal: new AbortController().signal,
  prompt: undefined,
  earlier: [],
};

const letters = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

async function createDetector(reader) {
  const adapter = await DETECTOR_ADAPTERS['ocr-toxicity']();
  try {
    return await adapter.create({ reader }, 'bench');
  } catch (error) {
    if (error.code !== 'model_missing') throw error;
    console.log(`${reader}: not measured, ${error.message}. ${error.hint}`);
    return undefined;
  }
}

function emptyCounts() {
  return { pictures: 0, words: 0, read: 0, flagged: 0, abstained: 0 };
}

async function measure(set, reader) {
  const detector = await createDetector(reader);
  if (detector === undefined) return undefined;
  const counts = new Map();
  const missed = { reading: 0, rules: 0 };
  const cellOf = (key) => {
    if (!counts.has(key)) counts.set(key, emptyCounts());
    return counts.get(key);
  };
  const look = async (item) => {
    const image = await drawPicture(item);
    const media = { kind: 'image', image };
    const [{ result }] = await detector.detect(media, context);
    const found = (result.detail?.words ?? []).map(({ text }) => letters(text));
    const wanted = (item.text ?? '').split(' ').map(letters).filter(Boolean);
    const flagged =
      result.kind === 'scores' && result.scores.some(({ score }) => score >= FLAG_FROM);
    for (const key of [item.kind, `${item.kind}/${item.style}`]) {
      const cell = cellOf(key);
      cell.pictures += 1;
      cell.words += wanted.length;
      cell.read += wanted.filter((word) => found.includes(word)).length;
      cell.flagged += flagged ? 1 : 0;
      cell.abstained += result.kind === 'abstained' ? 1 : 0;
    }
    if (item.kind === 'toxic' && !flagged) {
      const byText = scoreToxicity(item.text).scores;
      missed[Object.values(byText).some((score) => score >= FLAG_FROM) ? 'reading' : 'rules'] += 1;
    }
    if (
      process.env.TEXT_SHOW &&
      (flagged !== (item.kind === 'toxic') || result.kind === 'abstained')
    )
      console.log(
        item.kind,
        item.style,
        JSON.stringify(item.text),
        result.kind,
        JSON.stringify((result.detail?.words ?? []).map((w) => [w.text, w.confidence.toFixed(2)])),
      );
  };
  const queue = listPictures(set, SIZES[set]);
  const cpu = process.cpuUsage();
  await Promise.all(
    [0, 1].map(async () => {
      for (const item of queue) await look(item);
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  await detector.close();
  return { cells: Object.fromEntries(counts), missed, cpuSeconds: (user + system) / 1e6 };
}

function rowsOf(measured) {
  const row = (name, pick) => [name, ...measured.map(({ cells }) => pick((key) => cells[key]))];
  const both = (cellOf, style, key) =>
    cellOf(`toxic/${style}`)[key] + cellOf(`harmless/${style}`)[key];
  return [
    ...STYLES.map((style) =>
      row(`words read: ${style}`, (of) => share(both(of, style, 'read'), both(of, style, 'words'))),
    ),
    ...STYLES.map((style) =>
      row(`toxic text flagged: ${style}`, (of) =>
        share(of(`toxic/${style}`).flagged, of(`toxic/${style}`).pictures),
      ),
    ),
    row('**recall of toxic text**', (of) => share(of('toxic').flagged, of('toxic').pictures)),
    row('toxic text, abstained', (of) => share(of('toxic').abstained, of('toxic').pictures)),
    row('**false alarms on harmless text**', (of) =>
      share(of('harmless').flagged, of('harmless').pictures),
    ),
    row('harmless text, abstained', (of) =>
      share(of('harmless').abstained, of('harmless').pictures),
    ),
    row('**false alarms without text**', (of) =>
      share(of('text-free').flagged, of('text-free').pictures),
    ),
    row('without text, abstained', (of) =>
      share(of('text-free').abstained, of('text-free').pictures),
    ),
  ];
}

const cache = fileURLToPath(new URL('../.cache/accuracy-text/', import.meta.url));

async function measureOrReuse(set, reader) {
  const file = `${cache}${set}-${reader}-${scale}.json`;
  if (process.env.TEXT_REUSE && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const measured = await measure(set, reader);
  mkdirSync(cache, { recursive: true });
  if (measured !== undefined) writeFileSync(file, JSON.stringify(measured));
  return measured;
}

const columns = [];
for (const set of onlySet === undefined ? ['held-out'] : [onlySet]) {
  for (const reader of READERS) {
    const measured = await measureOrReuse(set, reader);
    if (measured === undefined) continue;
    columns.push({ name: `${reader}, ${set}`, ...measured });
    const { reading, rules } = measured.missed;
    console.log(
      `${reader}, ${set}: ${measured.cpuSeconds.toFixed(0)} s of CPU; toxic texts missed by the reading ${reading}, by the rules ${rules}`,
    );
  }
}
const text = table(['drawn pictures', ...columns.map(({ name }) => name)], rowsOf(columns));
console.log(text);
if (onlySet === undefined && columns.length === 2) {
  const misses = columns.map(
    ({ name, missed }) => `${name}: ${missed.reading} by the reading, ${missed.rules} by the rules`,
  );
  const command = `${scale === 1 ? '' : `TEXT_SCALE=${scale} `}npm run bench -- accuracy-text`;
  writeSection(
    'text',
    `## Text in pictures\n\nPictures of 512 to 768 px drawn by seeded code, in typefaces, words and grounds that the tuning did not see; equal shares of the styles; Wilson intervals of 95 %. Made by \`${command}\`.\n\n${text}\n\nToxic texts missed: ${misses.join('; ')}. An abstention is neither a hit nor a false alarm. Curved writing is weak with both readers, small and turned writing with tesseract; single misread letters (KILC, BASTGRD) hide words from the rules. The pictures are drawn, not generated. \`TEXT_SCALE=0.2\` draws a fifth of the pictures; without it there are 1,000 without toxic text.`,
  );
}
