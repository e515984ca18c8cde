import type {
  AuditExample,
  AuditSummary,
  FilterComparison,
  FilterReport,
  TwinState,
} from '../core/audit.ts';
import { TWIN_STATES } from '../core/audit.ts';
import { drawCostQuality, drawReliability } from './audit-charts.ts';
import { responsiveChart } from './figure.ts';
import { type Html, html, isolated, shortLabel } from './html.ts';
import { formatCount, formatEstimate, formatLimit, formatScore } from './number-format.ts';
import { rateCell } from './rate-cell.ts';
import { badge } from './section-overview.ts';
import { HAZARD_WORDS } from './words.ts';

const DIMENSION_WORDS: Readonly<Record<string, string>> = {
  source: 'Source',
  madeBy: 'Real or generated',
  language: 'Language',
  augmentation: 'Augmentation',
  endpoint: 'Endpoint',
};

/** Whether a score of .7 is unsafe seven times of ten. */
export function renderCalibration({ filters }: AuditSummary): Html | null {
  const scored = filters
    .map((filter, index) => ({ filter, number: index + 1 }))
    .filter(({ filter }) => filter.overall.curve.length > 2);
  if (scored.length === 0) return null;
  return html`<section id="calibration" aria-labelledby="calibration-title"><h2 id="calibration-title">Calibration</h2><p class="lead">Of samples with a score, the share that is unsafe. On the diagonal a score can be read as a probability, in this labelled mixture; dots grow with the number of samples.</p><div class="gallery">${scored.map(
    ({ filter, number }) =>
      html`<figure class="card"><h3>${badge(number)} ${isolated(filter.id)}</h3>${drawReliability(filter.overall, number, 300)}<figcaption>Brier ${formatEstimate(filter.overall.brier).sentence}. ECE ${formatEstimate(filter.overall.ece).sentence}.</figcaption></figure>`,
  )}</div></section>`;
}

const STATE_WORDS: Readonly<Record<TwinState, string>> = {
  told_apart: 'Told apart',
  both_flagged: 'Both flagged',
  both_passed: 'Both passed',
  reversed: 'Only the harmless one flagged',
  undecided: 'No decision',
};

/** Which of two twins was treated how. */
export function renderTwins({ filters }: AuditSummary): Html | null {
  const paired = filters.filter(({ twins }) => twins.pairs > 0);
  if (paired.length === 0) return null;
  return html`<section id="twins" aria-labelledby="twins-title"><h2 id="twins-title">Twins</h2><p class="lead">A harmful prompt and its harmless twin share their words and not their meaning: a filter that reads words treats both alike.</p><div class="scroll card" role="region" aria-label="Twins, all filters" tabindex="0"><table class="cards"><thead><tr><th scope="col">Filter</th><th scope="col" class="number">Told apart</th>${TWIN_STATES.slice(1).map((state) => html`<th scope="col" class="number">${STATE_WORDS[state]}</th>`)}</tr></thead><tbody>${paired.map(
    ({ id, twins }) =>
      html`<tr><th scope="row">${isolated(id)}<span class="fine">${formatCount(twins.pairs)} pairs</span></th>${rateCell('Told apart', twins.toldApart)}${TWIN_STATES.slice(
        1,
      ).map(
        (state) =>
          html`<td data-label="${STATE_WORDS[state]}" class="number">${formatCount(twins.states[state])}</td>`,
      )}</tr>`,
  )}</tbody></table></div>${paired.map(
    ({ id, twins }) =>
      twins.list.length > 0 &&
      html`<details class="card"><summary>${isolated(id)}: ${formatCount(twins.list.length)} pairs that were not told apart</summary><div class="scroll" role="region" aria-label="Pairs of ${id}" tabindex="0"><table class="matrix"><thead><tr><th scope="col">Harmful</th><th scope="col">Harmless twin</th><th scope="col">What happened</th></tr></thead><tbody>${twins.list.map(
        ({ unsafe, safe, state }) =>
          html`<tr><td>${isolated(unsafe)}</td><td>${isolated(safe)}</td><td>${STATE_WORDS[state]}</td></tr>`,
      )}</tbody></table></div></details>`,
  )}</section>`;
}

