import Table from 'cli-table3';
import type { Rate } from '../core/rate.ts';
import type { EndpointSummary, Summary } from '../core/summary.ts';
import { isRefusal, VERDICTS } from '../core/verdict.ts';
import { withoutDirectionMarks } from './html.ts';
import {
  formatCount,
  formatEstimate,
  formatPercent,
  formatPercentRange,
  formatRate,
} from './number-format.ts';
import { roughIntervals } from './rough-intervals.ts';
import { describeVideos } from './video-words.ts';
import { languageName } from './words.ts';

export interface PrintOptions {
  /** Width of the terminal. Below 100 columns each endpoint becomes a short list. */
  readonly widthColumns: number;
}

const TABLE_WIDTH_COLUMNS = 100;

/**
 * The result of `run` or `score` for a terminal: plain text without colour, a line feed between
 * lines and none at the end. Rates stand with interval and counts.
 */
export function summaryTable(summary: Summary, options: PrintOptions): string {
  // Media without prompts has no rates by intent: a table would hold "not defined" alone.
  const rated = summary.media === undefined ? summary.endpoints : [];
  const parts = [
    ...(rated.length === 0
      ? []
      : options.widthColumns >= TABLE_WIDTH_COLUMNS
        ? [wideTable(rated)]
        : rated.map(list)),
    ...(summary.media === undefined
      ? []
      : [
          `${formatCount(summary.media.items)} media, flagged: ${formatRate(summary.media.flagged).sentence}`,
          ...(summary.media.failed === 0 ? [] : [failedMedia(summary.media.failed)]),
        ]),
    ...(summary.videos === undefined ? [] : [describeVideos(summary.videos)]),
    ...languages(rated),
    ...sequential(summary),
    ...notes(summary.run, rated),
  ];
  // Spaces that do not break look alike on a terminal and are not found by a search.
  return parts.join('\n').replace(/[\u00A0\u202F]/g, ' ');
}

function failedMedia(count: number): string {
  return `${formatCount(count)} more failed: they cannot be read or decoded, and are neither flagged nor clean`;
}

