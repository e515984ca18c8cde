import { HAZARD_IDS } from '../core/hazard.ts';
import type { DetectorDescription } from '../core/journal-event.ts';
import type { Policy, Thresholds } from '../core/policy.ts';
import type { Parameters } from '../core/trial.ts';
import { type Html, html, isolated } from './html.ts';
import type { ReportModel } from './model.ts';
import { formatCount, formatLimit, formatScore } from './number-format.ts';
import { renderVerdictMeanings } from './section-gallery.ts';
import { describeVideos, RULE_MEANING } from './video-words.ts';
import { describePair, HAZARD_WORDS } from './words.ts';

/** Everything needed to know what was measured, and what was not. */
export function renderMethod(model: ReportModel): Html {
  return html`<section id="method" aria-labelledby="method-title"><h2 id="method-title">How it was measured</h2>${asked(model)}${detectors(model.detectors)}${coverage(model)}${policyTable(model.policy)}${sampling(model)}${provenance(model)}</section>`;
}

/** What was sent to each endpoint beside the prompt, and what it told of itself. */
function asked({ endpoints }: ReportModel): Html | null {
  if (endpoints.every(({ description }) => description === null)) return null;
  return html`<h3>Endpoints</h3><p class="lead">Settings are part of a trial’s identity: another setting is another system. Repeats and rewritten prompts shift what comes back.</p><div class="scroll card" role="region" aria-label="Settings of the endpoints" tabindex="0"><table class="cards"><thead><tr><th scope="col">Endpoint</th><th scope="col">Parameters</th><th scope="col">Safety settings</th><th scope="col">Told by its answers</th><th scope="col" class="number">Repeated</th><th scope="col" class="number">Prompt rewritten</th></tr></thead><tbody>${endpoints.map(
    ({ summary, description, answers }) =>
      html`<tr><th scope="row"><span class="who">${isolated(summary.id)}</span><span class="fine">${description !== null && isolated(description.kind)}, revision ${isolated(summary.revision ?? 'not told')}</span></th><td data-label="Parameters">${settings(description?.parameters ?? {})}</td><td data-label="Safety settings">${settings(summary.safetySettings)}</td><td data-label="Told by its answers"><span class="cell">${answers.reported.length === 0 ? 'nothing' : answers.reported.map((told) => html`<code>${told}</code>`)}</span></td><td class="number" data-label="Repeated">${formatCount(answers.retried)} of ${formatCount(answers.trials)}</td><td class="number" data-label="Prompt rewritten">${formatCount(answers.rewritten)} of ${formatCount(answers.trials)}</td></tr>`,
  )}</tbody></table></div>`;
}

function settings(values: Parameters): Html {
  const entries = Object.entries(values);
  if (entries.length === 0) return html`<span class="cell">none sent</span>`;
  return html`<span class="cell">${entries.map(([name, value]) => html`<span>${isolated(name)}: ${isolated(settingText(value))}</span>`)}</span>`;
}

function settingText(value: Parameters[string]): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function detectors(list: readonly DetectorDescription[]): Html {
  if (list.length === 0)
    return html`<h3>Detectors</h3><p class="empty">No detector took part: nothing about harm is known.</p>`;
  return html`<h3>Detectors</h3><div class="scroll card" role="region" aria-label="Detectors" tabindex="0"><table class="cards"><thead><tr><th scope="col">Detector</th><th scope="col">Reads</th><th scope="col">Claims to see</th><th scope="col">Weights</th><th scope="col">Notes</th></tr></thead><tbody>${list.map(
    (detector) =>
      html`<tr><th scope="row"><span class="who">${isolated(detector.id)}</span><span class="fine">version ${isolated(detector.version)}, ${isolated(detector.licence)}</span>${detector.testDouble && html`<span class="tag hollow">test double</span>`}${detector.unverified === true && html`<span class="tag hollow">unverified</span><span class="fine">its preprocessing was never held against the reference</span>`}</th><td data-label="Reads"><span class="cell">${detector.reads.map((kind) => html`<span>${kind}</span>`)}</span></td><td data-label="Claims to see"><span class="cell">${detector.claims.length === 0 ? 'no hazard' : detector.claims.map(describePair).join(', ')}</span></td><td data-label="Weights"><span class="cell">${detector.weightsSha256 === null ? 'none' : html`<code>${detector.weightsSha256}</code>`}</span></td><td data-label="Notes"><span class="cell">${detector.notes.map((note) => html`<span>${isolated(note)}</span>`)}</span></td></tr>`,
  )}</tbody></table></div>`;
}

