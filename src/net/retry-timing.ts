/** Response headers by lower-case name. */
export type HeaderMap = Readonly<Record<string, string>>;

/**
 * How long the server asks us to wait, from `retry-after-ms` (an OpenAI habit) or `retry-after` in
 * seconds or as an HTTP date (RFC 9110, section 10.2.3). A date is counted from the answer's own
 * `date`, so that neither a clock nor its error comes in.
 *
 * @returns undefined where neither header is there, or it cannot be read
 */
export function retryAfterMs(headers: HeaderMap): number | undefined {
  const milliseconds = parseNumber(headers['retry-after-ms']);
  if (milliseconds !== undefined) return milliseconds;
  const raw = headers['retry-after'];
  const seconds = parseNumber(raw);
  if (seconds !== undefined) return seconds * 1000;
  const untilDateMs = Date.parse(raw ?? '') - Date.parse(headers.date ?? '');
  return Number.isNaN(untilDateMs) ? undefined : Math.max(0, untilDateMs);
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