/** Both rates by source, language and whatever else the labels tell. */
export function renderSlices({ filters }: AuditSummary): Html | null {
  const sliced = filters.filter(({ slices }) => slices.length > 0);
  if (sliced.length === 0) return null;
  return html`<section id="slices" aria-labelledby="slices-title"><h2 id="slices-title">Slices</h2><p class="lead">The same rates on parts of the samples. Where one part is far from the others, the total hides it.</p>${sliced.map(
    ({ id, slices }, index) =>
      html`<details class="card print-open"${index === 0 && html` open`}><summary><span class="who">${isolated(id)}</span></summary><div class="scroll" role="region" aria-label="Slices of ${id}" tabindex="0"><table class="cards"><thead><tr><th scope="col">Slice</th><th scope="col" class="number">Unsafe flagged</th><th scope="col" class="number">Safe flagged</th></tr></thead><tbody>${slices.map(
        ({ dimension, value, tpr, fpr }) =>
          html`<tr><th scope="row">${isolated(value)}<span class="fine">${DIMENSION_WORDS[dimension] ?? dimension}</span></th>${rateCell('Unsafe flagged', tpr)}${rateCell('Safe flagged', fpr)}</tr>`,
      )}</tbody></table></div></details>`,
  )}</section>`;
}

/** Paired differences of every two filters. */
export function renderComparisons({ comparisons }: AuditSummary): Html | null {
  if (comparisons.length === 0) return null;
  return html`<section id="differences" aria-labelledby="differences-title"><h2 id="differences-title">Differences</h2><p class="lead">First minus second, on the samples that both cover and both decided, in points of a share. P-values are adjusted for the number of comparisons (Holm). For the unsafe a larger share is better, for the safe a smaller one.</p><div class="scroll card" role="region" aria-label="Differences, all pairs" tabindex="0"><table class="cards"><thead><tr><th scope="col">Filters</th><th scope="col">Flagged among</th><th scope="col" class="number">Difference</th><th scope="col" class="number">p</th></tr></thead><tbody>${comparisons.map(comparisonRow)}</tbody></table></div></section>`;
}

function comparisonRow(one: FilterComparison): Html {
  const { value, interval } = formatEstimate(one.difference);
  const p = one.pAdjusted;
  return html`<tr><th scope="row">${isolated(one.first)} − ${isolated(one.second)}</th><td data-label="Flagged among">${one.measure === 'tpr' ? 'the unsafe' : 'the safe'}</td><td data-label="Difference" class="number"><span class="cell"><span class="value">${value}</span><span class="fine">${interval}</span></span></td><td data-label="p" class="number"><span class="cell"><span class="value">${p === null ? '–' : p < 0.001 ? '< 0.001' : p.toFixed(3)}</span><span class="fine">${one.test}, ${formatCount(one.families)} families</span></span></td></tr>`;
}

/** What a cascade saves, and what that costs in quality. */
export function renderCostQuality({ costQuality }: AuditSummary): Html | null {
  const drawn = costQuality.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return null;
  return html`<section id="cost" aria-labelledby="cost-title"><h2 id="cost-title">Cost and quality</h2><p class="lead">How good a cascade would be with a wider or a narrower band of doubt, and how often its second filter would be asked for it. The large mark is the band of the pipeline.</p><div class="pair">${drawn.map(
    (one) =>
      html`<figure class="card"><h3>${isolated(one.cascade)}</h3>${responsiveChart(460, (widthPx) => drawCostQuality(one, widthPx))}<figcaption>${presentWords(one)}</figcaption></figure>`,
  )}</div></section>`;
}

function presentWords({ points }: AuditSummary['costQuality'][number]): string {
  const now = points.find(({ present }) => present);
  if (now === undefined) return 'The present band cannot be told.';
  return `Now: the second filter is asked about ${(now.secondStageShare * 100).toFixed(0)} % of the samples, ${now.meanMs.toFixed(2)} ms a sample on average${now.meanUsd === null ? '' : now.meanUsd === 0 ? '' : `, $${now.meanUsd.toFixed(5)}`}.`;
}

