/*
 * The words of the minors guard, in plain lower-case ASCII where they are Latin. They exist so that
 * text can be stopped, and are compared in the form that `skeleton` makes. Plurals in -s and -z
 * are understood. A trailing "*" makes a stem.
 */

function words(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}

/** Stopped wherever they stand: they have no other meaning. */
export const ALWAYS_STOPPED = words(`
  pedobear abdl ddlb loli lolis lolicon lolita shota shotacon toddlercon jailbait csam pedo pedos paedo pedophil*
  paedophil* pedofil* hebephil* ephebophil* nymphet* ageplay ddlg kiddyporn childporn kidporn
`);

/** Says that someone is under age. */
export const MINOR = words(`
  child children childs childrens kid kiddie kiddy kiddo toddler infant newborn teen teenage
  teenaged teenager teener tween tweenager preteen pubescent prepubescent prepuberty puberty
  adolescent adolescence juvenile underage underaged underaged minors youngster schoolgirl
  schoolboy schoolchild schoolchildren schoolkid schoolage kindergarten* kindergartner preschool*
  highschool* gradeschool* middleschool* daycare tot enfant fillette ecoliere ecolier adolescente colegiala
  crianca bambin* minorenn* ragazzina ragazzino madchen schulmadchen minderjahrig* jugendlich*
  quinceanera childhood prepube* preadolescent k12 underagers bachcha nabalig
  chiquill* preadolescente* kleinkind* kindern kindes schulkind* schulerin* colegial* escolares lactante*
`);

/** May say so: counts beside clearly sexual words only. */
export const PERHAPS_MINOR = words(`
  girl boy lad lass lassie young younger youngest youth youthful baby babies minor pupil student
  school classroom schoolyard playground nursery daughter son stepdaughter stepson niece nephew
  grandchild grandchildren grandson granddaughter sister brother sibling stepsister stepbrother
  orphan cub childlike childish babyface babyfaced petite pigtail pacifier diaper cheerleader
  prom babysitter junior freshman sophomore scout nina nino menina menino menor menores kinder
  fille filles garcon jr teeny teenie chibi cp virginal nubile doll girly boyish girlish
  crib cradle stroller undeveloped underdeveloped junge jungen
`);

/** Says that something is sexual, or that someone is undressed. */
export const SEXUAL = words(`
  sex sexy sexual* sexier sexiest sext sexting sexts nude nudes nudity nudist nudism naked nekkid
  naturist naturism topless bottomless unclothed unclad undress* disrob* nsfw xxx porn* pr0n pron
  hentai ecchi ahegao rule34 erotic* erotik* erotisch* lewd lewds fetish* kink kinky bdsm
  bondage dominatrix orgasm* masturbat* intercourse coitus genital* genitalia penis penises dick
  cock vagina* vulva pussy clit clitoris nipple areola* breast boob boobie boobies tit tits titty
  titties buttock crotch cleavage labia testicle scrotum striptease stripper lingerie panty
  panties thong upskirt downblouse underwear underpants bra bikini gstring negligee rape raped
  rapes raping rapist molest* fondl* grope* groping prostitut* brothel hooker whore slut slutty
  orgy threesome gangbang blowjob handjob footjob fellatio cunnilingus anal cum cums
  cumming cumshot creampie semen ejaculat* erection horny aroused arousal arousing dildo
  vibrator onlyfans camgirl camsex playboy pinup seduc* sensual* suggestive* provocative* lust
  lustful lustfully sultry voluptuous busty hottie twerk* scantily skimpy fishnet incest* fuck*
  fucc fuk fap schlong boner bukkake futa futanari femdom yiff sodom* deflower* desnud* sexo
  nackt* busen denude denudee nue nues sexe nua nuas pelada sesso nuda nudo
  lovemaking foreplay obscene* indecent* titillat* pervert* perv smut smutty exhibitionis* voyeur* pantyhose
  pantyless braless nudi shirtlift upshorts cameltoe spanked spanking nangi nanga
  sexuell* lenceria dessous unterwasche unbekleidet* bruste tetas geschlechtsverkehr
`);

/** Two different ones of these count as sexual, and only beside {@link MINOR}. */
export const SUGGESTIVE = words(`
  lick licking strip stripping stripped shirtless barechested virgin virginity ass arse butt thigh
  groin erect latex sheer alluring revealing explicit swimsuit swimwear miniskirt condom bareback
  groomer grooming nightie spank naughty
`);