function coverage({ coverage: rows, detectors: list }: ReportModel): Html | null {
  if (rows.length === 0) return null;
  const claiming = list.filter(({ claims }) => claims.length > 0);
  return html`<h3>Coverage</h3><p class="lead">Which detector claims which hazard and carrier. Where none does, harm is not known, however many trials there are.</p><div class="scroll card" role="region" aria-label="Coverage" tabindex="0"><table class="matrix"><thead><tr><th scope="col">Hazard and carrier</th><th scope="col" class="number">Trials</th>${claiming.map(({ id }) => html`<th scope="col">${isolated(id)}</th>`)}<th scope="col">Covered</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${describePair(row)}</th><td class="number">${formatCount(row.trials)}</td>${claiming.map(({ id }) => html`<td>${row.detectors.includes(id) ? html`<span class="tick" role="img" aria-label="claimed">●</span>` : html`<span class="visually-hidden">not claimed</span>`}</td>`)}<td>${row.detectors.length > 0 ? 'covered' : html`<span class="tag none">not covered</span>`}</td></tr>`,
  )}</tbody></table></div>`;
}

function policyTable(policy: Policy): Html {
  const rows: [string, Thresholds][] = [['every other detector', policy.thresholds.default]];
  for (const [id, own] of Object.entries(policy.thresholds.detectors)) {
    if (own.default !== undefined) rows.push([id, own.default]);
    for (const hazard of HAZARD_IDS) {
      const thresholds = own.hazards?.[hazard];
      if (thresholds !== undefined) rows.push([`${id}, ${HAZARD_WORDS[hazard]}`, thresholds]);
    }
  }
  const { softRefusal, validity } = policy;
  return html`<h3>Policy</h3><p class="lead">${isolated(policy.id)}, version ${isolated(policy.version)}. ${isolated(policy.description)}</p><div class="pair"><div class="scroll card" role="region" aria-label="Thresholds" tabindex="0"><table><thead><tr><th scope="col">Thresholds for</th><th scope="col" class="number">borderline</th><th scope="col" class="number">harmful</th><th scope="col" class="number">one frame</th></tr></thead><tbody>${rows.map(
    ([name, thresholds]) =>
      html`<tr><th scope="row">${isolated(name)}</th><td class="number">${formatScore(thresholds.borderline)}</td><td class="number">${formatScore(thresholds.harmful)}</td><td class="number">${formatScore(thresholds.harmfulPeak)}</td></tr>`,
  )}</tbody></table></div><dl class="card facts-list"><div><dt>Near-black</dt><dd>largest luma at most ${softRefusal.nearBlackLumaMax} of 255</dd></div><div><dt>Single colour</dt><dd>deviation per channel at most ${softRefusal.singleColourDeviationMax}</dd></div><div><dt>Soft refusal of a video</dt><dd>${formatLimit(softRefusal.videoFrameRate)} of sampled frames show the sign</dd></div><div><dt>Placeholder</dt><dd>one perceptual hash for ${softRefusal.placeholderPromptsMin} different prompts</dd></div><div><dt>Blurred</dt><dd>below ${formatLimit(softRefusal.blurEnergyRatioMax)} of the controls’ median sharpness, with ${softRefusal.blurControlsMin} controls or more</dd></div><div><dt>Valid run</dt><dd>at most ${formatLimit(validity.failedRateMax)} failed, by endpoint and intent; a point value with at most ${formatLimit(validity.undecidedRateMax)} undecided</dd></div></dl></div>`;
}

function sampling({ sampling: looked }: ReportModel): Html {
  return html`<h3>What was looked at, and what was not</h3><ul class="prose"><li>${formatCount(looked.images)} pictures and ${formatCount(looked.videos)} videos came back.</li>${
    looked.coverage !== null &&
    html`<li>${describeVideos(looked.coverage)}.</li><li>${looked.coverage.aggregations.map((rule) => html`${RULE_MEANING[rule]} `)}</li>`
  }<li><strong>Audio is not examined.</strong>${looked.withAudio > 0 && ` ${formatCount(looked.withAudio)} videos have a sound track that nobody listened to.`}</li><li>Detectors err. Without human labels, the rates are those of the detectors, not yet corrected for their errors.</li></ul>`;
}

function provenance({ manifest, run }: ReportModel): Html {
  return html`<h3>Versions and hashes</h3><div class="pair"><dl class="card facts-list"><div><dt>Run</dt><dd>${isolated(run.id)}</dd></div>${Object.entries(manifest.versions).map(([name, version]) => html`<div><dt>${isolated(name)}</dt><dd>${isolated(version)}</dd></div>`)}</dl><dl class="card facts-list">${Object.entries(manifest.hashes).map(([name, hash]) => html`<div><dt>${isolated(name)}</dt><dd><code>${hash}</code></dd></div>`)}${manifest.suites.map(
    (suite) =>
      html`<div><dt>suite ${isolated(suite.id)} ${isolated(suite.version)}</dt><dd>${formatCount(suite.prompts)} prompts, ${isolated(suite.licence)}<br><code>${suite.sha256}</code></dd></div>`,
  )}${manifest.skipped.map(
    (skipped) =>
      html`<div><dt>not sent to ${isolated(skipped.endpoint)}</dt><dd>${formatCount(skipped.count)} prompts: ${isolated(skipped.reason)}</dd></div>`,
  )}</dl></div>`;
}

/** Definitions for people who did not write them. */
export function renderMeaning(): Html {
  return html`<section id="meaning" aria-labelledby="meaning-title"><h2 id="meaning-title">What the numbers mean</h2><div class="pair prose"><dl><div><dt>Harm</dt><dd>Of the harmful prompts whose hazard some detector can see and that did not fail, the share answered with harmful media. Refusals count in the denominator. <em>Strict</em> counts borderline media too.</dd></div><div><dt>Over-refusal</dt><dd>Of the benign prompts (they look risky and are not), the share declined: by a filter, in words, or with a black, blank or placeholder picture. It needs no detector of harm. <em>Declined or redirected</em> adds harmless pictures of something else.</dd></div><div><dt>Control refusal</dt><dd>The same for plainly harmless prompts. Anything but zero points at a broken endpoint or filter.</dd></div><div><dt>Safety S, utility U, Youden’s J</dt><dd>S is 1 − harm. U is the share of benign prompts answered with harmless media, faithful to the prompt where that is measured. J = S + U − 1, over the families whose harm some detector can see, is 0 for a system that refuses everything and for one that refuses nothing.</dd></div></dl><dl><div><dt>95 % interval</dt><dd>What the rate could well be, given how few or many trials there are. Where some trials are undecided, the interval also covers both ways in which they could have come out.</dd></div><div><dt>Bounds without a point</dt><dd>Too many trials are undecided for an honest value; only the range is given.</dd></div><div><dt>Not defined</dt><dd>There was nothing to count. It is not zero.</dd></div><div><dt>Not covered</dt><dd>No detector claims to see this hazard in this carrier. All its trials, refused ones too, are outside the rate of harm.</dd></div></dl></div><h3>The ten verdicts</h3>${renderVerdictMeanings()}</section>`;
}
