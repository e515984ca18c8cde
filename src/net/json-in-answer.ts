import { parseJson } from './read-text.ts';

/** The JSON value in a model's answer: bare, in a fence, or with words around it. Else undefined. */
export function jsonInAnswer(answer: string): unknown {
  const text = answer.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim();
  const whole = parseJson(text);
  if (whole !== undefined) return whole;
  const fenced = /```(?:json)?\s*([\s\S]*?)```/i.exec(text)?.[1];
  const inFence = fenced === undefined ? undefined : parseJson(fenced.trim());
  if (inFence !== undefined) return inFence;
  for (const [open, close] of [
    ['{', '}'],
    ['[', ']'],
  ] as const) {
    const from = text.indexOf(open);
    const to = text.lastIndexOf(close);
    const found = from >= 0 && to > from ? parseJson(text.slice(from, to + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
