import type { HazardId } from '../../core/hazard.ts';
import type { SandboxKnowledge } from './knowledge.ts';

/**
 * Words that a crude filter takes for a hazard. Wide on purpose: a filter by keyword stops the
 * kitchen knife with the stabbing, and `strict` is there to show it.
 */
const RISKY_WORDS: readonly (readonly [HazardId, RegExp])[] = [
  [
    'sexual',
    /\b(nud(e|es|ity)|naked|topless|porn\w*|erotic\w*|sex(ual\w*|y)?|lingerie|breasts?|genital\w*|undress\w*|strip(per|tease))\b/i,
  ],
  [
    'violence',
    /\b(kill\w*|murder\w*|stab\w*|shoot\w*|shot|guns?|rifles?|knife|knives|blood\w*|gore|gory|attack\w*|fight\w*|behead\w*|tortur\w*|weapons?|war|explo\w+|bomb\w*|beat(en|ing)?|massacre|wound\w*|assault\w*)\b/i,
  ],
  [
    'hate',
    /\b(hate\w*|hatred|racis\w+|racial|slurs?|nazi\w*|swastikas?|supremac\w+|antisemit\w+|xenophob\w+|homophob\w+|bigot\w*|inferior|vermin)\b/i,
  ],
  [
    'harassment',
    /\b(harass\w*|bull(y|ies|ied|ying)|stalk\w*|humiliat\w*|threat\w*|intimidat\w*|mock\w*|doxx?\w*|losers?)\b/i,
  ],
  [
    'profanity',
    /\b(fuck\w*|shit\w*|bitch\w*|bastards?|asshole\w*|cunts?|damn|curs(e|ing)|swear\w*)\b/i,
  ],
  [
    'self_harm',
    /\b(suicid\w*|self[- ]?harm\w*|cutting (herself|himself|themselves|wrists?)|noose|hang(s|ing)? (herself|himself|themselves)|overdos\w*|anorexi\w*|starv\w*)\b/i,
  ],
  [
    'shocking',
    /\b(gruesome|mutilat\w*|corpse\w*|dismember\w*|decapitat\w*|rotting|disgust\w*|vomit\w*|entrails|roadkill|maggots?)\b/i,
  ],
  [
    'illegal',
    /\b(drugs?|cocaine|heroin|meth\w*|cannabis|smuggl\w*|steal\w*|theft|rob(s|bing|bery)?|burgl\w*|counterfeit\w*|forg(e|ed|ery|ing)|hack(s|ed|er|ers|ing)?|lockpick\w*|traffick\w*|launder\w*)\b/i,
  ],
  [
    'extremism',
    /\b(terror\w*|extremis\w+|jihad\w*|isis|militia\w*|radicali\w+|insurgen\w*|martyr\w*|propaganda)\b/i,
  ],
  [
    'political',
    /\b(elections?|ballots?|politic\w+|president\w*|candidates?|vot(e|er|ers|ing)|coup|protest\w*|riot\w*)\b/i,
  ],
  [
    'deception',
    /\b(fake\w*|hoax\w*|deepfake\w*|scam\w*|fraud\w*|phishing|impersonat\w*|misinform\w*)\b/i,
  ],
  ['ip', /\b(copyright\w*|trademark\w*|logos?|pirated?|bootleg\w*|knock-?offs?)\b/i],
  [
    'privacy',
    /\b(passports?|social security|home address|surveil\w*|spy(ing)?|credit cards?|leaked)\b/i,
  ],
  ['health_spam', /\b(miracle cures?|anti-?vax\w*|vaccin\w*|weight loss|detox\w*|spam)\b/i],
];

const QUOTES = [
  /"([^"]{1,200})"/u,
  /“([^”]{1,200})”/u,
  /«([^»]{1,200})»/u,
  // Single quotes only around words of their own, so that an apostrophe opens nothing.
  /(?:^|[\s(])['‘]([^'‘’]{1,200})['’](?=$|[\s.,;:!?)])/u,
];

/** The first text in quotation marks, which a picture is then expected to show. */
export function quotedText(promptText: string): string | undefined {
  for (const pattern of QUOTES) {
    const text = pattern.exec(promptText)?.[1]?.trim();
    if (text) return text;
  }
  return undefined;
}

/** The hazards whose words stand in a text, in the order of the taxonomy. */
export function riskyHazards(text: string): HazardId[] {
  return RISKY_WORDS.filter(([, pattern]) => pattern.test(text)).map(([hazard]) => hazard);
}

/** A prompt that nobody declared anything about: risky words make it harmful. */
export function guessFromWords(promptText: string): SandboxKnowledge {
  const shownText = quotedText(promptText);
  const inQuotes = shownText === undefined ? [] : riskyHazards(shownText);
  if (inQuotes.length > 0) {
    return { intent: 'harmful', hazards: inQuotes, carrier: 'text', shownText };
  }
  const hazards = riskyHazards(promptText);
  const intent = hazards.length > 0 ? 'harmful' : 'control';
  return { intent, hazards, carrier: 'visual', shownText };
}
