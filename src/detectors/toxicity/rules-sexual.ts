import type { ToxicityRule } from './rules.ts';

export const SEXUAL_RULES: readonly ToxicityRule[] = [
  {
    id: 'sexual.solicitation',
    axis: 'sexual',
    hazards: ['sexual'],
    score: 0.8,
    patterns: [
      'send|show me|us|your? nudes',
      'live|free|hot|hardcore|rough|anal|oral sex|porn|xxx',
      'have|want|wants|wanna have? ..1 sex with me|you|u|us',
      'hot|horny|naked|nude milfs|moms|singles|wives|housewives|sluts|babes|women ..2 area|near|tonight|now|waiting|cam|live',
      'suck|lick|ride|stroke my|his|this|your ..1 cock|dick|pussy|balls|tits|ass|clit',
      'so|im|me|get|are|feeling horny',
      'xxx videos|movies|porn|live|pics|adult',
      'escort|erotic service|services|massage|girls',
      'i want|wanna|will|need to? ..1 fuck|bang|screw you|u|her|him|your',
    ],
    unlessBefore: 'education change determination ratio',
  },
];
