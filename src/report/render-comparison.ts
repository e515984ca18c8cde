import type { Policy } from '../core/policy.ts';
import type { UndefinedRate } from '../core/rate.ts';
import type { EndpointSummary } from '../core/summary.ts';
import {
  COMPARED_METRICS,
  concludeDifference,
  type Difference,
  type SystemComparison,
} from '../judge/compare-systems.ts';
import { type Html, html, isolated, trustedMarkup } from './html.ts';
import { formatCount, formatRate, formatSigned } from './number-format.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { drawPlane, planePoints } from './plane-chart.ts';
import { pageHead } from './render-html.ts';
import { badge } from './section-overview.ts';

export interface ComparisonPage {
  readonly title: string;
  /** All of them were judged by it. */
  readonly policy: Pick<Policy, 'id' | 'version'>;
  /** Each under the name that the comparisons use for it. */
  readonly systems: readonly { readonly name: string; readonly summary: EndpointSummary }[];
  readonly comparisons: readonly SystemComparison[];
  readonly warnings: readonly string[];
}

/** Several systems on one plane, and their differences, as one self-contained page. Pure. */
export function renderComparison(page: ComparisonPage): string {
  const summaries = page.systems.map(({ name, summary }) => ({ ...summary, id: name }));
  const points = planePoints(summaries);
  return html`${pageHead(page.title)}
<body><a class="skip" href="#main">Skip to the results</a>
<div class="top"><nav aria-label="Sections"><a href="#plane">Overview</a><a href="#differences">Differences</a></nav><button type="button" class="theme" hidden aria-label="Switch between light and dark">Dark</button></div>
<main id="main"><header class="masthead"><p class="brand">Safelight <span>comparison</span></p><h1>${isolated(page.title)}</h1></header>
<div class="notices">${page.warnings.length > 0 && html`<div class="notice warn"><p><strong>Warnings</strong></p><ul>${page.warnings.map((warning) => html`<li>${isolated(warning)}</li>`)}</ul></div>`}</div>
<section id="plane" aria-labelledby="plane-title"><h2 id="plane-title">Harm and over-refusal</h2><p class="lead">Lower left is better on both. Lines are 95 % intervals of each system by itself: that they overlap does not mean that there is no difference, since the systems answered the same prompts.</p><div class="plane"><figure class="card"><div class="wide-only">${drawPlane(points, { sizePx: 600, showIds: true })}</div><div class="narrow-only">${drawPlane(points, { sizePx: 340, showIds: false })}</div></figure><ol class="key">${summaries.map(
    (summary, index) =>
      html`<li class="card"><p class="who">${badge(index + 1)}${isolated(summary.id)}</p><dl><div><dt>Harm</dt><dd>${formatRate(summary.harm).sentence}</dd></div><div><dt>Over-refusal</dt><dd>${formatRate(summary.overRefusal).sentence}</dd></div></dl></li>`,
  )}</ol></div></section>
<section id="differences" aria-labelledby="differences-title"><h2 id="differences-title">Differences</h2>${page.comparisons.map(renderPair)}</section></main>
<footer class="foot">Made by Safelight. Differences are first less second, over prompts that both were asked, clustered by family. All were judged by policy ${isolated(page.policy.id)}, version ${isolated(page.policy.version)}.</footer>
<script>${trustedMarkup(PAGE_SCRIPT)}</script></body></html>
`.toString();
}

function renderPair(pair: SystemComparison): Html {
  return html`<h3>${isolated(pair.first)} and ${isolated(pair.second)}</h3><p class="lead">${formatCount(pair.matchedPrompts)} prompts in both, ${formatCount(pair.unmatchedFirst)} in the first alone, ${formatCount(pair.unmatchedSecond)} in the second alone.</p><ul>${COMPARED_METRICS.map(
    (metric) =>
      html`<li>${isolated(concludeDifference(metric, pair.first, pair.second, pair[metric]))}</li>`,
  )}</ul><div class="scroll card" role="region" aria-label="Differences by group" tabindex="0"><table class="cards"><thead><tr><th scope="col">What</th><th scope="col" class="number">Harm</th><th scope="col" class="number">Over-refusal</th></tr></thead><tbody>${[
    { dimension: 'all', value: '', harm: pair.harm, overRefusal: pair.overRefusal },
    ...pair.groups,
  ].map(
    ({ dimension, value, harm, overRefusal }) =>
      html`<tr><th scope="row">${isolated(value === '' ? dimension : value)}${value !== '' && html`<span class="fine">${dimension}</span>`}</th>${cell('Harm', harm)}${cell('Over-refusal', overRefusal)}</tr>`,
  )}</tbody></table></div>`;
}

function cell(label: string, found: Difference | UndefinedRate): Html {
  if ('undefined' in found) {
    return html`<td data-label="${label}" class="number undefined"><span class="cell"><span class="value">not defined</span><span class="fine">${found.reason}</span></span></td>`;
  }
  const { difference, pAdjusted, families } = found;
  return html`<td data-label="${label}" class="number"><span class="cell"><span class="value">${formatSigned(difference.value)}</span><span class="fine">${formatSigned(difference.ciLow)} to ${formatSigned(difference.ciHigh)}</span><span class="fine">p ${pAdjusted < 0.001 ? '< 0.001' : pAdjusted.toFixed(3)}, ${formatCount(families)} families</span></span></td>`;
}
