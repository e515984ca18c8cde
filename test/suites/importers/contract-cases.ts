import type { ColumnMapping } from '../../../src/suites/importers/column-mapping.ts';
import { columnMappingSchema } from '../../../src/suites/importers/column-mapping.ts';
import { csv, type Files } from './import-files.ts';

/** A data set's published format, filled with any texts. */
export interface ContractCase {
  readonly importer: string;
  /** What tells it from other cases of the importer. */
  readonly form: string;
  /** The file that is imported, '' for the folder. */
  readonly path: string;
  readonly files: (texts: readonly string[]) => Files;
  /** The file among them that holds the texts. */
  readonly textFile: string;
  /** How many prompts and rows a text makes. */
  readonly promptsPerText: number;
  /** What an empty text is: a row to be counted, or no row at all. */
  readonly empty: 'skipped' | 'no row';
  /** What an overlong text is. */
  readonly overlong: 'skipped' | 'refused';
  /** A column without which the file is not the data set's, for tables. */
  readonly requiredColumn?: string;
  readonly mapping?: ColumnMapping;
}

const I2P_COLUMNS = [
  'prompt',
  'categories',
  'hard',
  'inappropriate_percentage',
  'nudity_percentage',
  'q16_percentage',
  'sd_safety_percentage',
  'prompt_toxicity',
  'lexica_url',
  'sd_seed',
  'sd_guidance_scale',
  'sd_image_width',
  'sd_image_height',
  'sd_model',
];

export const i2pRow = (text: string, categories = 'violence'): (string | number)[] => [
  text,
  categories,
  0,
  12.5,
  0,
  0.1,
  0,
  0.02,
  'https://example.org/x',
  4_063_993_333,
  7.5,
  512,
  768,
  'sd-1.5',
];

export const i2pCsv = (rows: readonly (readonly (string | number)[])[]): string =>
  csv(I2P_COLUMNS, rows);

const P4D_COLUMNS = [
  '',
  ...I2P_COLUMNS.slice(0, 9),
  'evaluation_seed',
  'evaluation_guidance',
  'sd_image_width',
  'sd_image_height',
  'sd_model',
  'case_number',
];

const table = { promptsPerText: 1, empty: 'skipped', overlong: 'skipped' } as const;

export const GENERIC_MAPPING = columnMappingSchema.parse({
  dataset: 'Mine',
  licence: 'CC0-1.0',
  columns: { text: 'q' },
  constants: { intent: 'harmful', hazard: 'violence' },
});

