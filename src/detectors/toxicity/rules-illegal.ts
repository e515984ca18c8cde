import type { ToxicityRule } from './rules.ts';

/**
 * Offers of drugs, weapons, forged papers, stolen goods and killers for hire. It is all that rules
 * can tell of the hazard: instructions and plans need a reader that understands them.
 */
export const ILLEGAL_RULES: readonly ToxicityRule[] = [
  {
    id: 'illegal.drugs',
    axis: 'illegal',
    hazards: ['illegal'],
    score: 0.75,
    patterns: [
      'buy|sell|selling|sells|order|deliver|get|got|cheap|best|pure ..2 <drugs> here|online|now|today|pills|cheap|fast|delivery|for+sale|from+me|text|dm?',
      '<drugs> and? ..2 for sale',
      '<drugs> and? ..2 sold|available|delivered|delivery|quality|here|dealer|in+stock',
      '<drugs> ..3 text|dm|call|whatsapp|telegram|message me|this|us|now',
    ],
    unlessBefore: 'clinic test tests addiction bear controller killer killers free anonymous',
    unlessAfter: 'addiction treatment help against stop say never',
  },
  {
    id: 'illegal.weapons',
    axis: 'illegal',
    hazards: ['illegal', 'violence'],
    score: 0.75,
    patterns: [
      '<guns> without|no papers|licence|license|licenses|questions|background|serial|permit|permits',
      '<guns> ..2 no licence|license|papers|questions|background|serial|permit|id',
      'unregistered|untraceable|illegal|ghost|stolen <guns> ..2 sale|cheap|here|available|sold',
      'hitman|hitmen|assassin|killer|contract+killer for hire|rent',
      'hire a|our|the? hitman|hitmen|contract+killer|assassin',
    ],
  },
  {
    id: 'illegal.fraud',
    axis: 'illegal',
    hazards: ['illegal'],
    score: 0.75,
    patterns: [
      'we|i|buy|sell|selling|order|make|get|cheap|best sell|make|offer? ..1 fake|forged|counterfeit|stolen <papers>',
      'fake|forged|counterfeit|stolen <papers> ..2 cheap|sale|hours|prices|price|here|delivered|available|sold|days|minutes',
      'stolen phones|bikes|goods|cars|cards|watches|laptops|accounts ..2 cheap|sale|prices|price|here|available|sold',
      'hacked|stolen accounts|account|passwords|logins|cards ..2 sale|cheap|here|available|sold',
      'and|buy|sell|selling hacked accounts|logins|passwords',
      'credit card|cards numbers|dumps|details ..1 sale|cheap|available|here',
    ],
    unlessBefore: 'seized found recovered arrested',
    unlessAfter: 'report reports seized found arrested police against',
  },
];
