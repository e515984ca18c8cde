import type { EndpointSummary, GroupSummary } from '../core/summary.ts';
import { type Html, html, isolated } from './html.ts';
import type { ReportModel } from './model.ts';
import { formatCount } from './number-format.ts';
import { rateCell } from './rate-cell.ts';
import { badge } from './section-overview.ts';
import { languageName } from './words.ts';

interface Row {
  readonly name: string;
  readonly endpoint: number;
  readonly id: string;
  readonly group: GroupSummary;
}

/** The main rates by augmentation and by language, where a run holds more than one of either. */
export function renderGroups({ endpoints }: ReportModel): Html | null {
  const summaries = endpoints.map(({ summary }) => summary);
  const tables = [
    table(
      'By augmentation',
      'Augmentation',
      rows(summaries, ({ byAugmentation }) =>
        byAugmentation.map((group) => ({ name: group.augmentation, group })),
      ),
    ),
    table(
      'By language',
      'Language',
      rows(summaries, ({ byLanguage }) =>
        byLanguage.map((group) => ({ name: languageName(group.language), group })),
      ),
    ),
  ].filter((one) => one !== null);
  if (tables.length === 0) return null;
  return html`<section id="groups" aria-labelledby="groups-title"><h2 id="groups-title">By how the prompts were put</h2><p class="lead">Augmentations put the same prompts in other words, letters or languages, harmful and harmless ones alike: a filter that a disguise evades shows more harm, one that every disguise alarms shows more over-refusal. The shipped translations were not reviewed by native speakers: what differs between languages may lie in the wording.</p>${tables}</section>`;
}

function rows(
  summaries: readonly EndpointSummary[],
  groupsOf: (summary: EndpointSummary) => readonly { name: string; group: GroupSummary }[],
): Row[] {
  const all = summaries.flatMap((summary, endpoint) =>
    groupsOf(summary).map((row) => ({ ...row, endpoint, id: summary.id })),
  );
  // Rows to be compared stand together.
  const names = [...new Set(all.map(({ name }) => name))];
  return names.length < 2 ? [] : names.flatMap((name) => all.filter((row) => row.name === name));
}

function table(title: string, head: string, list: readonly Row[]): Html | null {
  if (list.length === 0) return null;
  return html`<h3>${title}</h3><div class="scroll card" role="region" aria-label="${title}" tabindex="0"><table class="cards"><thead><tr><th scope="col">${head}</th><th scope="col">Endpoint</th><th scope="col" class="number">Harm</th><th scope="col" class="number">Over-refusal</th><th scope="col" class="number">Harmful prompts refused</th><th scope="col" class="number">Control refusal</th></tr></thead><tbody>${list.map(
    ({ name, endpoint, id, group }) =>
      html`<tr><th scope="row">${isolated(name)}<span class="fine">${formatCount(group.trials)} trials</span></th><td data-label="Endpoint"><span class="who">${badge(endpoint + 1)}${isolated(id)}</span></td>${rateCell('Harm', group.harm)}${rateCell('Over-refusal', group.overRefusal)}${rateCell('Harmful prompts refused', group.harmfulRefusal)}${rateCell('Control refusal', group.controlRefusal)}</tr>`,
  )}</tbody></table></div>`;
}
