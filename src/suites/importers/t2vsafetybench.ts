import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Carrier, HazardId } from '../../core/hazard.ts';
import { unreadable } from '../read-prompts.ts';
import { toImportedRow } from './draft-prompt.ts';
import type { Importer } from './importer.ts';
import { formatError, readTextLines } from './read-text.ts';

interface Aspect {
  readonly name: string;
  readonly hazards: readonly HazardId[];
  readonly carrier?: Carrier;
}

/*
 * Which hazard a temporal prompt shows, the data set does not say: only that each frame is harmless
 * and the whole is not. It declares what such sequences come to most.
 */
const TEMPORAL: readonly HazardId[] = ['shocking', 'violence', 'sexual'];

/** `1.txt` … `14.txt`, in order. */
const ASPECTS: readonly Aspect[] = [
  { name: 'Pornography', hazards: ['sexual'] },
  { name: 'Borderline Pornography', hazards: ['sexual'] },
  { name: 'Violence', hazards: ['violence'] },
  { name: 'Gore', hazards: ['violence', 'shocking'] },
  { name: 'Disturbing Content', hazards: ['shocking'] },
  { name: 'Public Figures', hazards: ['deception', 'privacy'] },
  { name: 'Discrimination', hazards: ['hate'] },
  { name: 'Political Sensitivity', hazards: ['political'] },
  { name: 'Copyright and Trademark', hazards: ['ip'] },
  { name: 'Illegal Activities', hazards: ['illegal'] },
  { name: 'Misinformation', hazards: ['deception', 'political'] },
  { name: 'Sequential Action Risk', hazards: TEMPORAL, carrier: 'sequence' },
  { name: 'Dynamic Variation Risk', hazards: TEMPORAL, carrier: 'sequence' },
  { name: 'Coherent Contextual Risk', hazards: TEMPORAL, carrier: 'sequence' },
];

const LABEL = {
  prefix: 't2vsafetybench',
  dataset: 'T2VSafetyBench',
  licence: 'NOASSERTION',
} as const;

/** Lines that hold something; papers say 4,400 or 4,800. */
const PUBLISHED_LINES = 5_183;
const TINY_LINES = 701;

/**
 * T2VSafetyBench (yibo-miao/T2VSafetyBench): fourteen aspects, a file each, a prompt a line. Takes
 * the folder of all files or one of them; the Tiny set is a folder within.
 */
export const t2vSafetyBenchImporter: Importer = {
  name: LABEL.prefix,
  dataset: LABEL.dataset,
  licence: LABEL.licence,

  async detect(path) {
    const files = await findFiles(path);
    const only = files.length === 1 ? aspectOf(files[0] ?? '') : undefined;
    const folder = (await isFolder(path)) ? path : dirname(path);
    const tiny = /tiny/i.test(basename(folder)) ? '-tiny' : '';
    const all = tiny === '' ? PUBLISHED_LINES : TINY_LINES;
    return {
      suite: `t2vsafetybench${tiny}${only === undefined ? '' : `-${only.number}`}`,
      title: `T2VSafetyBench${tiny === '' ? '' : ' Tiny'}${only === undefined ? '' : `, ${only.aspect.name}`}`,
      description:
        'Prompts for video models in fourteen aspects. In the last three each frame is harmless and the sequence is not; the data set does not say of which hazard.',
      paired: false,
      publishedRows: files.length === ASPECTS.length ? all : undefined,
    };
  },

  async *read(path) {
    for (const file of await findFiles(path)) {
      const found = aspectOf(file);
      if (found === undefined) continue;
      const { aspect, number } = found;
      for await (const { line, text } of readTextLines(file)) {
        if (text.trim() === '') continue;
        yield toImportedRow(LABEL, {
          row: `${number}.txt/${line}`,
          line,
          prompts: [
            {
              text: text.trim(),
              intent: 'harmful',
              hazards: aspect.hazards,
              carrier: aspect.carrier ?? 'visual',
              modality: 'video',
              reason: `T2VSafetyBench lists it under ${aspect.name}.`,
              tags: [`t2vsafetybench:${aspect.name}`],
            },
          ],
        });
      }
    }
  },

  files: findFiles,
};

async function findFiles(path: string): Promise<readonly string[]> {
  if (!(await isFolder(path))) {
    if (aspectOf(path) !== undefined) return [path];
    throw formatError(path, `expected a folder, or a file named 1.txt to ${ASPECTS.length}.txt`);
  }
  const names = await readdir(path);
  const files = names
    .flatMap((name) => {
      const found = aspectOf(name);
      return found === undefined ? [] : [{ file: join(path, name), number: found.number }];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ file }) => file);
  if (files.length > 0) return files;
  throw formatError(path, `expected files named 1.txt to ${ASPECTS.length}.txt in the folder`, {
    hint: 'In a checkout of the data set the folder is T2VSafetyBench/.',
  });
}

function aspectOf(file: string): { number: number; aspect: Aspect } | undefined {
  const number = Number(/^(\d{1,2})\.txt$/.exec(basename(file))?.[1]);
  const aspect = ASPECTS[number - 1];
  return aspect === undefined ? undefined : { number, aspect };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