function wideTable(endpoints: readonly EndpointSummary[]): string {
  const table = new Table({
    head: ['Endpoint', 'Trials', 'Harm', 'Harm, strict', 'Over-refusal', "Youden's J"],
    style: { head: [], border: [], compact: true },
    chars: PLAIN_RULES,
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const endpoint of endpoints) {
    const youden = formatEstimate(endpoint.youdenJ);
    table.push([
      printable(endpoint.id, 32),
      counts(endpoint),
      cell(endpoint.harm),
      cell(endpoint.harmStrict),
      cell(endpoint.overRefusal),
      youden.kind === 'undefined' ? youden.value : `${youden.value}\n${youden.interval}`,
    ]);
  }
  return table.toString();
}

/** Lines between rows only: the table is read by people and pasted into chats. */
const PLAIN_RULES = {
  top: '─',
  'top-mid': '─',
  'top-left': '─',
  'top-right': '─',
  bottom: '─',
  'bottom-mid': '─',
  'bottom-left': '─',
  'bottom-right': '─',
  left: ' ',
  'left-mid': '─',
  mid: '─',
  'mid-mid': '─',
  right: ' ',
  'right-mid': '─',
  middle: ' ',
};

function list(endpoint: EndpointSummary): string {
  const rows: [string, string][] = [
    ['trials', counts(endpoint).replaceAll('\n', ', ')],
    ['harm', inline(endpoint.harm)],
    ['strict', inline(endpoint.harmStrict)],
    ['over-refusal', inline(endpoint.overRefusal)],
    ["Youden's J", formatEstimate(endpoint.youdenJ).value],
  ];
  return [
    printable(endpoint.id, 60),
    ...rows.map(([name, value]) => `  ${name.padEnd(13)}${value}`),
  ].join('\n');
}

/** A line for each endpoint and language, where the prompts are in several. */
function languages(endpoints: readonly EndpointSummary[]): string[] {
  const known = new Set(
    endpoints.flatMap(({ byLanguage }) => byLanguage.map((row) => row.language)),
  );
  if (known.size < 2) return [];
  return [
    'By language:',
    ...endpoints.flatMap(({ id, byLanguage }) =>
      byLanguage.map(
        ({ language, harm, overRefusal }) =>
          `  ${printable(id, 32)}, ${printable(languageName(language), 32)}: harm ${inline(harm)}, over-refusal ${inline(overRefusal)}`,
      ),
    ),
  ];
}

function cell(rate: Rate): string {
  const formatted = formatRate(rate);
  return formatted.kind === 'undefined'
    ? formatted.value
    : `${formatted.value}\n${formatted.interval}\n${formatted.counts}`;
}

function inline(rate: Rate): string {
  const formatted = formatRate(rate);
  return formatted.kind === 'undefined'
    ? formatted.value
    : `${formatted.value} [${formatted.interval}] ${formatted.counts}`;
}

function counts({ trials, verdicts }: EndpointSummary): string {
  const refused = VERDICTS.filter(isRefusal).reduce((sum, verdict) => sum + verdicts[verdict], 0);
  return [
    formatCount(trials),
    `${formatCount(refused)} refused`,
    ...(verdicts.unscored > 0 ? [`${formatCount(verdicts.unscored)} unscored`] : []),
    ...(verdicts.failed > 0 ? [`${formatCount(verdicts.failed)} failed`] : []),
  ].join('\n');
}

function notes(run: Summary['run'], endpoints: readonly EndpointSummary[]): string[] {
  const undefinedRates = endpoints.flatMap(({ id, harm, overRefusal }) =>
    [['harm', harm] as const, ['over-refusal', overRefusal] as const].flatMap(([name, rate]) =>
      'undefined' in rate || 'bounded' in rate
        ? [
            `${printable(id, 32)}: ${name} ${'bounded' in rate ? 'has bounds only' : 'is not defined'}: ${rate.reason}`,
          ]
        : [],
    ),
  );
  const notCovered = endpoints.reduce(
    (sum, endpoint) => sum + endpoint.notCovered.reduce((all, { trials }) => all + trials, 0),
    0,
  );
  const notices = [...new Set(endpoints.flatMap(({ notice }) => notice ?? []))];
  return [
    ...(endpoints.length > 0 ? ['Rates with 95 % intervals and counts.'] : []),
    ...undefinedRates,
    ...corrections(endpoints),
    ...grades(endpoints),
    ...(notCovered > 0
      ? [
          `${formatCount(notCovered)} trials concern hazards that no detector covers: nothing is known about their harm, and Youden's J leaves them out.`,
        ]
      : []),
    ...roughIntervals(endpoints).map((note) => `Rough: ${printable(note, 400)}`),
    ...notices.map((notice) => `Note: ${printable(notice, 200)}`),
    ...run.warnings.map((warning) => `Warning: ${printable(warning, 300)}`),
    ...(run.valid
      ? []
      : [
          'THIS RUN IS NOT VALID:',
          ...run.invalidBecause.map((reason) => `  - ${printable(reason, 300)}`),
        ]),
  ];
}

/** Intervals that hold although the run stopped when it had seen enough. */
function sequential(summary: Summary): string[] {
  return (summary.sequential ?? []).map(
    ({ endpoint, metric, families, ciLow, ciHigh, method, satisfied }) =>
      `${printable(endpoint, 32)}: ${metric === 'harm' ? 'harm' : 'over-refusal'} within ${formatPercentRange(ciLow, ciHigh)} whenever one stops (${method}, ${formatCount(families)} families)${satisfied ? '' : '; the limit was not reached'}`,
  );
}

/** Grades, where the policy names a reference. */
function grades(endpoints: readonly EndpointSummary[]): string[] {
  return endpoints.flatMap(({ id, grade }) => {
    if (grade === undefined) return [];
    if ('undefined' in grade) return [`${printable(id, 32)}: no grade: ${grade.reason}`];
    const { awarded, byValue, reference, paired } = grade;
    const value = byValue === awarded ? '' : `; the values alone would give "${byValue}"`;
    return [
      `${printable(id, 32)}: graded "${awarded}" against ${printable(reference.id, 40)} ${printable(reference.version, 20)}${paired === undefined ? '' : ` on ${paired.families} families of both`}${value}`,
    ];
  });
}

/** Harm behind the detectors' errors, or why nobody knows it. */
function corrections(endpoints: readonly EndpointSummary[]): string[] {
  const unknown = new Map<string, string[]>();
  const lines = endpoints.flatMap(({ id, harm, harmCorrected, harmCorrection }) => {
    if (harmCorrected === undefined || 'undefined' in harm) return [];
    if ('undefined' in harmCorrected) {
      const { reason } = harmCorrected;
      unknown.set(reason, [...(unknown.get(reason) ?? []), printable(id, 32)]);
      return [];
    }
    const beside = harmCorrection?.roganGladen;
    const second =
      beside === undefined
        ? ''
        : 'undefined' in beside
          ? `; Rogan–Gladen not defined: ${printable(beside.reason, 120)}`
          : `; Rogan–Gladen ${formatPercent(beside.value)} [${formatPercentRange(beside.ciLow, beside.ciHigh)}]`;
    return [
      `${printable(id, 32)}: harm corrected for detector errors ${correctedWords(harmCorrected)}${second}`,
    ];
  });
  return [
    ...lines,
    ...[...unknown].map(
      ([reason, ids]) =>
        `Harm is not corrected for detector errors (${ids.join(', ')}): ${reason}.`,
    ),
  ];
}

function correctedWords(rate: Exclude<Rate, { readonly undefined: true }>): string {
  const { value, interval } = formatRate(rate);
  return `${value} [${interval}]`;
}

/** Text from outside cannot move the cursor, change colours or reorder a line. */
function printable(text: string, length: number): string {
  const line = withoutDirectionMarks(text).replace(/\s+/g, ' ');
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
