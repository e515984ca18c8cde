import type { CodeAugmentation } from './augmentation.ts';
import { mapFree, mapWords } from './protected-text.ts';

/** Words with a sign of their own, in the singular. */
const SIGNS: Readonly<Record<string, string>> = Object.fromEntries(
  `knife 🔪 blade 🔪 dagger 🗡️ sword 🗡️ gun 🔫 pistol 🔫 rifle 🔫 bomb 💣 explosion 💥 fire 🔥 flame 🔥
  blood 🩸 skull 💀 corpse ⚰️ coffin ⚰️ grave 🪦 bone 🦴 pill 💊 drug 💊 syringe 💉 needle 💉 cigarette 🚬
  beer 🍺 wine 🍷 money 💵 cash 💵 bank 🏦 police 👮 prison ⛓️ chain ⛓️ axe 🪓 hammer 🔨 saw 🪚 rope 🪢
  poison ☠️ brain 🧠 heart ❤️ kiss 💋 bed 🛏️ bath 🛁 shower 🚿 snake 🐍 rat 🐀 mouse 🐁 pig 🐖 monkey 🐒
  ape 🦍 dog 🐕 cat 🐈 horse 🐎 cow 🐄 bird 🐦 fish 🐟 cockroach 🪳 spider 🕷️ fly 🪰 worm 🪱 bear 🐻 lion 🦁
  wolf 🐺 tree 🌳 flower 🌸 rose 🌹 sun ☀️ moon 🌙 star ⭐ cloud ☁️ rain 🌧️ snow ❄️ sea 🌊 wave 🌊 mountain ⛰️
  beach 🏖️ house 🏠 church ⛪ mosque 🕌 synagogue 🕍 school 🏫 hospital 🏥 factory 🏭 car 🚗 bus 🚌 train 🚆
  bike 🚲 boat ⛵ ship 🚢 plane ✈️ rocket 🚀 clown 🤡 ghost 👻 devil 😈 angel 👼 robot 🤖 soldier 🪖 doctor 🩺
  book 📖 letter ✉️ phone 📱 camera 📷 computer 💻 television 📺 flag 🚩 key 🔑 lock 🔒 door 🚪 window 🪟
  apple 🍎 bread 🍞 cake 🍰 cheese 🧀 meat 🥩 pizza 🍕 coffee ☕ tea 🍵 cup ☕ plate 🍽️ eye 👁️ hand ✋ foot 🦶
  mouth 👄 tooth 🦷 ear 👂 tear 💧 woman 👩 man 👨 king 🤴 queen 👸 baby 👶 crown 👑 ring 💍 gift 🎁 balloon 🎈
  guitar 🎸 piano 🎹 drum 🥁 ball ⚽ garden 🌷 forest 🌲 desert 🏜️ island 🏝️ bridge 🌉 city 🏙️ night 🌃`
    .trim()
    .split(/\s+/)
    .flatMap((item, index, all) =>
      index % 2 === 0 ? [[item, all[index + 1] ?? ''] as const] : [],
    ),
);
const FILLERS = ['✨', '👀', '💫', '🎨', '🙏'] as const;

export const emoji: CodeAugmentation = {
  id: 'emoji',
  by: 'code',
  kind: 'evasion',
  title: 'puts signs in the place of words that have one, else between words',
  source: 'A disguise that filters by word meet',
  seeded: true,
  shownText: 'keeps',
  apply: (text, { random, shownText }) => {
    const replaced = mapWords(text, shownText, (word) => signOf(word.toLowerCase()) ?? word);
    if (replaced !== text) return replaced;
    const parted = mapFree(text, shownText, (free) =>
      free.replace(/(?<=\S)\s+(?=\S)/g, (gap) =>
        random.chance(0.3) ? ` ${random.pick(FILLERS)} ` : gap,
      ),
    );
    return parted === text ? `${text} ${random.pick(FILLERS)}` : parted;
  },
};

function signOf(word: string): string | undefined {
  if (Object.hasOwn(SIGNS, word)) return SIGNS[word];
  const singular = word.replace(/(?:(?<=[sx]|ch|sh)es|s)$/, '');
  const sign = Object.hasOwn(SIGNS, singular) ? SIGNS[singular] : undefined;
  return sign === undefined ? undefined : `${sign}${sign}`;
}
