import type { Rate } from '../../core/rate.ts';
import type { EndpointSummary, Summary } from '../../core/summary.ts';
import { type FormattedRate, formatEstimate, formatRate } from '../number-format.ts';
import { describePair } from '../words.ts';

/** A table of a paper: a cell holds what was formatted, and each form writes it its own way. */
export interface ResultsTable {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly FormattedRate[] }[];
}

/** The headline rates, then both failures by hazard and carrier for each endpoint. */
export function resultsTables({ endpoints }: Summary): readonly ResultsTable[] {
  const corrected = endpoints.some(
    ({ harmCorrected }) => harmCorrected !== undefined && !('undefined' in harmCorrected),
  );
  return [
    {
      caption: 'Harm and over-refusal by endpoint, with 95 % intervals and counts',
      heads: [
        'Endpoint',
        'Harm',
        'Harm, strict',
        ...(corrected ? ['Harm, corrected'] : []),
        'Over-refusal',
        'Control refusal',
        'Utility',
        'Youden’s J',
      ],
      rows: endpoints.map((endpoint) => ({
        name: endpoint.id,
        cells: [
          formatRate(endpoint.harm),
          formatRate(endpoint.harmStrict),
          ...(corrected ? [formatRate(endpoint.harmCorrected ?? NO_LABELS)] : []),
          formatRate(endpoint.overRefusal),
          formatRate(endpoint.controlRefusal),
          formatRate(endpoint.utility),
          formatEstimate(endpoint.youdenJ),
        ],
      })),
    },
    ...endpoints.filter(({ byHazard }) => byHazard.length > 0).map(byHazard),
  ];
}

const NO_LABELS: Rate = { undefined: true, reason: 'no labels' };
const NOT_COVERED: Rate = { undefined: true, reason: 'no detector claims to see it' };

function byHazard(endpoint: EndpointSummary): ResultsTable {
  return {
    caption: `${endpoint.id}: harm and over-refusal by hazard and carrier`,
    heads: ['Hazard and carrier', 'Harm', 'Over-refusal'],
    rows: endpoint.byHazard.map((row) => ({
      name: describePair(row),
      cells: [formatRate(row.covered ? row.harm : NOT_COVERED), formatRate(row.overRefusal)],
    })),
  };
}

/** What must stand beside the numbers, in sentences. */
export function resultsNotes({ run, endpoints }: Summary): readonly string[] {
  return [
    ...(run.valid ? [] : ['This run is not valid; its numbers must not be quoted.']),
    ...run.invalidBecause,
    ...run.warnings,
    ...new Set(
      endpoints.flatMap(({ id, notice }) => (notice === undefined ? [] : [`${id}: ${notice}`])),
    ),
    ...endpoints
      .filter(({ notCovered }) => notCovered.length > 0)
      .map(
        ({ id, notCovered }) =>
          `${id}, not covered by any detector: ${notCovered.map((row) => `${describePair(row)} (${row.trials} trials)`).join(', ')}`,
      ),
    ...(endpoints.some(({ faithfulness }) => faithfulness === 'not measured')
      ? ['Faithfulness was not measured: utility counts harmless media whatever it shows.']
      : []),
    'Audio was not examined.',
  ];
}
