import type { AuditSummary } from '../core/audit.ts';
import {
  renderAuditMethod,
  renderCalibration,
  renderComparisons,
  renderCostQuality,
  renderExamples,
  renderSlices,
  renderTwins,
} from './audit-details.ts';
import { renderAuditHazards } from './audit-hazards.ts';
import { renderCoverage, renderOverview } from './audit-overview.ts';
import { renderRobustness } from './audit-robustness.ts';
import { type Html, html, isolated, trustedMarkup } from './html.ts';
import { formatCount, formatLimit } from './number-format.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { pageHead } from './render-html.ts';

/**
 * An audit as one self-contained page. Pure: the same summary gives the same bytes.
 *
 * @param thumbnails of examples by sample, as `data:` addresses of pixelated pictures.
 */
export function renderAudit(
  summary: AuditSummary,
  thumbnails: ReadonlyMap<string, string>,
): string {
  const sections: readonly (readonly [id: string, name: string, body: Html | null])[] = [
    ['prompt', 'Prompt filters', renderOverview(summary, 'prompt')],
    ['media', 'Media filters', renderOverview(summary, 'media')],
    ['hazards', 'Hazards', renderAuditHazards(summary)],
    ['robustness', 'Robustness', renderRobustness(summary)],
    ['twins', 'Twins', renderTwins(summary)],
    ['differences', 'Differences', renderComparisons(summary)],
    ['cost', 'Cost', renderCostQuality(summary)],
    ['calibration', 'Calibration', renderCalibration(summary)],
    ['slices', 'Slices', renderSlices(summary)],
    ['silent', 'Without an answer', renderCoverage(summary)],
    ['examples', 'Examples', renderExamples(summary, thumbnails)],
    ['method', 'Method', renderAuditMethod(summary)],
  ];
  const shown = sections.filter(([, , body]) => body !== null);
  const { audit, data } = summary;
  return html`${pageHead(audit.id)}
<body><a class="skip" href="#main">Skip to the results</a>
<div class="top"><nav aria-label="Sections">${shown.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav><button type="button" class="theme" hidden aria-label="Switch between light and dark">Dark</button></div>
<main id="main"><header class="masthead"><p class="brand">Safelight <span>audit of filters</span></p><h1>${isolated(audit.name)}</h1><p class="facts"><span>${audit.startedAt.slice(0, 10)}</span><span>${formatCount(summary.filters.length)} filters</span><span>${formatCount(data.samples)} labelled samples in ${formatCount(data.families)} families</span><span>precision where ${formatLimit(summary.prevalence)} is unsafe</span></p></header>
<div class="notices">${audit.invalidBecause.length > 0 && notice('bad', 'This audit is not valid', audit.invalidBecause)}${audit.warnings.length > 0 && notice('warn', 'Warnings', audit.warnings)}</div>
${shown.map(([, , body]) => html`${body}\n`)}</main>
<footer class="foot">Made by Safelight. Numbers without rounding stand in summary.json beside this page.</footer>
<script>${trustedMarkup(PAGE_SCRIPT)}</script></body></html>
`.toString();
}

function notice(kind: 'bad' | 'warn', title: string, lines: readonly string[]): Html {
  return html`<div class="notice ${kind}"><p><strong>${title}</strong></p><ul>${lines.map((line) => html`<li>${isolated(line)}</li>`)}</ul></div>`;
}
