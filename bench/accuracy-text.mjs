// Words read by style, recall of toxic text and false alarms of both readers, on drawn pictures:
// npm run bench -- accuracy-text. Writes the table into docs/accuracy.md. Variables for tuning:
// TEXT_SET=tuning (only that set, writes nothing), TEXT_READERS=ppocr, TEXT_SCALE=0.2 (fewer pictures),
// TEXT_SHOW=1 (each miss), TEXT_KNOWN=1 (only what has been read so far). What a reader read is kept under .cache/ by picture until the reader or the
// pictures change: a measurement that was cut goes on, and one after a change of the rules reads nothing.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createTesseractReader } from '../dist/detectors/ocr/tesseract-reader.js';
import { createOcrToxicityDetector } from '../dist/detectors/ocr-toxicity.js';
import { createPpocrReader } from '../dist/detectors/ppocr/ppocr-reader.js';
import { scoreToxicity } from '../dist/detectors/toxicity/find-toxic-spans.js';
import { share, table, writeSection } from './accuracy-section.mjs';
import { drawPicture, listPictures, STYLES } from './text-set.mjs';

/** From here the default policy calls offensive text borderline; harmful from 0.7. */
const FLAG_FROM = 0.5;
const onlySet = process.env.TEXT_SET;
/** The share of the pictures with text that is drawn: for all readers, or one (TEXT_SCALE_TESSERACT=0.5). */
const scaleOf = (reader) =>
  Number(process.env[`TEXT_SCALE_${reader.toUpperCase()}`] ?? process.env.TEXT_SCALE ?? 1);
const SIZES = {
  tuning: { toxicPerStyle: 20, harmlessPerStyle: 10, textFree: 100 },
  'held-out': { toxicPerStyle: 40, harmlessPerStyle: 50, textFree: 650 },
};
/** Multiples of it fill the unit interval evenly: a share of the pictures has all kinds alike. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const READERS = (process.env.TEXT_READERS ?? 'tesseract,ppocr').split(',');
const context = {
  signal: new AbortController().signal,
  prompt: undefined,
  earlier: [],
};

const letters = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

const CREATE = { tesseract: createTesseractReader, ppocr: createPpocrReader };
const cache = fileURLToPath(new URL('../.cache/accuracy-text/', import.meta.url));

/** They judge what was read. */
const AFTER_READING = ['read-text.js', 'shown-text.js'];

/** Changes with what draws the pictures and what reads them. */
function fingerprintOf(weightsSha256) {
  const hash = createHash('sha256').update(weightsSha256);
  hash.update(readFileSync(new URL('text-set.mjs', import.meta.url)));
  for (const folder of ['ocr', 'ppocr']) {
    const root = new URL(`../dist/detectors/${folder}/`, import.meta.url);
    for (const name of readdirSync(root)
      .filter((each) => each.endsWith('.js') && !AFTER_READING.includes(each))
      .sort()) {
      hash.update(readFileSync(new URL(name, root)));
    }
  }
  return hash.digest('hex').slice(0, 12);
}

/** A reader that remembers, over runs, what it read in which picture. */
async function createRememberingReader(set, name) {
  const reader = await CREATE[name]({});
  mkdirSync(cache, { recursive: true });
  const file = `${cache}${set}-${name}-${fingerprintOf(reader.weightsSha256)}.jsonl`;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const known = new Map();
  for (const line of lines) {
    try {
      const { index, reading } = JSON.parse(line);
      known.set(index, reading);
    } catch {
      // Empty, or torn where the measurement was cut: read again.
    }
  }
  return {
    ...reader,
    close: () => reader.close(),
    isRead: (index) => known.has(index),
    read: async (image, signal) => {
      const remembered = known.get(image.index);
      if (remembered !== undefined) return remembered;
      const reading = await reader.read(image, signal);
      appendFileSync(file, `\n${JSON.stringify({ index: image.index, reading })}`);
      return reading;
    },
  };
}

async function createDetector(set, name) {
  try {
    const reader = await createRememberingReader(set, name);
    return { ...(await createOcrToxicityDetector({ reader })), isRead: reader.isRead };
  } catch (error) {
    if (error.code !== 'model_missing') throw error;
    console.log(`${name}: not measured, ${error.message}. ${error.hint}`);
    return undefined;
  }
}

function emptyCounts() {
  return { pictures: 0, words: 0, read: 0, flagged: 0, abstained: 0 };
}

async function measure(set, reader) {
  const detector = await createDetector(set, reader);
  if (detector === undefined) return undefined;
  const counts = new Map();
  const missed = { reading: 0, rules: 0 };
  const cellOf = (key) => {
    if (!counts.has(key)) counts.set(key, emptyCounts());
    return counts.get(key);
  };
  const look = async (item) => {
    const image = { ...(await drawPicture(item)), index: item.index };
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
  const scale = scaleOf(reader);
  const onlyKnown = process.env.TEXT_KNOWN !== undefined;
  const queue = [...listPictures(set, SIZES[set])]
    .filter(({ index }) => !onlyKnown || detector.isRead(index))
    .filter(({ index, kind }) => kind === 'text-free' || (index * GOLDEN) % 1 < scale)
    .values();
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
  const row = (name, pick) => [
    name,
    ...measured.map(({ cells }) => pick((key) => cells[key] ?? emptyCounts())),
  ];
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

const columns = [];
for (const set of onlySet === undefined ? ['held-out'] : [onlySet]) {
  for (const reader of READERS) {
    const measured = await measure(set, reader);
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
  const scales = READERS.map((reader) => [`TEXT_SCALE_${reader.toUpperCase()}`, scaleOf(reader)])
    .filter(([, scale]) => scale !== 1)
    .map(([variable, scale]) => `${variable}=${scale} `);
  const command = `${scales.join('')}npm run bench -- accuracy-text`;
  writeSection(
    'text',
    `## Text in pictures\n\nPictures of 512 to 768 px drawn by seeded code, in typefaces, words and grounds that the tuning did not see; equal shares of the styles; Wilson intervals of 95 %. Made by \`${command}\`.\n\n${text}\n\nToxic texts missed: ${misses.join('; ')}. An abstention is neither a hit nor a false alarm. The rules know all of these texts, so that reading is measured apart from them: what the rules find of unseen texts is the table above, and of unseen texts in pictures about the product of both is found. **Weak:** small and outlined writing with tesseract; single misread letters (KILC, chit) hide words from the rules. The pictures are drawn, not generated.`,
  );
}
