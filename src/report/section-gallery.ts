import { VERDICTS } from '../core/verdict.ts';
import { GALLERY_ORDER } from './gallery-sample.ts';
import { type Html, html, isolated, shortLabel } from './html.ts';
import type { GalleryItem, GalleryMedium, ReportModel, ShownText } from './model.ts';
import { formatClock, formatCount, formatScore } from './number-format.ts';
import { verdictColour } from './palette.ts';
import { drawTimeline, summarizeTimeline } from './timeline-chart.ts';
import { describePair, HAZARD_WORDS, INTENT_WORDS, VERDICT_WORDS } from './words.ts';

/** A sample of trials with pixelated pictures, scores, reasons and timelines. */
export function renderGallery({ gallery, endpoints }: ReportModel): Html {
  const { items } = gallery;
  const ids = [...new Set(endpoints.map(({ summary }) => summary.id))];
  return html`<section id="gallery" aria-labelledby="gallery-title"><h2 id="gallery-title">Gallery</h2><p class="lead">${formatCount(items.length)} of ${formatCount(gallery.trials)} trials, chosen by a hash of their ids and not by score, so that every verdict and endpoint is represented. Pictures are pixelated and cannot be restored from this page.${
    gallery.withheld > 0 &&
    html` <strong>${formatCount(gallery.withheld)} trials concern child safety and are not shown in any form.</strong> Legal duties may apply: stop, do not copy, ask your counsel.`
  }</p>${
    items.length === 0
      ? html`<p class="empty">No trial to show.</p>`
      : html`<form class="filter" hidden><label>Verdict <select name="verdict"><option value="">all</option>${GALLERY_ORDER.filter(
          (verdict) => items.some((item) => item.verdict.class === verdict),
        ).map(
          (verdict) => html`<option value="${verdict}">${VERDICT_WORDS[verdict].label}</option>`,
        )}</select></label><label>Endpoint <select name="endpoint"><option value="">all</option>${ids.map(
          (id, index) => html`<option value="${index}">${shortLabel(id, 60)}</option>`,
        )}</select></label><output class="fine"></output></form><ul class="gallery">${items.map((item) => card(item, ids.indexOf(item.endpoint)))}</ul>`
  }</section>`;
}

function card(item: GalleryItem, endpointIndex: number): Html {
  const { verdict } = item;
  return html`<li class="card shot" data-verdict="${verdict.class}" data-endpoint="${endpointIndex}">${picture(item)}<div class="about"><p class="stamp"><svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="3" fill="${verdictColour(verdict.class)}"/></svg><strong>${VERDICT_WORDS[verdict.class].label}</strong></p><p class="ids">${isolated(item.promptId)}<span class="fine">${isolated(item.endpoint)} · seed ${item.seed}</span></p><p class="fine">${INTENT_WORDS[item.intent]}${item.hazards.length > 0 && ` · ${item.hazards.map((hazard, index) => (index === 0 ? describePair({ hazard, carrier: item.carrier }) : HAZARD_WORDS[hazard])).join(', ')}`}</p>${
    verdict.reasons.length > 0 &&
    html`<ul class="reasons">${verdict.reasons.map((reason) => html`<li>${isolated(reason)}</li>`)}</ul>`
  }${scores(item)}${item.abstentions.map(
    ({ detector, reason }) =>
      html`<p class="fine">${isolated(detector)} abstained: ${isolated(reason)}</p>`,
  )}${promptText(item)}</div>${item.medium !== null && timeline(item.medium)}</li>`;
}

export function picture(item: GalleryItem): Html {
  const { medium } = item;
  const label = VERDICT_WORDS[item.verdict.class].label.toLowerCase();
  if (medium === null)
    return html`<div class="picture none"><span>${isolated(item.answer)}</span></div>`;
  if (medium.thumbnail === null)
    return html`<div class="picture none"><span>Picture not kept<br><span class="fine">${medium.sha256.slice(0, 16)}…</span></span></div>`;
  return html`<div class="picture"><img src="${medium.thumbnail}" width="160" height="160" alt="Pixelated ${medium.kind === 'video' ? 'video frame' : 'picture'}, ${label}">${medium.kind === 'video' && html`<span class="kind">video</span>`}</div>`;
}

function scores({ scores: list }: GalleryItem): Html | null {
  if (list.length === 0) return null;
  return html`<dl class="scores">${list.map(
    (score) =>
      html`<div><dt>${isolated(score.detector)} <span class="fine">${describePair(score)}</span></dt><dd>${formatScore(score.score)}${score.peak !== null && html`<span class="fine"> peak ${formatScore(score.peak)}</span>`}</dd></div>`,
  )}</dl>`;
}

function timeline(medium: GalleryMedium): Html | null {
  if (medium.kind !== 'video') return null;
  if (medium.timeline === null)
    return html`<p class="fine timeline">No risk timeline was recorded.</p>`;
  const { detector, hazard, frames } = medium.timeline;
  return html`<figure class="timeline">${drawTimeline(medium.timeline)}<figcaption>${isolated(detector)}${hazard !== null && html` · ${HAZARD_WORDS[hazard]}`}. ${summarizeTimeline(medium.timeline)}.</figcaption>${
    frames.length > 0 &&
    html`<ol class="strip">${frames.map(
      (frame) =>
        html`<li><img src="${frame.thumbnail}" width="42" height="42" alt="Pixelated frame at ${formatClock(frame.timeMs)}"><span class="fine">${formatClock(frame.timeMs)}</span></li>`,
    )}</ol>`
  }</figure>`;
}

/** Text that may hurt stays closed until asked for. */
export function promptText(item: GalleryItem): Html {
  const closed = item.intent === 'harmful';
  return html`<details class="prompt"${!closed && html` open`}><summary>${closed ? 'Show harmful prompt' : 'Prompt'}</summary>${quote(item.prompt)}</details>${
    item.revisedPrompt !== null &&
    html`<details class="prompt"><summary>Prompt as the provider rewrote it</summary>${quote(item.revisedPrompt)}</details>`
  }${
    item.words.length > 0 &&
    html`<details class="prompt"><summary>Words read in it</summary><blockquote dir="auto" tabindex="0">${item.words.map((word) => html`${isolated(word)} `)}</blockquote></details>`
  }`;
}

/** Longer texts scroll in their box, which the keyboard must reach. */
const SCROLLS_FROM = 200;

function quote({ text, omitted }: ShownText): Html {
  return html`<blockquote dir="auto"${text.length > SCROLLS_FROM && html` tabindex="0"`}><bdi>${text}</bdi>${omitted > 0 && html` <span class="fine">… ${formatCount(omitted)} more characters</span>`}</blockquote>`;
}

/** What each verdict means, for the page's last section. */
export function renderVerdictMeanings(): Html {
  return html`<dl class="meanings">${VERDICTS.map(
    (verdict) =>
      html`<div><dt><svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="3" fill="${verdictColour(verdict)}"/></svg>${VERDICT_WORDS[verdict].label}</dt><dd>${VERDICT_WORDS[verdict].meaning}</dd></div>`,
  )}</dl>`;
}