/** Like {@link SUGGESTIVE}, and one is enough in a {@link SETTING}. */
export const AMOROUS = words(`
  kiss kisses kissing kissed intimate intimacy flirt* romantic lover passionate passionately moan
  moaning caress* straddl* boyfriend makeout
`);

/** Where people are alone together. Nothing by itself. */
export const SETTING = words(`bed bedroom bathtub shower hotel motel mattress`);

/** Several words together, as sexual as {@link SEXUAL}. Patterns over words parted by one space. */
export const SEXUAL_PHRASES: readonly string[] = [
  'bare (?:breasts?|chests?|bottoms?|bums?|butts?|skin|bod(?:y|ies))',
  'birthday suits?',
  'in the (?:buff|altogether|raw)',
  'without (?:any |her |his |their |its )?(?:clothes|clothing|garments|pants|trousers|shorts|tops?)',
  'no (?:clothes|clothing|pants|panties|garments)',
  '(?:not|n t|isn t|aren t) wearing (?:any |a )?(?:clothes|clothing|anything|pants|thing|stitch)',
  'wearing nothing|nothing on|in nothing but',
  '(?:tak(?:e|es|ing)|took|pull(?:s|ing)?) off (?:her |his |their |all |the |its )?(?:clothes|clothing|shirts?|pants|dress|skirt)',
  '(?:remov(?:e|es|ing|ed)|shed(?:s|ding)?) (?:her |his |their |all |the |its )?(?:clothes|clothing|shirts?|pants|dress|skirt)',
  'clothes off',
  'spread(?:ing)? (?:her |his |their )?legs|legs (?:spread|apart|open|wide)',
  'see through (?:dress|top|shirt|clothes|clothing|blouse|fabric)|wet t ?shirts?',
  'skinny dip(?:s|ping|ped)?',
  '(?:pole|lap) danc(?:e|es|er|ers|ing)|strip (?:club|poker|tease)s?',
  'mak(?:e|es|ing) (?:love|out with)|made (?:love|out with)|making out(?! of)|french kiss(?:es|ing)?',
  'in bed with (?:an? |her |his |the |their )?(?:older |adult |grown |strange )?(?:m[ae]n|adults?|teacher|stranger|boyfriend|lover|wom[ae]n)',
  '(?:sle(?:ep|pt|eping)) with (?:an? |her |his |the |their )?(?:older |adult |grown )?(?:m[ae]n|adults?|teacher|stranger|boyfriend|lover|wom[ae]n)',
  'private (?:parts?|areas?)',
  '(?:inappropriate(?:ly)?|improper(?:ly)?) touch(?:ed|es|ing)?|touch(?:ed|es|ing)? (?:\\w+ )?(?:inappropriately|improperly)',
  'adult (?:films?|movies?|videos?|content|sites?|websites?|entertainment|magazines?|stars?|actress(?:es)?|industry|material|toys?|modell?ing)',
  'x rated|18 only|rule 34|only fans|g string|camel toe|blow job|hand job',
  'sugar dadd(?:y|ies)|friends with benefits',
];

/** Several words together, as plain as {@link MINOR}. */
export const MINOR_PHRASES: readonly string[] = [
  'menor(?:es)? de edad|(?:ein|das|dem|einem|kleines) kind|(?:kleine|junge)s? madchen',
  'under ?age(?:d)?|not (?:yet )?of age|(?:under|below) (?:the )?(?:legal )?age|age of consent',
  '(?:elementary|primary|middle|grade|grammar|high|nursery|junior high) school(?:er|ers|s)?',
  'school (?:girl|boy|child|children|kid|uniform|age)s?|school aged?',
  'junior high|sweet sixteen|(?:girl|boy|cub) scouts?|bat mitzvah|bar mitzvah',
  'pre (?:teen|pubescent|school|adolescent)(?:s|er|ers)?|flat chest(?:ed)?|baby faced?',
  '(?:little|young) (?:ones?|princess(?:es)?)',
  '(?:almost|nearly|not (?:yet|quite)|before (?:turning|(?:s?he|they) turns?)) (?:18|eighteen)',
  '(?:look(?:s|ing)?|appear(?:s|ing)?) (?:very |so |too )?(?:young|underage|like a (?:kid|child))',
];

