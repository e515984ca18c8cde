import type { EndpointSummary } from '../core/summary.ts';
import { type Html, html, isolated } from './html.ts';
import type { ReportModel } from './model.ts';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatPercentRange,
  formatRate,
} from './number-format.ts';
import { drawPlane, endpointColour, planePoints } from './plane-chart.ts';
import { miniInterval } from './rate-cell.ts';
import { roughIntervals } from './rough-intervals.ts';

/** Title, validity, and what a reader must know before any number. */
export function renderMasthead({ run, endpoints, gallery }: ReportModel): Html {
  const trials = endpoints.reduce((sum, { summary }) => sum + summary.trials, 0);
  const took =
    run.finishedAt === null ? null : Date.parse(run.finishedAt) - Date.parse(run.startedAt);
  const facts = [
    html`Pipeline ${isolated(run.pipeline)}`,
    html`${formatDate(run.startedAt)}`,
    took !== null && Number.isFinite(took) ? html`took ${formatDuration(Math.max(0, took))}` : null,
    run.finishedAt === null ? html`not finished` : null,
    html`${formatCount(endpoints.length)} ${endpoints.length === 1 ? 'endpoint' : 'endpoints'}`,
    html`${formatCount(Math.max(trials, gallery.trials))} trials`,
  ].filter((fact) => fact !== null);
  return html`<header class="masthead"><p class="brand">${LAMP}Safelight <span>safety report</span></p><h1>${isolated(run.id)}</h1><p class="facts">${facts.map((fact) => html`<span>${fact}</span>`)}</p></header>`;
}

const LAMP = html`<svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="9" fill="none" stroke="currentColor" stroke-width="1.5"/><circle cx="10" cy="10" r="4.5" fill="currentColor"/></svg>`;

/** `2025-11-03 14:05 UTC`, or the text as it stands where it is no time. */
function formatDate(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(iso);
  return match === null ? iso : `${match[1]} ${match[2]} UTC`;
}

export function renderNotices(model: ReportModel): Html {
  const { run } = model;
  const doubles = model.detectors.filter(({ testDouble }) => testDouble);
  const rough = roughIntervals(model.endpoints.map(({ summary }) => summary));
  const noticed = model.endpoints.flatMap(({ summary, description }) => {
    const notice = summary.notice ?? description?.notice;
    return notice === undefined ? [] : [{ id: summary.id, notice }];
  });
  const notices = [...new Set(noticed.map(({ notice }) => notice))].map((notice) => ({
    notice,
    ids: noticed.filter((entry) => entry.notice === notice).map(({ id }) => id),
  }));
  return html`<div class="notices">${
    run.valid
      ? html`<p class="notice ok"><strong>This run is valid.</strong> Failures and undecided trials stay within the policy’s limits.</p>`
      : html`<div class="notice bad" role="alert"><p><strong>This run is not valid.</strong> Do not quote its numbers:</p><ul>${run.invalidBecause.map((reason) => html`<li>${isolated(reason)}</li>`)}</ul></div>`
  }${
    run.warnings.length > 0 &&
    html`<div class="notice warn"><p><strong>${run.warnings.length === 1 ? 'A warning' : `${run.warnings.length} warnings`}</strong></p><ul>${run.warnings.map((warning) => html`<li>${isolated(warning)}</li>`)}</ul></div>`
  }${
    rough.length > 0 &&
    html`<div class="notice info"><p><strong>Rough intervals</strong></p><ul>${rough.map((note) => html`<li>${isolated(note)}</li>`)}</ul></div>`
  }${
    doubles.length > 0 &&
    html`<p class="notice warn"><strong>Test double in use.</strong> ${doubles.map(({ id }, index) => html`${index > 0 && ', '}${isolated(id)}`)} is told what was drawn instead of looking at it. These rates prove the testbed; they do not measure a detector.</p>`
  }${notices.map(
    ({ notice, ids }) =>
      html`<p class="notice info"><strong>${ids.map((id, index) => html`${index > 0 && ', '}${isolated(id)}`)}:</strong> ${isolated(notice)}</p>`,
  )}</div>`;
}

