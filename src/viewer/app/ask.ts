/** Asks the viewer. Everything goes by POST, so that no address ever holds a text. */
export async function ask<T>(path: string, body: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error('The viewer does not answer: is it still running?');
  }
  const value = await response.json();
  if (response.ok) return value;
  const { message, hint } = value.error;
  throw new Error(hint === undefined ? message : `${message}. ${hint}`);
}

export interface Start {
  readonly runs: readonly string[];
  readonly labelling: string | null;
  readonly who: string | null;
  readonly definitions: Readonly<Record<string, string>>;
}
export interface Scored {
  readonly detector: string;
  readonly hazard: string;
  readonly carrier: string;
}
export interface RunFacts {
  readonly runId: string;
  readonly trialCount: number;
  readonly endpoints: readonly string[];
  /** What must be known of an endpoint wherever its results appear. */
  readonly notices: readonly { readonly endpoint: string; readonly notice: string }[];
  readonly languages: readonly string[] | null;
  readonly scored: readonly Scored[] | null;
}
export interface Row {
  readonly id: string;
  readonly prompt: string;
  readonly endpoint: string;
  readonly intent: string;
  readonly hazard: string | null;
  readonly carrier: string;
  readonly verdict: string;
  readonly score: number | null;
  readonly media: string | null;
  readonly guarded: boolean;
  readonly text: string;
}
export interface Page<R> {
  readonly total: number;
  readonly pageSize: number;
  readonly rows: readonly R[];
}
