import type { FailureCause, Stage } from '../core/outcome.ts';

/** A pattern over providers' words, with the id that outcomes name. */
export interface FailureText {
  readonly id: string;
  readonly pattern: RegExp;
  readonly cause: FailureCause;
}

export interface PolicyText {
  readonly id: string;
  readonly pattern: RegExp;
  readonly stage: Stage;
}

/**
 * Words of infrastructure. They are tried before the words of policy, because they say "exceeded",
 * "blocked" and "limit" too. Sources: the Gradio and Hugging Face ZeroGPU sources and messages of
 * public Spaces. Verified 2026-11.
 */
export const FAILURE_TEXTS: readonly FailureText[] = [
  // ZeroGPU: titles and messages.
  { id: 'gpu_quota', pattern: /\bexceeded your\b.{0,40}\bquota\b/is, cause: 'quota' },
  { id: 'gpu_credits', pattern: /\b(pending )?credits? (exceeded|exhausted)\b/i, cause: 'quota' },
  { id: 'gpu_limit', pattern: /\breached its GPU limit\b/i, cause: 'quota' },
  { id: 'zerogpu_quota', pattern: /\bZeroGPU\b.{0,20}\bquota\b/i, cause: 'quota' },
  {
    id: 'zerogpu_queue',
    pattern: /\bZeroGPU queue timeout\b|\bNo GPU (was|is) available\b/i,
    cause: 'quota',
  },
  {
    id: 'zerogpu_duration',
    pattern: /\bZeroGPU illegal duration\b|\bGPU duration\b.{0,40}\blarger than\b/i,
    cause: 'quota',
  },
  { id: 'zerogpu_token', pattern: /\b(Expired|Invalid) ZeroGPU proxy token\b/i, cause: 'auth' },
  {
    id: 'zerogpu_worker',
    pattern: /\bZeroGPU worker error\b|\bGPU task aborted\b/i,
    cause: 'unknown',
  },
  // Other quotas and bills.
  {
    id: 'quota',
    pattern:
      /\b(quota|credit balance|exhausted balance|not have enough credits|billing limit|usage limit|spending limit|monthly limit|daily limit)\b/i,
    cause: 'quota',
  },
  {
    id: 'insufficient_funds',
    pattern: /\binsufficient (funds|balance|credits?|quota)\b|\bpayment required\b/i,
    cause: 'quota',
  },
  // Rate.
  {
    id: 'rate_limit',
    pattern:
      /\brate[- ]?limit|\btoo many (requests|concurrent)\b|\brequests per (second|minute|hour|day)\b|\bthrottl/i,
    cause: 'rate',
  },
  {
    id: 'queue_full',
    pattern:
      /\bqueue (is |was )?full\b|\bcurrently busy\b|\b(server|system) is (busy|overloaded)\b/i,
    cause: 'rate',
  },
  // Cold.
  {
    id: 'cold',
    pattern:
      /\b(model|space|endpoint|server|worker)( \S+)? (is |was )?(currently |still )?(loading|sleeping|asleep|starting|booting|building|warming up|paused|stopped)\b/i,
    cause: 'cold',
  },
  { id: 'cold_start', pattern: /\bcold start\b/i, cause: 'cold' },
  // Machines and inputs: they speak of filters, policies and prompts, too.
  {
    id: 'broken_part',
    pattern:
      /\b(failed|could not|cannot|can't|unable) (to )?(load|import|initiali[sz]e|find|open|connect|download)\b/i,
    cause: 'unknown',
  },
  {
    id: 'network_policy',
    pattern: /\b(CORS|network|security|firewall|referrer)[- ](policy|rules?)\b|\bfirewall\b/i,
    cause: 'unknown',
  },
  {
    id: 'bad_input',
    pattern:
      /\btoo (long|short|many tokens)\b|\b(maximum|max)\.? (prompt )?(length|tokens)\b|\bmust be (between|at least|at most|less|greater)\b|\b(cannot be|must not be|is) empty\b|\bout of range\b|\binvalid (value|type|parameter|dimension)/i,
    cause: 'bad_request',
  },
  {
    id: 'out_of_memory',
    pattern: /\b(CUDA )?out of memory\b|\bOutOfMemoryError\b/i,
    cause: 'unknown',
  },
  { id: 'timed_out', pattern: /\b(timed out|time[- ]?out|deadline exceeded)\b/i, cause: 'timeout' },
  {
    id: 'auth',
    pattern:
      /\b(invalid|missing|incorrect|expired) (api[- ]?key|token|credentials?)\b|\bunauthori[sz]ed\b|\bnot authori[sz]ed\b|\bauthentication (failed|required)\b/i,
    cause: 'auth',
  },
];

/**
 * Words by which an error declines for reasons of content. Each needs a word for content and a word
 * for declining it, or a phrase that filters are known to use: an error that matches nothing is
 * never a refusal.
 */
export const POLICY_TEXTS: readonly PolicyText[] = [
  // Codes that wrapped services leave in a message.
  {
    id: 'policy_code',
    pattern:
      /\b(moderation_blocked|content_policy_violation|ResponsibleAIPolicyViolation|content_moderation|image_safety|prohibited_content)\b/i,
    stage: 'unknown',
  },
  {
    id: 'input_code',
    pattern: /\bInputTextSensitiveContentDetected\b|\bRequest Moderated\b|\bSAFETY\.INPUT\b/i,
    stage: 'prompt_filter',
  },
  {
    id: 'output_code',
    pattern:
      /\bOutput(Image|Video)SensitiveContentDetected\b|\bContent Moderated\b|\bSAFETY\.OUTPUT\b/i,
    stage: 'output_filter',
  },
  // Its words are "input or output": it does not tell which.
  { id: 'sensitive_code', pattern: /\(E005\)/i, stage: 'unknown' },
  // What was made was withheld.
  {
    id: 'output_unsafe',
    pattern:
      /\b(generated|output|resulting) (images?|pictures?|videos?|content|results?)\b.{0,60}\b(NSFW|unsafe|inappropriate|sensitive|explicit|blocked|filtered|flagged|moderated)\b/is,
    stage: 'output_filter',
  },
  {
    id: 'output_blocked',
    pattern:
      /\b(NSFW|unsafe|inappropriate|sensitive|explicit)\b.{0,40}\b(detected in|found in|in)\b.{0,20}\b(generated|output|images?|pictures?|videos?)\b/is,
    stage: 'output_filter',
  },
  // The prompt was not let in.
  {
    id: 'prompt_unsafe',
    pattern:
      /\b(prompt|input|request)\b.{0,60}\b(NSFW|unsafe|inappropriate|harmful|prohibited|disallowed|sensitive (content|words?|material)|explicit (content|material)|flagged|moderated|safety (filter|check\w*|system|policy|guidelines?))\b/is,
    stage: 'prompt_filter',
  },
  {
    id: 'prompt_blocked',
    pattern:
      /\b(blocked|rejected|refused|declined|filtered)\b.{0,60}\b(safety|moderation|content (filters?|policy|policies|moderation)|NSFW)\b/is,
    stage: 'prompt_filter',
  },
  {
    id: 'bad_words_in_prompt',
    pattern:
      /\b(NSFW|unsafe|inappropriate|harmful|prohibited|forbidden|banned|disallowed|blocked|sensitive|offensive)\b.{0,20}\b(words?|terms?|prompts?|keywords?)\b/is,
    stage: 'prompt_filter',
  },
  {
    id: 'try_other_prompt',
    pattern:
      /\b(try|use|enter)\b.{0,20}\b(a )?(different|another|other|safer?)\b.{0,20}\bprompts?\b/is,
    stage: 'unknown',
  },
  // Neither is said.
  {
    id: 'nsfw_detected',
    pattern:
      /\bNSFW\b.{0,40}\b(detected|found|content|blocked|not allowed|image)\b|\b(detected|found|potential|possible)\b.{0,20}\bNSFW\b/is,
    stage: 'unknown',
  },
  {
    id: 'unsafe_content',
    pattern:
      /\b(unsafe|inappropriate|harmful|prohibited|explicit|sensitive|offensive) (content|material|image|images)\b/i,
    stage: 'unknown',
  },
  {
    id: 'policy_violation',
    pattern:
      /\b(violat\w+|against|breach\w*|contrary to)\b.{0,60}\b(polic(y|ies)|guidelines?|terms of (use|service)|safety|rules)\b/is,
    stage: 'unknown',
  },
  {
    id: 'content_policy',
    pattern: /\b(content|usage|safety|moderation)[- ](policy|policies|guidelines?|filters?)\b/i,
    stage: 'unknown',
  },
  {
    id: 'moderated',
    pattern:
      /\b(flagged|blocked|rejected|stopped)\b.{0,40}\b(moderat\w+|safety|filter)\b|\brisk control\b|\bfailed the safety checks?\b/is,
    stage: 'unknown',
  },
];

/**
 * Words of declining that are too weak in an error, and say enough where a finished answer holds
 * them in place of media.
 */
export const REFUSAL_WORDS: readonly PolicyText[] = [
  {
    id: 'words_cannot',
    pattern:
      /\b(I|we)('m| am| are)?\b.{0,20}\b(can ?not|can't|unable to|won't|will not|not able to|refuse to)\b.{0,40}\b(generate|create|produce|draw|make|depict|fulfil+|assist|help|comply)\b/is,
    stage: 'model',
  },
  {
    id: 'words_not_allowed',
    pattern: /\b(not (allowed|permitted|appropriate|suitable)|disallowed|forbidden|prohibited)\b/i,
    stage: 'unknown',
  },
  { id: 'words_nsfw', pattern: /\bNSFW\b|\bunsafe\b|\bsafety (filter|check)/i, stage: 'unknown' },
];

/** The first failure text that any of the texts matches, in the order of the table. */
export function matchFailureText(texts: readonly string[]): FailureText | undefined {
  return firstMatch(FAILURE_TEXTS, texts);
}

/** The first policy text that any of the texts matches, in the order of the table. */
export function matchPolicyText(texts: readonly string[]): PolicyText | undefined {
  return firstMatch(POLICY_TEXTS, texts);
}

/** As {@link matchPolicyText}, for words that came in place of media. */
export function matchRefusalWords(texts: readonly string[]): PolicyText | undefined {
  return firstMatch(POLICY_TEXTS, texts) ?? firstMatch(REFUSAL_WORDS, texts);
}

function firstMatch<Row extends { readonly pattern: RegExp }>(
  table: readonly Row[],
  texts: readonly string[],
): Row | undefined {
  return table.find((row) => texts.some((text) => row.pattern.test(text)));
}