/** The plane, and beside it each endpoint with its pair of rates. */
export function renderPlane(model: ReportModel): Html {
  const summaries = model.endpoints.map(({ summary }) => summary);
  const points = planePoints(summaries);
  const offPlane = summaries.flatMap((summary, index) =>
    points.some(({ number }) => number === index + 1) ? [] : [{ summary, number: index + 1 }],
  );
  return html`<section id="plane" aria-labelledby="plane-title"><h2 id="plane-title">Harm and over-refusal</h2><p class="lead">Two failures of one run: harmful media comes back, or a harmless request is declined. Lower left is better on both. Lines are 95 % intervals of one rate; a dotted box holds both rates at once with about 95 %.</p><div class="plane${model.endpoints.length > 7 && ' many'}"><figure class="card"><div class="wide-only">${drawPlane(points, { sizePx: 600, showIds: true })}</div><div class="narrow-only">${drawPlane(points, { sizePx: 340, showIds: false })}</div><figcaption>The dashed line joins <em>always comply</em> with <em>always refuse</em>: a system on it gains no safety that it does not pay for in refusals. A wide bar without a point means that too much is undecided for a value.</figcaption></figure><ol class="key">${summaries.map(
    (summary, index) =>
      html`<li class="card"><p class="who">${badge(index + 1)}${isolated(summary.id)}</p><dl>${keyRate('Harm', summary.harm)}${keyRate('Over-refusal', summary.overRefusal)}${corrected(summary)}${graded(summary)}</dl></li>`,
  )}</ol></div>${
    offPlane.length > 0 &&
    html`<div class="off-plane"><h3>Not on the plane</h3><ul>${offPlane.map(
      ({ summary, number }) =>
        html`<li>${badge(number)}${isolated(summary.id)}: harm ${formatRate(summary.harm).sentence}; over-refusal ${formatRate(summary.overRefusal).sentence}.</li>`,
    )}</ul></div>`
  }</section>`;
}

function keyRate(label: string, rate: ReportModel['endpoints'][number]['summary']['harm']): Html {
  const formatted = formatRate(rate);
  return html`<div><dt>${label}</dt><dd class="${formatted.kind}"><span class="value">${formatted.value}</span>${miniInterval(rate)}<span class="fine">${formatted.interval}${formatted.counts !== '' && html` · ${formatted.counts}`}</span></dd></div>`;
}

/** The grade, where the policy names a reference system. */
function graded({ grade }: EndpointSummary): Html | null {
  if (grade === undefined) return null;
  if ('undefined' in grade) {
    return html`<div><dt>Grade</dt><dd class="undefined"><span class="fine">${grade.reason}</span></dd></div>`;
  }
  return html`<div><dt>Grade against ${isolated(grade.reference.id)} ${isolated(grade.reference.version)}</dt><dd><span class="value">${grade.awarded}</span><span class="fine">${grade.byValue === grade.awarded ? 'value and bound agree' : `the value alone: ${grade.byValue}`}${grade.paired === undefined ? '' : `; ${grade.paired.families} families of both, ${grade.paired.leftOut} of one alone`}</span></dd></div>`;
}

/** Behind the detectors' errors, where people labelled a sample; the reason where none did. */
function corrected({ harm, harmCorrected, harmCorrection }: EndpointSummary): Html | null {
  if (harmCorrected === undefined || 'undefined' in harm) return null;
  const formatted = formatRate(harmCorrected);
  if ('undefined' in harmCorrected) {
    return html`<div><dt>Harm, corrected</dt><dd class="undefined"><span class="fine">${harmCorrected.reason}</span></dd></div>`;
  }
  const beside = harmCorrection?.roganGladen;
  return html`<div><dt>Harm, corrected for detector errors</dt><dd><span class="value">${formatted.value}</span>${miniInterval(harmCorrected)}<span class="fine">${formatted.interval}${harmCorrection !== undefined && html` · ${harmCorrection.labels} labels`}</span>${
    beside !== undefined &&
    html`<span class="fine">Rogan–Gladen ${'undefined' in beside ? `not defined: ${beside.reason}` : `${formatPercent(beside.value)}, ${formatPercentRange(beside.ciLow, beside.ciHigh)}`}</span>`
  }</dd></div>`;
}

/** The number by which charts name an endpoint, in its colour. */
export function badge(number: number): Html {
  return html`<svg class="badge" width="22" height="22" viewBox="0 0 22 22" role="img" aria-label="Number ${number}"><circle cx="11" cy="11" r="10" fill="${endpointColour(number)}"/><text x="11" y="15" text-anchor="middle" font-size="11" font-weight="700" fill="var(--on-colour)">${number}</text></svg>`;
}

/** `score` without prompts: there is no intent, so there is no rate of harm. */
export function renderMediaOnly({ media }: ReportModel): Html | null {
  if (media === null) return null;
  const formatted = formatRate(media.flagged);
  return html`<section id="media" aria-labelledby="media-title"><h2 id="media-title">Media without prompts</h2><div class="card headline"><p class="big">${formatted.value}</p><p>of ${formatCount(media.items)} media flagged: a detector passed its threshold for harm.<br><span class="fine">${formatted.kind === 'undefined' ? formatted.interval : `95 % interval ${formatted.interval}, ${formatted.counts}`}</span></p></div>${media.failed > 0 && html`<p class="lead"><strong>${formatCount(media.failed)} more failed:</strong> they cannot be read or decoded, and are counted neither as flagged nor as clean.</p>`}<p class="lead">Without prompts there is no intent: neither harm nor over-refusal of a model can be told from media alone.</p></section>`;
}
