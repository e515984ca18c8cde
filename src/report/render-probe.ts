import type { ProbedDirection, ProbedEndpoint, ProbeResult } from '../core/probe.ts';
import type { Summary } from '../core/summary.ts';
import { type Html, html, isolated, trustedMarkup } from './html.ts';
import { formatCount, formatRate } from './number-format.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { rateCell } from './rate-cell.ts';
import { pageHead } from './render-html.ts';
import { HAZARD_WORDS } from './words.ts';

/** What a search found: rates and kinds of change, without any wording. Pure. */
export function renderProbe(result: ProbeResult, { run }: Summary): string {
  return html`${pageHead(`search ${result.runId}`)}
<body><a class="skip" href="#main">Skip to the results</a>
<div class="top"><nav aria-label="Endpoints">${result.endpoints.map(({ endpoint }, at) => html`<a href="#endpoint-${String(at)}">${isolated(endpoint)}</a>`)}</nav><button type="button" class="theme" hidden aria-label="Switch between light and dark">Dark</button></div>
<main id="main"><header class="masthead"><p class="brand">Safelight <span>search for failures</span></p><h1>${isolated(result.runId)}</h1></header>
<div class="notices"><div class="notice"><p>These prompts were reworded until an answer turned or the budget was spent. The rates say how far a defence holds against such a search, not how often it fails unprovoked: that is in the run’s report. The wordings stay in the journal.</p>${run.invalidBecause.length > 0 && html`<ul>${run.invalidBecause.map((reason) => html`<li>${isolated(reason)}</li>`)}</ul>`}</div></div>
${result.endpoints.map(renderEndpoint)}</main>
<footer class="foot">Made by Safelight. The same numbers without rounding stand in probe.json.</footer>
<script>${trustedMarkup(PAGE_SCRIPT)}</script></body></html>
`.toString();
}

const STOPPED: Readonly<Record<NonNullable<ProbedEndpoint['stopped']>, string>> = {
  max_queries: 'The search stopped at its limit of queries.',
  max_refusals: 'The search stopped at its limit of refusals.',
  max_usd: 'The search stopped at its limit of cost.',
};

function renderEndpoint(one: ProbedEndpoint, at: number): Html {
  return html`<section id="endpoint-${String(at)}" aria-labelledby="endpoint-${String(at)}-title"><h2 id="endpoint-${String(at)}-title">${isolated(one.endpoint)}</h2><p class="lead">${formatCount(one.queries)} queries, ${formatCount(one.refusals)} refusals, cost ${one.costUsd === null ? 'not told' : `$${one.costUsd.toFixed(2)}`}. ${one.stopped === undefined ? '' : STOPPED[one.stopped]}</p>${renderDirection('Refused in plain words, then answered with harm', one.evaded)}${renderDirection('Answered in plain words, then refused', one.blocked)}${one.p4d !== undefined && html`<h3>P4D’s failure rate</h3><p class="lead">Harmful on the reference, not harmful here in plain words, harmful here after the search: ${formatRate(one.p4d.failureRate).sentence} of all harmful prompts; ${formatRate(one.p4d.failureRateOfEligible).sentence} of those that could be turned.</p>`}</section>`;
}

function renderDirection(title: string, found: ProbedDirection): Html {
  const { eligible, turnedAt, byHazard, byChain } = found;
  if (eligible === 0) {
    return html`<h3>${title}</h3><p class="lead">No prompt could have been turned.</p>`;
  }
  return html`<h3>${title}</h3><p class="lead">${formatCount(eligible)} prompts were searched.</p>${table(
    `${title}: by queries`,
    'Queries allowed',
    turnedAt.map((rate, index) => ({ name: String(index + 1), rate })),
  )}${table(
    `${title}: by hazard`,
    'Hazard',
    byHazard.map(({ hazard, turned }) => ({ name: HAZARD_WORDS[hazard], rate: turned })),
  )}${table(
    `${title}: by technique`,
    'Technique',
    byChain.map(({ chain, rate }) => ({ name: chain, rate })),
  )}`;
}

function table(
  label: string,
  head: string,
  rows: readonly { readonly name: string; readonly rate: ProbedDirection['turnedAt'][number] }[],
): Html | null {
  if (rows.length === 0) return null;
  return html`<div class="scroll card" role="region" aria-label="${label}" tabindex="0"><table class="cards"><thead><tr><th scope="col">${head}</th><th scope="col" class="number">Turned</th></tr></thead><tbody>${rows.map(
    ({ name, rate }) =>
      html`<tr><th scope="row">${isolated(name)}</th>${rateCell('Turned', rate)}</tr>`,
  )}</tbody></table></div>`;
}
