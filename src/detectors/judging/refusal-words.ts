// How models say that they would rather not look. Only the beginning counts: a verdict may quote.
const REFUSALS: readonly RegExp[] = [
  /^(i['’]?m|i am|we are|we['’]re) (really |very |so )?(sorry|unable|not able)\b/i,
  /^(sorry|apologies|unfortunately)\b/i,
  /^(i|we) (can['’]?t|cannot|can not|won['’]?t|will not|must decline|am not able|do not feel)\b/i,
  /^as an? (ai|language model|assistant)\b/i,
  /^(es tut mir leid|tut mir leid|ich kann (das|dies|diese|dabei|ihnen)? ?.{0,40}nicht)/i,
  /^(lo siento|no puedo|je suis désolée?|désolée?|je ne peux pas|mi dispiace|desculpe)/i,
  /^(抱歉|对不起|很抱歉|我无法|我不能|申し訳|죄송)/,
];

/** Whether an answer, in words, declines to judge. */
export function isRefusalToJudge(text: string): boolean {
  const start = text.trim().replace(/^["'“]+/, '');
  return REFUSALS.some((pattern) => pattern.test(start));
}
