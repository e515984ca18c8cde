import type { WordSets } from './phrase-pattern.ts';

const GROUP_ADJECTIVES =
  'black white brown asian jewish muslim christian arab mexican african indian chinese latino hispanic gay lesbian trans transgender queer homosexual disabled autistic immigrant foreign native roma old';

/** Sets of words that the rules name. A `+` joins the words of a phrase. */
export const WORD_SETS: WordSets = {
  you: 'you u ya',
  target: 'you u ya him her them yall everyone',
  kill: 'kill murder shoot stab strangle behead slaughter execute lynch butcher',
  killings:
    'killed murdered shot hanged lynched exterminated gassed executed eliminated wiped slaughtered burned burnt',
  /** Plural names of groups by origin, faith, sex, orientation or ability. */
  people: [
    'the+disabled the+homeless the+elderly the+poor jews muslims christians hindus sikhs catholics blacks whites browns asians mexicans africans arabs indians pakistanis latinos hispanics gays lesbians homosexuals transgenders queers immigrants migrants foreigners refugees women females girls gypsies blackpeople',
    ...GROUP_ADJECTIVES.split(' ').flatMap((adjective) => [
      `${adjective}+people`,
      `${adjective}+folks`,
      `${adjective}+men`,
      `${adjective}+women`,
    ]),
  ].join(' '),
  person:
    'jew muslim mexican african arab indian pakistani immigrant migrant foreigner refugee gypsy',
  enemies:
    'infidels heretics unbelievers nonbelievers kuffar police cops politicians traitors journalists humans americans',
  vermin:
    'vermin parasites parasite rats cockroaches cockroach subhuman subhumans subhumanity scum filth maggots leeches lice pests',
  contempt:
    'animals apes monkeys pigs dogs trash garbage disease diseases plague cancer virus inferior evil savages criminals terrorists rapists stupid disgusting worthless dirty thieves degenerate degenerates sick liars invaders dumb retarded weak insects useless filthy lazy',
  insult:
    'worthless stupid ugly pathetic idiot idiots moron morons loser losers dumb disgusting trash garbage failure retard retarded freak scum filth useless imbecile fat hideous clown coward parasite vermin pig dumbass nothing mistake',
  holy: 'mosque mosques church churches synagogue synagogues temple temples school schools embassy embassies parliament government capitol',
};