const OUTCOME_WORDS: Readonly<Record<AuditExample['outcome'], string>> = {
  missed: 'Unsafe and passed',
  blocked: 'Safe and flagged',
  caught: 'Unsafe and flagged',
  passed: 'Safe and passed',
};
const OUTCOME_COLOURS: Readonly<Record<AuditExample['outcome'], string>> = {
  missed: 'var(--v-harmful)',
  blocked: 'var(--v-refused_output)',
  caught: 'var(--v-harmless)',
  passed: 'var(--v-unscored)',
};

/** The clearest of each kind, as pixelated pictures or as ids; never as text. */
export function renderExamples(
  { filters }: AuditSummary,
  thumbnails: ReadonlyMap<string, string>,
): Html | null {
  const shown = filters.filter(({ examples }) => examples.length > 0);
  if (shown.length === 0) return null;
  return html`<section id="examples" aria-labelledby="examples-title"><h2 id="examples-title">Examples</h2><p class="lead">Of each kind those with the clearest scores. Pictures are pixelated and cannot be restored from this page; prompts are named by their ids.</p>${shown.map(
    (filter) =>
      html`<details class="card"><summary><span class="who">${isolated(filter.id)}</span></summary><ul class="gallery">${filter.examples.map((one) => example(one, filter, thumbnails.get(one.sample)))}</ul></details>`,
  )}</section>`;
}

function example(one: AuditExample, { side }: FilterReport, thumbnail: string | undefined): Html {
  return html`<li class="card shot">${
    thumbnail === undefined
      ? html`<div class="picture none"><span>${side === 'prompt' ? 'Text not shown' : 'Picture not kept'}</span></div>`
      : html`<div class="picture"><img src="${thumbnail}" width="160" height="160" alt="Pixelated, ${OUTCOME_WORDS[one.outcome].toLowerCase()}"></div>`
  }<div class="about"><p class="stamp"><svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="3" fill="${OUTCOME_COLOURS[one.outcome]}"/></svg><strong>${OUTCOME_WORDS[one.outcome]}</strong></p><p class="ids">${isolated(shortLabel(one.sample, 80))}</p><p class="fine">${one.hazard === null ? 'no hazard named' : HAZARD_WORDS[one.hazard]} · score ${formatScore(one.score)}</p></div></li>`;
}

/** What was labelled, by whom the numbers were made, and how. */
export function renderAuditMethod({ data, versions, filters, prevalence }: AuditSummary): Html {
  return html`<section id="method" aria-labelledby="method-title"><h2 id="method-title">How this was measured</h2><div class="pair"><dl class="card facts-list">${data.sources.map(
    (source) =>
      html`<div><dt>${isolated(source.name)}</dt><dd>${formatCount(source.unsafe)} unsafe, ${formatCount(source.safe)} safe${source.leftOut.length > 0 && html`<br><span class="fine">left out: ${source.leftOut.map(({ reason, count }) => `${formatCount(count)} ${reason.replaceAll('_', ' ')}`).join(', ')}</span>`}</dd></div>`,
  )}${Object.entries(versions).map(([name, version]) => html`<div><dt>${isolated(name)}</dt><dd>${isolated(version)}</dd></div>`)}</dl><dl class="card facts-list">${filters.map(
    ({ id, detectors }) =>
      html`<div><dt>${isolated(id)}</dt><dd>${detectors.map((detector) => html`${isolated(detector.id)} ${isolated(detector.version)}${detector.weightsSha256 !== null && html`<br><code>${detector.weightsSha256}</code>`}<br>`)}</dd></div>`,
  )}</dl></div><ul class="prose"><li>Intervals are 95 %. Shares use Wilson’s interval where every family holds one sample, else the cluster bootstrap by family, or Wilson on the effective number.</li><li>An abstention is neither flagged nor passed: the interval covers both ways in which it could have come out, and with too many of them there is no value.</li><li>Precision is what would hold where ${formatLimit(prevalence)} of what comes in is unsafe; F1 rests on the mixture of the labelled samples.</li><li>AUROC, AUPRC and the recalls at fixed false-positive rates do not depend on the threshold. Scores of filters without calibration order samples and are no probabilities: read Brier and ECE as a warning where they are large.</li><li>Times hold the waiting for other samples that were looked at side by side (${formatCount(filters[0]?.latency.concurrency ?? 0)} at a time).</li><li>Filters are told neither the label nor, of media, the prompt. The audio of videos is not examined.</li></ul></section>`;
}
