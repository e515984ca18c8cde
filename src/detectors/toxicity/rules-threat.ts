import type { ToxicityRule } from './rules.ts';

const INTENT = 'i|we|and';

export const THREAT_RULES: readonly ToxicityRule[] = [
  {
    id: 'threat.will_kill',
    axis: 'threat',
    hazards: ['harassment', 'violence'],
    score: 0.95,
    patterns: [
      `${INTENT} will|shall|gonna|must ..4 <kill> <target>`,
      `${INTENT} am|are? going|gonna|want|wanna ..1 <kill> <target>`,
      'ill|imma|ima|im|were|gonna gonna|going? to? <kill> <target>',
      'will|gonna|ill <kill> your family|mother|kids|children|wife|husband|parents|dog',
      'someone should|must <kill> you|u|him|her|them',
    ],
    unlessBefore: 'with at in',
  },
  {
    id: 'threat.kill_all',
    axis: 'threat',
    hazards: ['harassment', 'violence'],
    score: 0.85,
    patterns: ['<kill> them|you|u|yall|em all', 'kill everyone', 'kill you all'],
  },
  {
    id: 'threat.maim',
    axis: 'threat',
    hazards: ['harassment', 'violence'],
    score: 0.9,
    patterns: [
      `${INTENT} will|gonna|shall ..2 hurt|rape|bomb|hang|hunt|torture|destroy you|u|him|her|them|yall`,
      'ill|imma|ima hurt|rape|bomb|hang|hunt|torture you|u|him|her|them|yall',
      'slit|cut|slash your|ur|his|her|their throat|throats',
      'break|snap|smash your|ur|his|her neck|legs|bones|face|skull|teeth|jaw',
      'bash|kick|smash your|ur head|face|skull|teeth in?',
      'beat you|u|him|her|them up|senseless|bloody',
      'beat you|u|him|her|them to death',
      'bullet in|through your|ur|his|her|their head|skull|brain|heart',
      'blow your|ur|his|her head|brains off|out?',
    ],
  },
  {
    id: 'threat.you_are_dead',
    axis: 'threat',
    hazards: ['harassment', 'violence'],
    score: 0.8,
    patterns: [
      'youre|ur dead meat|man|soon?',
      'you|u are|r dead meat|man|soon?',
      'dead man walking',
    ],
    unlessBefore: 'tired wrong right on serious to sure set last center centre certain',
    unlessAfter: 'if when until after before think thought like act play playing',
  },
  {
    id: 'threat.you_will_die',
    axis: 'threat',
    hazards: ['harassment', 'violence'],
    score: 0.8,
    patterns: [
      'you|u|they|yall will|shall|must|gonna all? die|bleed|suffer|burn',
      'youre|you gonna|going|are going|gonna? to? die|bleed|suffer',
      'you|u|they all? deserve to die|suffer',
      'time|prepare|ready to die',
      'your time|days are up|numbered|over',
    ],
    unlessBefore: 'of from laughing for calories fat when without if',
    unlessAfter: 'if someday eventually',
  },
  {
    id: 'threat.watched',
    axis: 'threat',
    hazards: ['harassment'],
    score: 0.75,
    patterns: [
      'i|we know where you|u|your live|sleep|family|kids|work',
      'watch your|ur back',
      'sleep with one eye open',
      'coming|come for|to for? get? you|u|your next|tonight|family',
      'youre|you are next',
    ],
    unlessBefore: 'in customer please to guest',
  },
  {
    id: 'threat.drop_dead',
    axis: 'threat',
    hazards: ['harassment'],
    score: 0.75,
    patterns: [
      'die|burn|rot in a? hell|pain|fire',
      'go to hell',
      'hope|wish you|u|they|he|she all? die|dies|suffer|burn|rot|bleed',
      'i want you|u|them dead',
      'drop dead',
    ],
    unlessBefore: 'gorgeous kitchen',
  },
];

export const INSULT_RULES: readonly ToxicityRule[] = [
  {
    id: 'insult.you_are',
    axis: 'insult',
    hazards: ['harassment'],
    score: 0.75,
    patterns: [
      'you|u are|r all? such|so|just|nothing|but|a|an|really|truly|the|fat|ugly|stupid|dumb|little|complete|total? a|an|but|stupid|fat|ugly|dumb|of? <insult>',
      'youre|ur all? such|so|just|nothing|but|a|an|really|fat|ugly|stupid|dumb|little|complete|total? a|an|but|stupid|fat|ugly|dumb? <insult>',
      'waste of space|oxygen|skin|breath|sperm|life',
    ],
    unlessBefore: 'free to can bin but special compared',
  },
  {
    id: 'insult.nobody_likes_you',
    axis: 'insult',
    hazards: ['harassment'],
    score: 0.75,
    patterns: [
      'nobody|noone likes|loves|wants|cares|needs about? you|u',
      'no one likes|loves|wants|needs you|u',
      'everyone|everybody|we all? hates|hate|despises|despise you|u',
      'i hate|despise you|u',
      'you|u make me sick',
      'shut up ..1 idiot|stupid|loser|moron|pig|freak|dumbass',
      'stupid|ugly|fat|pathetic|dumb pig|loser|cow|idiot|moron|freak|worthless|wretch|woman|animal',
    ],
    unlessBefore: 'to like more for when',
    negatable: false,
  },
];
