import { createRequire } from 'node:module';
import { z } from 'zod';

/**
 * Languages other than English whose swear words are known, from the npm package `naughty-words`
 * (LDNOOBW, CC BY 4.0).
 */
export const LIST_LANGUAGES = [
  'ar',
  'de',
  'es',
  'fr',
  'it',
  'ja',
  'ko',
  'pl',
  'pt',
  'ru',
  'tr',
  'zh',
] as const;
export type ListLanguage = (typeof LIST_LANGUAGES)[number];

/**
 * What the lists hold and a sign, a menu or a prompt may say in good faith: anatomy, medicine, the
 * news, food, names, orientation, and what is an ordinary word of another language. By the lists'
 * own spelling, separated by commas.
 */
const HARMLESS: Readonly<Record<ListLanguage, string>> = {
  ar: 'شرج, لعق, لحس, مص, تمص, بيضان, ثدي, بز, بزاز, حلمة, مفلقسة, بظر, كس, فرج, شهوة, شاذ, مبادل, جماع, قضيب, زب, سحاق, سحاقية, اغتصاب, خنثي, احتلام, خول, لبوة, عرص, لواط',
  de: 'bimbo, bratze, bumsen, bonze, fratze, ische, kimme, lümmel, MILF, möpse, mufti, muschi, nackt, nippel, onanieren, orgasmus, penis, pinkeln, popel, poppen, reudig, rosette, schabracke, schiesser, schnackeln, vögeln, morgenlatte, porno, pisser, fick, dödel',
  es: 'Asesinato, asno, bastardo, Caca, Chupada, Chupetón, concha, Coprofagía, Culo, Drogas, Esperma, Haciendo el amor, Heroína, Idiota, Imbécil, infierno, Maciza, maldito, Mamada, martillo, Nazi, Orina, Pedo, Pervertido, Pezón, Pinche, Pis, Prostituta, Racista, Sádico, Semen, Sexo, Sexo oral, Tía buena, Travesti, Trio, Verga, Vulva, Marica, Fiesta de salchichas, Ramera, Bollera, Kapullo',
  fr: 'baiser, bander, bite, bitte, bigornette, bloblos, bourré, bourrée, brackmard, caca, chatte, clito, clitoris, con, conne, étron, folle, foutre, gerbe, gerber, grande folle, gueule, jouir, MALPT, ménage à trois, meuf, negro, palucher, pédale, péter, pipi, pisser, ramoner, suce, tanche, tapette, teuch, tringler, trique, troncher, zizi, zigounette, cul, bordel, cramouille, turlute',
  it: 'allupato, anale, arrusa, arruso, assatanato, bagnarsi, balle, battere, battona, belino, biga, bofilo, boiata, bordello, brinca, cacca, cadavere, casci, cesso, checca, chiappa, chiavare, chiavata, ciospo, cornuto, cozza, fava, femminuccia, fica, figa, figone, finocchio, fracicone, goldone, guardone, imbecille, ingoio, lecchino, lofare, loffa, loffare, mannaggia, mona, monta, montare, mussa, nave scuola, nerchia, padulo, palle, palloso, patacca, pecorina, pesce, picio, pincare, pippa, pinnolone, pipì, pippone, pirla, piscio, pisello, pistolotto, pomiciare, pompa, porca, porco, porco due, potta, quaglia, recchione, regina, rizzarsi, rompiballe, ruffiano, sbattere, sbattersi, sbrodolata, sega, slinguare, slinguata, soccia, socmel, sorca, spagnola, sticchio, succhione, sveltina, tarzanello, tette, tirare, topa, troia, trombare, vacca, vangare, zinne, zio cantante, porca miseria, minchione, scopare, scopata, bagassa, busone, arrapato, culo, sborrone, bucaiolo, fregna',
  ja: '3p, g スポット, s ＆ m, sm, sm女王, xx, アジアのかわいい女の子, いたずら, エクスタシー, エスコート, エッチ, エロティズム, エロティック, オーガズム, おしっこ, おしり, オシリ, お尻, カーマスートラ, カント, クリトリス, グロ, ゲイ・セックス, ゲイボーイ, コカイン, サディズム, しばり, スウィンガー, スカートの中, ストリップ劇場, スラット, スリット, セクシーな, セクシーな 10 代, セックス, ソドミー, ディック, デートレイプ, デブ, トップレス, なめ, ヌード, ネオ・ナチ, ハードコア, パイパン, バイブレーター, バック・スタイル, パンティー, ファンタジー, フィスト, フェティッシュ, フック, プリンス アルバート ピアス, プレイボーイ, ペニス, ボーイズラブ, ぽっちゃり, ポルノグラフィー, ボンテージ, マスターベーション, やおい, ラティーナ, ラバー, ランジェリー, レイプ, レズビアン, ローター, ロリータ, 陰毛, 革抑制, 嫌い, 合意の性交, 拷問, 殺し方, 殺人事件, 殺人方法, 支配, 児童性虐待, 自己愛性, 女の子, 女王様, 女子高生, 女装, 人妻, 人種, 性交, 正常位, 生殖器, 精液, 挿入, 足を広げる, 脱衣, 直腸, 貞操帯, 奴隷, 乳首, 覗き, 縛り, 噴出, 糞便, 平手打ち, 変態, 毛深い, 誘惑, 幼児性愛者, 裸の女性, 両性, 両性具有, 両刀, 宦官, 肛門, 緊縛, 夢精, 剃毛, 強姦犯, 大陰唇, おもらし, ホモ, ふたなり, 近親相姦, 射精, 売春婦, グループ・セックス, テレフォンセックス',
  ko: '강간, 거유, 고자, 근친, 노모, 로리타, 망가, 몰카, 미친, 바바리맨, 변태, 보지, 불알, 섹스, 스와핑, 애자, 야사, 에로, 염병, 유모, 육갑, 자위, 자지, 하드코어, 호로, 후장, 직촬, 또라이, 엄창, 은꼴, 애니, 야애니, 창녀, 암캐',
  pl: 'burdel, burdelmama, ciota, cyc, debil, dmuchać, dupek, duperele, fiut, jajco, jajko, kutas, rzygać, sraczka, suka, syf, pierdoła, pierdzieć, robic loda, robić loda, cipa',
  pt: 'aborto, amador, ânus, aranha, ariano, balalao, bastardo, bicha, biscate, bissexual, boob, braulio de borracha, bumbum, burro, cacete, camisinha, cerveja, chupar, clitoris, cocaína, coito, comer, cona, consolo, corno, cu, dum raio, esporra, fecal, frango assado, gozar, grelho, heroína, heterosexual, homem gay, homoerótico, homosexual, inferno, lésbica, lolita, mama, passar um cheque, pau, peidar, pênis, pinto, queca, sacanagem, saco, torneira, transar, vadia, veado, vibrador, xana, dar o rabo',
  ru: 'byk, gol, perdet, petuh, uboy, бугор, голый, другой дразнится, каждый дрочит как он хочет, какая разница, манда, мент, на фиг, обнаженный, офигеть, половое сношение, секс, траxать, фига, хапать, хрен, курите мою трубку, встать раком, ты мне ваньку не валяй, лысого в кулаке гонять, играть на кожаной флейте, гандон, padlo, pedik, vafli lovit, prissat, zassat, prosrat',
  tr: 'am, amı, amlar, çingene, göt, göte, götü, kaltak, sik, sikin, taşak, Çingenede, Çingeneden, Çingeneler, Çingenelerde, Çingenelerden, Çingenelere, Çingeneleri, Çingenelerin, Çingenenin, Çingeneye, Çingeneyi, götler, siki, sike, sikte, sikten, sikler, sikleri, siklerin, siklere, siklerde, siklerden',
  zh: '13., 13点, 三级片, 九游, 乳, 乳头, 乳房, 交配, 他奶奶, 他妈, 他娘, 你妈, 你娘, 你全家, 你是鸡, 你是鸭, 做爱, 军妓, 刚度, 包皮, 卵, 卵子, 后庭, 吹箫, 处女, 外阴, 奶, 奶子, 奸, 妈妈的, 妓, 妓女, 妓院, 妈的, 娘的, 小乳头, 小卵子, 小肉粒, 小鸡鸡, 屁股, 巨乳, 幹, 强奸, 性, 性器, 性无能, 性爱, 情色, 成人, 扒光, 撒尿, 放荡, 月经, 杂种, 淫, 激情, 爛, 白烂, 祖宗, 私服, 精子, 老二, 老味, 老母, 肥西, 色情, 花柳, 賤, 贝肉, 轮奸, 迷药, 逼, 野鸡, 阳具, 阳萎, 阴唇, 阴户, 阴核, 阴毛, 阴茎, 阴道, 阴部, 玉杵, 打飞机, 打炮, 抽插, 肛交, 口交, 性交, 射精, 白痴, 白癡, 笨蛋, 日你, 操你, 干你, 插你, 射你, 肉棒, 肉壁, 肉缝, 湿透的内裤, 想上你, 卖淫, 嫖娼, 嫖客, 招妓, 淫秽, 狗屁, 它妈的, 口肯, 靠背, 靠腰, 靠北, 粉腸, 你老闆, 鬼公, 鸡鸡, 鸡奸, 龟头, 陰莖, 笨實, 硬膠, 大卵子, 大卵泡, 小卵泡, 姦',
};

const listSchema = z.array(z.string());

/** A language's list without what is harmless, in the list's own spelling. */
export function offensiveTermsOf(language: ListLanguage): string[] {
  const terms: unknown = createRequire(import.meta.url)(`naughty-words/${language}.json`);
  const harmless = new Set(HARMLESS[language].split(/,\s*/).map((term) => term.toLowerCase()));
  return listSchema.parse(terms).filter((term) => !harmless.has(term.toLowerCase()));
}
