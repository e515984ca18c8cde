import { createHash } from 'node:crypto';
import { type Html, html, trustedMarkup, withoutDirectionMarks } from './html.ts';
import type { ReportModel } from './model.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { renderEndpoints } from './section-endpoints.ts';
import { renderGallery } from './section-gallery.ts';
import { renderGroups } from './section-groups.ts';
import { renderHazards } from './section-hazards.ts';
import { renderMeaning, renderMethod } from './section-method.ts';
import { renderMasthead, renderMediaOnly, renderNotices, renderPlane } from './section-overview.ts';
import { renderSequential } from './section-sequential.ts';
import { renderTwins } from './section-twins.ts';
import { renderVerdicts } from './section-verdicts.ts';
import { STYLESHEET } from './stylesheet.ts';

/**
 * The report as one self-contained page: nothing is fetched, and its Content-Security-Policy lets
 * nothing but its own style sheet, its own script and `data:` pictures work. Pure: the same model
 * gives the same bytes.
 */
export function renderReport(model: ReportModel): string {
  const sections: readonly (readonly [id: string, name: string, body: Html | null])[] = [
    ['plane', 'Overview', model.endpoints.length > 0 ? renderPlane(model) : null],
    ['media', 'Media', renderMediaOnly(model)],
    ['endpoints', 'Endpoints', renderEndpoints(model)],
    ['sequential', 'Stopping', renderSequential(model)],
    ['verdicts', 'Verdicts', renderVerdicts(model)],
    ['hazards', 'Hazards', renderHazards(model)],
    ['groups', 'Groups', renderGroups(model)],
    ['twins', 'Twins', renderTwins(model)],
    ['gallery', 'Gallery', renderGallery(model)],
    ['method', 'Method', renderMethod(model)],
    ['meaning', 'What the numbers mean', renderMeaning()],
  ];
  const shown = sections.filter(([, , body]) => body !== null);
  return html`${pageHead(model.run.id)}
<body><a class="skip" href="#main">Skip to the results</a>
<div class="top"><nav aria-label="Sections">${shown.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav><button type="button" class="theme" hidden>Dark</button></div>
<main id="main">${renderMasthead(model)}
${renderNotices(model)}
${shown.map(([, , body]) => html`${body}\n`)}</main>
<footer class="foot">Made by Safelight. Numbers without rounding stand in summary.json beside this page.</footer>
<script>${trustedMarkup(PAGE_SCRIPT)}</script></body></html>
`.toString();
}

/** Everything up to the body: no other source than the page itself may run, draw or be asked. */
export function pageHead(title: string): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="robots" content="noindex"><title>Safelight · ${withoutDirectionMarks(title)}</title><link rel="icon" href="${ICON}"><style>${trustedMarkup(STYLESHEET)}</style></head>`;
}

/** Without an icon of its own a browser would ask the server for one. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" fill="#1d1a18"/><circle cx="10" cy="10" r="4.5" fill="#ff6a45"/></svg>',
)}`;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  'img-src data:',
  `style-src '${sourceHash(STYLESHEET)}'`,
  `script-src '${sourceHash(PAGE_SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function sourceHash(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`;
}
