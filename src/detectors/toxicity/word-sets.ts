import type { WordSets } from './phrase-pattern.ts';

const GROUP_ADJECTIVES =
  'black white brown asian jewish muslim christian arab mexican african indian chinese latino hispanic gay lesbian trans transgender queer homosexual disabled autistic immigrant foreign native roma old';

/** Sets of words that the rules name. A `+` joins the words of a phrase. */
export const WORD_SETS: WordSets = {
  you: 'you u ya',
  target: 'you u ya him her them yall everyone',
  kill: 'kill murder shoot stab strangle behead slaughter execute lynch butcher',
  killings:
    'killed murdered shot hanged lynched exterminated gassed executed eliminated wiped slaughtered burned burnt stoned drowned hung beheaded euthanised euthanized culled butchered whipped deported',
  /** Plural names of groups by origin, faith, sex, orientation or ability. */
  people: [
    'the+disabled the+homeless the+elderly the+poor jews muslims christians hindus sikhs catholics blacks whites browns asians mexicans africans arabs indians pakistanis latinos hispanics gays lesbians homosexuals transgenders queers immigrants migrants foreigners asylum+seekers illegals turks romanians feminists zionists refugees women females girls deaf+people blind+people chinese turkish+people hindus cripples roma+children jewish+bankers gypsies blackpeople',
    ...GROUP_ADJECTIVES.split(' ').flatMap((adjective) => [
      `${adjective}+people`,
      `${adjective}+folks`,
      `${adjective}+men`,
      `${adjective}+women`,
    ]),
  ].join(' '),
  person:
    'jew muslim mexican african arab indian pakistani immigrant migrant foreigner refugee gypsy gay lesbian feminist foreigner turk',
  enemies:
    'infidels heretics unbelievers nonbelievers kuffar police cops politicians traitors journalists humans americans rich bankers apostates crusaders liberals communists scientists judges reporters ministers police',
  enemy: 'cop infidel politician traitor journalist banker policeman unbeliever communist liberal',
  vermin:
    'vermin parasites parasite rats cockroaches cockroach subhuman subhumans subhumanity scum filth maggots leeches lice pests',
  contempt:
    'animals apes monkeys pigs dogs trash garbage disease diseases plague cancer virus inferior evil savages criminals terrorists rapists stupid disgusting worthless dirty thieves degenerate degenerates sick liars invaders dumb retarded weak insects useless filthy lazy greedy perverts pervert freaks sick defective abomination subhuman smelly violent',
  contempt_noun:
    'burden curse sickness poison plague cancer danger threat demons devils monsters mistake pedophiles abomination sin disease disgrace parasites leeches terrorists',
  insult:
    'worthless stupid ugly pathetic idiot idiots moron morons loser losers dumb disgusting trash garbage failure retard retarded freak scum filth useless imbecile fat hideous clown coward parasite vermin pig dumbass nothing mistake',
  insult_noun:
    'idiot moron loser freak scum imbecile clown coward pig dumbass failure embarrassment disgrace slob wretch liar cow nobody retard fool pervert creep joke trash garbage',
  insult_nouns: 'idiots morons losers freaks imbeciles cowards pigs creeps fools liars',
  /** Says that somebody means to do what follows. A `+` joins: `i+will`. */
  intent:
    'ill imma ima gonna i+will we+will and+will i+shall we+shall going+to wanna i+am+gonna want+to',
  drugs:
    'cocaine weed heroin meth ecstasy mdma lsd ketamine fentanyl crack+cocaine crystal+meth xanax',
  guns: 'gun guns pistol pistols rifle rifles weapons weapon firearms handguns glock glocks',
  stolen_goods:
    'phones iphones bikes goods cars cards watches laptops accounts tvs rolexes jewellery jewelry',
  violence:
    'kill murder shoot stab beat hang burn smash break cut rape skin bury drown choke strangle crush slit hurt punch kick execute behead slaughter butcher stone torture gut knife whip',
  slurs:
    'paki pakis wog wogs gook gooks spics towelhead towelheads raghead ragheads beaner beaners gyppo gyppos darkies darkie coons zipperhead trannies shemale shemales kaffir kaffirs mudslime',
  papers:
    'passport passports id ids documents diplomas diploma licence licences license licenses money bills banknotes visas credit+cards credit+card',
  holy: 'mosque mosques church churches synagogue synagogues temple temples school schools embassy embassies parliament government capitol',
};