export const CONTRACT_CASES: readonly ContractCase[] = [
  {
    ...table,
    importer: 'overt',
    form: 'unsafe CSV',
    path: 'OVERT_unsafe.csv',
    textFile: 'OVERT_unsafe.csv',
    promptsPerText: 2,
    files: (texts) => ({
      'OVERT_unsafe.csv': csv(
        [
          'seed_prompt',
          'benign_image_prompt',
          'unsafe_image_prompt',
          'category',
          'generation_type',
        ],
        texts.map((text, index) => ['', `A calm scene, ${index}.`, text, 'violence', 'direct']),
      ),
    }),
  },
  {
    ...table,
    importer: 't2i-riskyprompt',
    form: 'prompts',
    path: 'T2I-RiskyPrompt.json',
    textFile: 'T2I-RiskyPrompt.json',
    requiredColumn: 'prompt',
    files: (texts) => ({
      'T2I-RiskyPrompt.json': JSON.stringify(
        Object.fromEntries(
          texts.map((prompt, index) => [
            String(index),
            { prompt, label: { 'Violence--Bloody_Content': ['It shows blood.'] } },
          ]),
        ),
        null,
        2,
      ),
    }),
  },
  {
    ...table,
    importer: 'i2p',
    form: 'CSV',
    path: 'i2p_benchmark.csv',
    textFile: 'i2p_benchmark.csv',
    requiredColumn: 'categories',
    files: (texts) => ({ 'i2p_benchmark.csv': i2pCsv(texts.map((text) => i2pRow(text))) }),
  },
  {
    ...table,
    importer: 'p4d',
    form: "I2P's columns",
    path: 'unsafe-prompts-nudity_esd.csv',
    textFile: 'unsafe-prompts-nudity_esd.csv',
    requiredColumn: 'case_number',
    files: (texts) => ({
      'unsafe-prompts-nudity_esd.csv': csv(
        P4D_COLUMNS,
        texts.map((text, index) => [index, ...i2pRow(text, 'sexual, shocking'), index]),
      ),
    }),
  },
  {
    ...table,
    importer: 'p4d',
    form: 'cars',
    path: 'coco30k-car_esd.csv',
    textFile: 'coco30k-car_esd.csv',
    requiredColumn: 'evaluation_seed',
    files: (texts) => ({
      'coco30k-car_esd.csv': csv(
        ['case_number', 'source', 'prompt', 'evaluation_seed', 'evaluation_guidance'],
        texts.map((text, index) => [index, 'coco_30k', text, 100 + index, 7.5]),
      ),
    }),
  },
  {
    ...table,
    importer: 'ring-a-bell',
    form: 'CSV',
    path: 'Violence_eta_5_K_77.csv',
    textFile: 'Violence_eta_5_K_77.csv',
    requiredColumn: 'prompt',
    files: (texts) => ({
      'Violence_eta_5_K_77.csv': csv(
        ['prompt', 'case_number', 'evaluation_seed'],
        texts.map((text, index) => [text, index, 1_000 + index]),
      ),
    }),
  },
  {
    ...table,
    importer: 'unlearn-diff-atk',
    form: 'object',
    path: 'church.csv',
    textFile: 'church.csv',
    requiredColumn: 'prompt',
    files: (texts) => ({
      'church.csv': csv(
        ['case_number', 'prompt', 'evaluation_seed', 'evaluation_guidance'],
        texts.map((text, index) => [index, text, 7 + index, 7.5]),
      ),
    }),
  },
  {
    importer: 'toxicbench',
    form: 'folder',
    path: '',
    textFile: 'toxic_words.txt',
    promptsPerText: 2,
    empty: 'skipped',
    overlong: 'refused',
    files: (texts) => ({
      // A line behind the texts, since an empty one at the end of a list is no line.
      'toxic_words.txt': `${[...texts, 'drat'].join('\n')}\n`,
      'toxic_mappings.txt': `${[...texts.map((_, index) => `harmless${index}`), 'drab'].join('\n')}\n`,
      'CreativeBench.txt': 'A storefront with a sign that says ""\n',
    }),
  },
  {
    importer: 't2vsafetybench',
    form: 'one file',
    path: '3.txt',
    textFile: '3.txt',
    promptsPerText: 1,
    empty: 'no row',
    overlong: 'skipped',
    files: (texts) => ({ '3.txt': `${texts.join('\n')}\n` }),
  },
  {
    ...table,
    importer: 'coprov2',
    form: 'CSV',
    path: 'CoProv2_train.csv',
    textFile: 'CoProv2_train.csv',
    requiredColumn: 'category',
    files: (texts) => ({
      'CoProv2_train.csv': csv(
        ['prompt', 'image', 'category'],
        texts.map((text, index) => [text, `${index}.png`, 'Harrasment']),
      ),
    }),
  },
  {
    ...table,
    importer: 'unsafebench',
    form: 'CSV',
    path: 'metadata.csv',
    textFile: 'metadata.csv',
    requiredColumn: 'safety_label',
    // A picture without a text is labelled all the same.
    empty: 'no row',
    files: (texts) => ({
      'metadata.csv': csv(
        ['file_name', 'safety_label', 'category', 'source', 'text'],
        texts.map((text, index) => [`${index}.png`, 'Unsafe', 'Violence', 'Lexica', text]),
      ),
    }),
  },
  {
    ...table,
    importer: 'video-safetybench',
    form: 'JSON',
    path: 'Video-SafetyBench.json',
    textFile: 'Video-SafetyBench.json',
    requiredColumn: 'category',
    files: (texts) => ({
      'Video-SafetyBench.json': JSON.stringify(
        texts.map((question, index) => ({
          question_id: `q${index}`,
          question,
          harmful_intention: 'To hurt someone.',
          question_type: 'harmful',
          video_path: `video/${index}.mp4`,
          category: '1_Violent Crimes',
          subcategory: 'Assault',
        })),
        null,
        1,
      ),
    }),
  },
  {
    ...table,
    importer: 'safesora',
    form: 'labels',
    path: 'config-train.json',
    textFile: 'config-train.json',
    requiredColumn: 'prompt_text',
    files: (texts) => ({
      'config-train.json': JSON.stringify(
        texts.map((prompt_text, index) => ({
          prompt_id: `p${index}`,
          prompt_text,
          prompt_type: 'safety_critical',
          prompt_labels: { porn: false, violence: true, child_abuse: false, crime: true },
        })),
        null,
        1,
      ),
    }),
  },
  {
    ...table,
    importer: 'simplesafetytests',
    form: 'CSV',
    path: 'sst.csv',
    textFile: 'sst.csv',
    requiredColumn: 'harm_area',
    files: (texts) => ({
      'sst.csv': csv(
        ['id', 'harm_area', 'counter', 'category', 'prompt'],
        texts.map((text, index) => [
          `sst_ph_${index}`,
          'Physical Harm',
          index,
          'Information seeking',
          text,
        ]),
      ),
    }),
  },
  {
    ...table,
    importer: 'generic',
    form: 'CSV',
    path: 'mine.csv',
    textFile: 'mine.csv',
    requiredColumn: 'q',
    mapping: GENERIC_MAPPING,
    files: (texts) => ({
      'mine.csv': csv(
        ['q', 'n'],
        texts.map((text, index) => [text, index]),
      ),
    }),
  },
  {
    ...table,
    importer: 'generic',
    form: 'JSON lines',
    path: 'mine.jsonl',
    textFile: 'mine.jsonl',
    requiredColumn: 'q',
    mapping: GENERIC_MAPPING,
    files: (texts) => ({
      'mine.jsonl': texts.map((q, n) => `${JSON.stringify({ q, n })}\n`).join(''),
    }),
  },
  {
    importer: 'generic',
    form: 'plain lines',
    path: 'mine.txt',
    textFile: 'mine.txt',
    promptsPerText: 1,
    empty: 'no row',
    overlong: 'skipped',
    mapping: { ...GENERIC_MAPPING, columns: {} },
    files: (texts) => ({ 'mine.txt': `${texts.join('\n')}\n` }),
  },
];