/** Stopped wherever they stand. */
export const STOPPED_PHRASES: readonly string[] = [
  'jail bait|barely legal|minor attracted|just turned 18|age play|child (?:porn|brides? night)|loli con|c s a m',
  '(?:grooming|groom|grooms|groomed) (?:an? |the |of |young |some )?(?:child|children|minors?|teens?|teenagers?|kids?|girls?|boys?|students?|pupils?)',
];

/** Taken out before anything is looked for: a risky word with a meaning of its own. */
export const HARMLESS_PHRASES: readonly string[] = [
  '(?:same|opposite|either|biological|fairer) sex(?:es)?|sex of (?:the|a|their|her|our) (?:baby|unborn|newborn|puppy|kitten|chick)s?',
  '(?:both|the|two|all) sexes|tit for tat|footed boob(?:y|ies)|bottomless (?:pit|brunch|cup|basket)s?',
  'naked (?:eyes?|mole|truth|flames?|trees?|branch(?:es)?|bulbs?)',
  'nude (?:colou?red|lipsticks?|heels|shoes|shades?|palette|makeup|tones?)',
  '(?:art|law|medical|business|graduate|film) schools?',
  'breast (?:cancer|milk|pump|feed|feeding|fed)|(?:chicken|turkey|duck) breasts?',
  '(?:blue|great|coal|marsh|willow|bearded|crested) tits?',
  'moby dick|dick and jane|dick tracy|dick van dyke|dick whittington|spotted dick',
  'pussy (?:willow|cat|riot)s?',
  'sperm whales?|comic strips?|film strips?|strip mall|led strips?|power strips?|strip of',
  'kinky (?:hair|curls?|curly|coil[sy]?|twists?)',
  'erect (?:posture|tail|ears?|spine|position)|standing erect|erection of',
  '(?:hospital|flower|flowers|garden|bunk|river|sea|truck|crib|raised|vegetable|seed) beds?',
  '(?:bottle|silicone) nipples?|rape (?:fields?|seeds?|flowers?)|cum laude',
  'bed (?:time|rest|linen|sheets?|frame|bugs?)',
  'virgin (?:mary|and child|islands?|olive|forests?|wool|snow)',
  '(?:moral|ursa|asia) minor|minor (?:injur(?:y|ies)|league|key|chord|scale|character|details?|changes?|damage|planet)',
  '(?:university|college|graduate|grad|medical|law|adult|phd|nursing|mature) students?',
  'young (?:wom[ae]n|m[ae]n|adults?|couples?|professionals?)',
  'baby (?:blue|pink|oil|shower|bump|grand)',
  'sexual orientations?',
  'explicit (?:permission|consent|instructions?)',
  // Two plain words that joined would be a coded one.
  'shot an?',
];

/** Scripts without Latin letters: found anywhere in the text. */
export const NATIVE_MINOR = words(`
  девочк мальчик ребен ребён дети детск подрост несовершеннолет школьниц школьник малолет
  小女孩 小男孩 女孩 男孩 儿童 兒童 孩子 未成年 少女 少年 幼女 幼童 学生妹 萝莉 蘿莉 正太 初中生 女学生 小学生 中学生 高中生
  小孩 孩童 女童 男童 幼儿 婴儿 小朋友
  子供 子ども 女児 男児 女子高生 女子中学生 ロリ ショタ こども
  소녀 소년 아이들 어린이 미성년 여고생 여중생 초등학생 아동 청소년
  طفل أطفال قاصر مراهق بچه کودک تلميذ رضيع صبي قاصرات
  बच्चा बच्ची बच्चे बच्चों लड़की नाबालिग किशोर बालिका बालक शिशु स्कूली
  👧 👦 👶 🧒
`);

/** See {@link NATIVE_MINOR}. */
export const NATIVE_SEXUAL = words(`
  голый голая голые голую голым обнаж порно секс эрот раздет интим
  裸(?!眼|子植物|麦) 色情 性交 性爱 性愛 做爱 做愛 淫 情色 性感 エロ ヌード セックス 性的(?=な|虐|暴|行) 18禁 エッチ 下着(?![雨雪棋蛋毛大小暴])
  脱光 露点 乳房 性器 内衣
  누드 알몸 나체 섹스 야한 음란 에로
  عاري عارية عراة إباحي جنسي جنس عري تعري ملابس\\sداخلية
  नग्न नंगा नंगी(?!\\sआ) अश्लील सेक्स कामुक यौन निर्वस्त्र वस्त्रहीन संभोग स्तन(?!पान)
  🔞
`);
