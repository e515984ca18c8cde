import type { AuditSummary } from '../core/audit.ts';
export function renderAudit(
  summary: AuditSummary,
  _thumbnails: ReadonlyMap<string, string>,
): string {
  return summary.audit.id;
}
