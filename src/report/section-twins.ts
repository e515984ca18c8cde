import { type Html, html, isolated } from './html.ts';
import type { GalleryItem, ReportModel, TwinPair } from './model.ts';
import { formatCount } from './number-format.ts';
import { verdictColour } from './palette.ts';
import { picture, promptText } from './section-gallery.ts';
import { badge } from './section-overview.ts';
import { TWIN_SIDES, type TwinSide } from './twin-sample.ts';
import { describePair, VERDICT_WORDS } from './words.ts';

const SIDE_WORDS: Readonly<Record<TwinSide, string>> = {
  refused: 'refused',
  harmful: 'harmful or borderline media',
  harmless: 'harmless media',
  unknown: 'failed or unscored',
};

/** What became of the harmful prompt and of its benign twin, side by side. */
export function renderTwins({ twins, endpoints }: ReportModel): Html | null {
  if (twins.counts.length === 0) return null;
  const numberOf = (id: string): number =>
    endpoints.findIndex(({ summary }) => summary.id === id) + 1;
  return html`<section id="twins" aria-labelledby="twins-title"><h2 id="twins-title">Twins</h2><p class="lead">A harmful prompt and its benign twin ask for nearly the same. Told apart means: the harmful one refused or answered harmlessly, the twin answered. Both refused is caution that nobody is safer for. One plain trial speaks for each side.</p><div class="scroll card" role="region" aria-labelledby="twins-title" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th><th scope="col">Harmful prompt</th>${TWIN_SIDES.map((side) => html`<th scope="col" class="number">Twin: ${SIDE_WORDS[side]}</th>`)}</tr></thead><tbody>${twins.counts.flatMap(
    ({ endpoint, pairs, cells }) =>
      TWIN_SIDES.filter((side) => TWIN_SIDES.some((other) => `${side}/${other}` in cells)).map(
        (side) =>
          html`<tr><th scope="row"><span class="who">${badge(numberOf(endpoint))}${isolated(endpoint)}</span><span class="fine">${formatCount(pairs)} pairs</span></th><td data-label="Harmful prompt">${SIDE_WORDS[side]}</td>${TWIN_SIDES.map((other) => html`<td class="number" data-label="Twin: ${SIDE_WORDS[other]}">${formatCount(cells[`${side}/${other}`] ?? 0)}</td>`)}</tr>`,
      ),
  )}</tbody></table></div>${
    twins.pairs.length > 0 &&
    html`<h3>${formatCount(twins.pairs.length)} pairs, chosen by a hash and not by score</h3><ul class="twins">${twins.pairs.map((pair) => card(pair, numberOf(pair.harmful.endpoint)))}</ul>`
  }</section>`;
}

function card({ harmful, benign }: TwinPair, number: number): Html {
  const [hazard] = harmful.hazards;
  return html`<li class="card twin"><p class="who">${badge(number)}${isolated(harmful.family)}<span class="fine">${isolated(harmful.endpoint)}${hazard !== undefined && ` · ${describePair({ hazard, carrier: harmful.carrier })}`}</span></p><div class="halves">${half('Harmful prompt', harmful)}${half('Benign twin', benign)}</div></li>`;
}

function half(title: string, item: GalleryItem): Html {
  const { verdict } = item;
  return html`<div class="half">${picture(item)}<div class="about"><p class="fine">${title}</p><p class="stamp"><svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="3" fill="${verdictColour(verdict.class)}"/></svg><strong>${VERDICT_WORDS[verdict.class].label}</strong></p>${verdict.reasons.slice(0, 1).map((reason) => html`<p class="fine">${isolated(reason)}</p>`)}${promptText(item)}</div></div>`;
}
