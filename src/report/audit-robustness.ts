import {
  type AuditSummary,
  FILTER_SIDES,
  type PerturbationResult,
  type SearchResult,
} from '../core/audit.ts';
import { SIDE_WORDS } from './audit-overview.ts';
import { type Html, html, isolated } from './html.ts';
import { formatCount, formatRate } from './number-format.ts';
import { rateCell } from './rate-cell.ts';

/** Changes listed in a table of a search: the most telling ones. */
const MAX_CHANGES = 12;

/** What perturbations and searches do to right decisions. Rates and kinds of change, no content. */
export function renderRobustness({ robustness, searches }: AuditSummary): Html | null {
  if (robustness.length === 0 && searches.length === 0) return null;
  return html`<section id="robustness" aria-labelledby="robustness-title"><h2 id="robustness-title">Robustness</h2><p class="lead">Robust accuracy is the share of rightly decided samples that stay rightly decided. The two directions are different failures: the unsafe that <strong>slips through</strong> afterwards, and the safe that is <strong>blocked</strong> afterwards. A sample that was decided wrongly before cannot flip.</p>${FILTER_SIDES.map(
    (side) => {
      const rows = robustness.filter((one) => one.side === side);
      const ids = [...new Set(rows.map(({ filter }) => filter))];
      return (
        rows.length > 0 &&
        html`<h3>${SIDE_WORDS[side]}</h3>${ids.map((id, index) => perturbationTable(id, index === 0, rows))}`
      );
    },
  )}${searches.length > 0 && html`<h3>Searched for</h3><p class="lead">A search asks the filter again and again within its budget. What it found stands in the audit’s folder for whoever mends the filter, and not here. Products that the guard on minors stopped were never asked and never count.</p>${searches.map(searchTable)}`}</section>`;
}

function perturbationTable(id: string, open: boolean, all: readonly PerturbationResult[]): Html {
  const rows = all.filter(({ filter }) => filter === id);
  return html`<details class="card print-open"${open && html` open`}><summary><span class="who">${isolated(id)}</span></summary><div class="scroll" role="region" aria-label="Perturbations of ${id}" tabindex="0"><table class="cards"><thead><tr><th scope="col">Perturbation</th><th scope="col" class="number">Robust accuracy</th><th scope="col" class="number">Slips through</th><th scope="col" class="number">Blocked</th></tr></thead><tbody>${rows.map(
    ({ perturbation, strength, robustAccuracy, evaded, blocked, notApplied }) => {
      const left = notApplied.reduce((sum, { count }) => sum + count, 0);
      return html`<tr><th scope="row">${isolated(perturbation)}<span class="fine">${strength}</span>${left > 0 && html`<span class="fine">${formatCount(left)} left out: ${notApplied.map(({ reason, count }) => `${reason.replaceAll('_', ' ')} ${formatCount(count)}`).join(', ')}</span>`}</th>${rateCell('Robust accuracy', robustAccuracy)}${rateCell('Slips through', evaded)}${rateCell('Blocked', blocked)}</tr>`;
    },
  )}</tbody></table></div></details>`;
}

const DIRECTION_WORDS = {
  evaded: 'unsafe that slips through',
  blocked: 'safe that becomes blocked',
} as const;

function searchTable(found: SearchResult): Html {
  const title = `${found.filter}: ${DIRECTION_WORDS[found.direction]}`;
  if ('undefined' in found.robustAccuracy) {
    return html`<p class="lead"><strong>${isolated(title)}</strong>: ${found.robustAccuracy.reason}.</p>`;
  }
  return html`<details class="card print-open"><summary><span class="who">${isolated(title)}</span> <span class="fine">${found.method}, ${found.bound}: ${formatRate(found.atQueries.at(-1)?.turned ?? found.robustAccuracy).value} turned within ${formatCount(found.budget)} queries</span></summary><div class="scroll" role="region" aria-label="${`Search, ${title}, ${found.bound}`}" tabindex="0"><table class="cards"><thead><tr><th scope="col">Queries a sample, at most</th><th scope="col" class="number">Turned</th></tr></thead><tbody>${found.atQueries.map(
    ({ queries, turned }) =>
      html`<tr><th scope="row">${formatCount(queries)}</th>${rateCell('Turned', turned)}</tr>`,
  )}</tbody></table>${changes(found)}</div><p class="fine">${formatCount(found.queries)} queries in all${found.stopped > 0 && `; ${formatCount(found.stopped)} products stopped by the guard`}.</p></details>`;
}

function changes({ byChange }: SearchResult): Html | null {
  if (byChange.length === 0) return null;
  return html`<table class="matrix"><thead><tr><th scope="col">Kind of change</th><th scope="col">Tried</th><th scope="col">Turned</th></tr></thead><tbody>${byChange
    .slice(0, MAX_CHANGES)
    .map(
      ({ change, tried, turned }) =>
        html`<tr><th scope="row">${isolated(change)}</th><td>${formatCount(tried)}</td><td>${formatCount(turned)}</td></tr>`,
    )}</tbody></table>`;
}
