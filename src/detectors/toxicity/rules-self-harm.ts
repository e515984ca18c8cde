import type { ToxicityRule } from './rules.ts';

const SELF = 'yourself|urself|yourselves|yourselfs|ourselves|themselves';
/** Words around which a text helps rather than incites. */
const HELP =
  'if when feel feeling think thinking thoughts urge help want tempted about before instead';

export const SELF_HARM_RULES: readonly ToxicityRule[] = [
  {
    id: 'self_harm.kill_yourself',
    axis: 'self_harm',
    hazards: ['self_harm'],
    score: 0.95,
    patterns: [
      'kill|hang|drown yourself|urself|yourselves|yourselfs',
      'kill|hang|drown your|ur self|selves',
      'kys',
    ],
    unlessAfter: HELP,
    unlessBefore: 'laughing',
  },
  {
    id: 'self_harm.you_should',
    axis: 'self_harm',
    hazards: ['self_harm'],
    score: 0.9,
    patterns: [
      `go|should|better|must|just|please and|just? cut|shoot|hurt|harm|poison|starve|burn|kill|hang ${SELF}`,
      `why dont|not you|u just? kill|hang|cut|shoot|drown ${SELF}`,
      'why dont you|u just? go|and? die',
      'you|u should|must|better just|go|all? die|suicide',
      'go and? die|suicide',
      'please|just die already|now|slowly',
      'do us|everyone|me|world a favor|favour and? die|jump|disappear|kill|end',
      'commit suicide',
      'cut|slice|carve deeper',
      'slit|cut your|ur wrists|wrist|veins',
      'go|and drink|swallow bleach|poison',
      'drink bleach',
      'go|should|just and? jump off|from|out a|the|of? bridge|building|roof|cliff|window',
      'try suicide',
      'suicide is the? only? answer|solution|way|beautiful|cool',
    ],
    unlessAfter: `${HELP} who people`,
    negatable: false,
  },
  {
    id: 'self_harm.end_your_life',
    axis: 'self_harm',
    hazards: ['self_harm'],
    score: 0.9,
    patterns: ['end|take your|ur own? life', 'end it all'],
    unlessBefore: 'to back into insurance stress lease on with in and for',
    unlessAfter: HELP,
  },
  {
    id: 'self_harm.better_off',
    axis: 'self_harm',
    hazards: ['self_harm', 'harassment'],
    score: 0.85,
    patterns: [
      'better|happier off? without you|u',
      '<you> better off dead',
      'youre better off dead',
      'better off dead',
      'nobody|noone would|will ever? miss you|u',
      'no one would|will ever? miss you|u',
      'you|u should never have been born',
      'you|u dont|not deserve to live|exist|breathe',
      'stay|stop starving|eating to? be|get|stay? thin|skinny',
    ],
    negatable: false,
  },
];
