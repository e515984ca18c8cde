import type { WordSets } from './phrase-pattern.ts';

/** Wide sets of words for the frames of `rules-frames.ts`, by the part that they play in a sentence. */
export const FRAME_SETS: WordSets = {
  /** Whoever is spoken to or of. */
  someone: 'you u ya he she him her they them yall youre ur hes shes theyre',
  are: 'are is r am was were be look looks sound sounds smell smells act acts seem',
  modal:
    'will ill would shall must should gonna gotta going+to need+to needs+to ought+to deserve+to deserves+to deserve deserves have+to want+to wants+to wanna imma about+to lets let+us time+to ready+to here+to cant+wait+to love+to like+to hope+to',
  /** Contempt for a person, as adjective. */
  contemptuous:
    'stupid dumb ugly fat worthless useless pathetic disgusting filthy brainless spineless gutless hideous repulsive revolting retarded moronic idiotic imbecilic lazy greasy smelly stinking stinky miserable sorry lousy rotten vile slimy sleazy trashy braindead clueless talentless incompetent unlovable unwanted unloved hopeless deformed obese nasty sickening loathsome insufferable dimwitted lying cheating snivelling whiny pimply wretched dirty creepy',
  /** And as noun. */
  scoundrel:
    'idiot idiots moron morons loser losers imbecile imbeciles cretin cretins dimwit dimwits halfwit nitwit dunce dolt oaf buffoon fool fools freak freaks weirdo weirdos creep creeps slob slobs scum scumbag scumbags lowlife lowlifes sleazebag dirtbag dirtbags douchebag douchebags douche jerk jerks wimp wimps coward cowards crybaby parasite parasites leech vermin maggot maggots worm worms cockroach pig pigs cow cows whale hag hags skank skanks tramp slut sluts troll wretch wretches failure failures disgrace embarrassment garbage trash filth nobody nobodies retard retards dumbass dumbasses blockhead airhead bonehead numbskull pinhead fatso fatty lardass lard simpleton ignoramus traitor snake weasel rat swine dog psycho bimbo hooker whore whores brat spastic degenerate degenerates waste disease abortion pushover liar liars fraud sissy pansy joke clown clowns',
  /** Names that stand for contempt wherever a person is called by them. */
  name_calling:
    'moron morons imbecile imbeciles cretin cretins dimwit dimwits scumbag scumbags lowlife lowlifes dirtbag dirtbags douchebag douchebags halfwit nitwit fatso lardass dumbass dumbasses retard retards skank skanks',
  /** Groups by origin, faith, sex, orientation, ability or need. */
  group:
    'jews jew muslims muslim christians christian hindus hindu sikhs sikh catholics atheists mormons blacks whites asians asian mexicans mexican africans african arabs arab indians indian pakistanis pakistani latinos latino hispanics hispanic chinese turks turk turkish turkey poles romanians romanian albanians syrians afghans somalis nigerians russians ukrainians japanese koreans vietnamese filipinos brazilians persians iranians kurds roma gypsies gypsy gays gay lesbians lesbian homosexuals homosexual bisexuals transgenders trans transsexuals queers queer immigrants immigrant migrants migrant foreigners foreigner refugees refugee illegals aliens asylum+seekers newcomers outsiders women woman females female girls wives feminists feminist men disabled cripples crippled autistic autistics deaf blind wheelchair+users homeless beggars poor elderly old+people pensioners welfare+moms minorities black+people white+people brown+people jewish+people gay+people trans+people old+folks islam judaism hinduism homosexuality single+mothers indigenous natives aboriginals israelis palestinians zionists eskimos kikes infidels',
  /** Groups that others would see gone. */
  others:
    'jews muslims blacks arabs mexicans africans immigrants migrants foreigners refugees gypsies gays homosexuals lesbians illegals pakistanis turks asians indians hindus sikhs queers transgenders romanians syrians albanians latinos hispanics infidels gay+people black+people trans+people asylum+seekers',
  /** What is said of a group, or done by it, in contempt. */
  slander:
    'vermin parasites parasite rats rat cockroaches cockroach subhuman subhumans scum filth filthy maggots leeches lice pests pest animals animal apes ape monkeys monkey savages savage beasts barbarians barbaric uncivilised uncivilized primitive trash garbage disease diseased plague cancer virus infection poison inferior evil criminals criminal terrorists terrorist rapists rapist murderers killers thugs gangsters thieves thief crooks liars cheaters cheats scammers invaders traitors spies stupid dumb disgusting dirty lazy greedy weak sick mental+illness mentally+ill perverts pervert perverted freaks freak defective abomination smelly violent dangerous predators groomers whores sluts useless worthless burden burdens degenerate degenerates demons devils sinners unnatural mistake hysterical irrational emotional backward illiterate brainwashed idiots morons slaves servants property unclean impure dishonest untrustworthy cowards subservient infest infesting infested',
  /** What a group does, in the eyes of who hates it. */
  ruin: 'ruin ruins ruining ruined destroy destroys destroying destroyed invade invading invaded replace replacing outbreed poison poisoning corrupt corrupting pollute polluting infest infesting infect infecting steal stealing stole rape raping rob robbing leech leeching sponge overrun overrunning flood flooding plague plaguing enslave brainwash conquer dominate exploit murder stink smell',
  /** Whom an agitator wants dead, beside groups. */
  foe: 'infidel unbelievers unbeliever nonbelievers kuffar heretics heretic apostates blasphemers crusaders cops cop police policemen officers pigs politicians politician traitors journalists journalist reporters bankers banker billionaires ceos landlords rich elites communists commies liberals leftists socialists conservatives republicans democrats fascists judges judge soldiers soldier teachers scientists doctors scum vermin globalists bastards snitches snitch westerners americans tourists protesters unvaccinated enemies subhumans degenerates',
  /** Violent verbs, as they stand after `will`. */
  harm: 'kill murder shoot stab beat hang burn smash break cut rape skin bury drown choke strangle crush slit hurt punch kick execute behead slaughter butcher stone torture gut knife whip destroy ruin hunt slap maim mutilate cripple bash batter slash slice shred dismember decapitate impale electrocute poison suffocate bleed eliminate exterminate annihilate erase wreck pummel thrash scalp castrate disfigure bomb gas lynch assassinate terminate waste obliterate massacre eradicate attack ambush snap tear rip crack carve gouge flay lash pound stomp trample assault hospitalise',
  /** Those that mean death in whatever company: they need no future. */
  slay: 'kill murder shoot stab hang burn behead slaughter butcher gas lynch execute exterminate assassinate massacre annihilate eradicate bomb drown torture crush eliminate decapitate strangle knife slay purge',
  /** Done to somebody. */
  harmed:
    'killed murdered shot stabbed beaten hanged hung burned burnt smashed crushed raped skinned buried drowned choked strangled tortured executed beheaded slaughtered butchered stoned whipped destroyed hunted exterminated eliminated gassed lynched maimed crippled castrated sterilised sterilized deported expelled shot+dead bombed eradicated culled flogged jailed caged enslaved poisoned decapitated purged',
  body: 'face head skull brain brains throat neck heart guts gut spine bones bone ribs legs leg arms arm hands hand fingers finger eyes eye teeth tooth tongue jaw nose kneecaps knees ears liver skin wrists veins balls chest stomach lungs flesh',
  dear: 'family kids kid children child wife husband mother mom mum father dad parents daughter son sister brother dog cat house home car shop loved+ones girlfriend boyfriend grandma',
  weapon:
    'knife gun rifle pistol bullet bullets axe hammer machete bat chainsaw bomb razor blade crowbar acid noose rope shotgun sword grenade gasoline petrol',
  /** Places of worship and of power. */
  seat: 'mosque mosques church churches synagogue synagogues temple temples embassy parliament government capitol congress courthouse police+station schools hospitals clinic refugee+home banks newsroom city+hall',
  self: 'yourself urself yourselves urselves ur+self your+self',
  cruel_end:
    'suicide death dying self+harm selfharm cutting starving starvation anorexia bulimia purging overdosing killing+yourself hurting+yourself ending+it',
  praise:
    'beautiful answer solution freedom free peace peaceful art power powerful control friend cure relief escape painless brave strength cool bliss salvation rest release exit pretty perfect romantic glorious heals helps sexy',
  flesh:
    'tits titties boobs boob breasts nipples nipple ass asses butt booty pussy pussies cock cocks dick dicks cunt clit crotch thong panties naked nude nudes nudity genitals',
  lust: 'horny naughty kinky slutty sexy busty naked nude lusty raunchy dirty steamy erotic lewd frisky wet kinkiest',
  partner:
    'girls girl women woman babes babe wives wife ladies housewives housewife milfs milf moms sluts singles models men guys boys+night couples strangers lovers lover escorts escort mistress bitches teachers nurses secretary neighbours neighbor neighbour stepmom maids',
  sex_trade:
    'porn pornhub porno pornography nudes xxx orgy orgies gangbang gangbangs threesome threesomes foursome blowjob blowjobs handjob handjobs footjob rimjob deepthroat creampie cumshot cumshots bukkake dildo dildos buttplug fleshlight bdsm milf milfs camgirl camgirls sexcam sexting onlyfans brothel brothels hookers prostitute prostitutes callgirl callgirls strippers striptease lapdance upskirt masturbate masturbating masturbation orgasm orgasms squirting hentai swingers fetish fetishes dominatrix cuckold nympho nymphos whorehouse gloryhole fisting pegging anal doggystyle titfuck sexting camsex phonesex foreplay boner boners jizz cum cumming sodomy fellatio cunnilingus',
};
