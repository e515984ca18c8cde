/** Response headers by lower-case name. */
export type HeaderMap = Readonly<Record<string, string>>;

/**
 * How long the server asks us to wait, from `retry-after-ms` (an OpenAI habit) or `retry-after` in
 * seconds or as an HTTP date (RFC 9110, section 10.2.3).
 *
 * @param nowEpochMs wall-clock time, for dates
 * @returns undefined where neither header is there, or it cannot be read
 */
export function retryAfterMs(headers: HeaderMap, nowEpochMs: number): number | undefined {
  const milliseconds = parseNumber(headers['retry-after-ms']);
  if (milliseconds !== undefined) return milliseconds;
  const raw = headers['retry-after'];
  const seconds = parseNumber(raw);
  if (seconds !== undefined) return seconds * 1000;
  const date = raw === undefined ? Number.NaN : Date.parse(raw);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowEpochMs);
}

function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined;
  return Number(text);
}

/**
 * The wait that a quota message names, such as "Try again in 23:14:07" or "2 days, 1:00:00"
 * (ZeroGPU prints a Python `timedelta`: `[N day[s], ]H:MM:SS`).
 */
export function delayInText(text: string): number | undefined {
  const match = /(?:(\d+)\s+days?,\s*)?\b(\d{1,3}):(\d{2}):(\d{2})\b/.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
