import { writeFile } from 'node:fs/promises';
import type { AuditInputs } from '../audit/run-audit.ts';
import type { AuditSample } from '../audit/sample.ts';
import type { AuditSummary } from '../core/audit.ts';
import { pixelatedThumbnail } from '../media/thumbnail.ts';
import { renderAudit } from '../report/render-audit.ts';

/** Writes index.html; the pictures of examples are pixelated, texts of prompts are not shown. */
export async function writeAuditReport(
  path: string,
  summary: AuditSummary,
  samples: readonly AuditSample[],
  open: AuditInputs['openMedia'],
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(
    summary.filters.flatMap(({ examples }) => examples.map(({ sample }) => sample)),
  );
  const thumbnails = new Map<string, string>();
  for (const { id, content } of samples) {
    if (!wanted.has(id) || content.kind !== 'media') continue;
    const media = await open(await content.read(), signal);
    const image =
      media.kind === 'image' ? media.image : media.kind === 'video' ? media.frames[0] : undefined;
    if (image === undefined) continue;
    const png = await pixelatedThumbnail(image);
    thumbnails.set(id, `data:image/png;base64,${Buffer.from(png).toString('base64')}`);
  }
  await writeFile(path, renderAudit(summary, thumbnails));
}
