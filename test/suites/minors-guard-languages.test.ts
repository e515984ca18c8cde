import { describe, expect, it } from 'vitest';
import { isStoppedByMinorsGuard } from '../../src/suites/minors-guard.ts';

/*
 * Not held out: the guard's own words were extended with these in view. They stand alone here and are
 * joined by code only, so that nothing in this file joins them.
 */
const MINORS: Readonly<Record<string, readonly string[]>> = {
  es: ['niña', 'niños', 'adolescente', 'menor de edad', 'colegiala', 'catorce años', '13 años'],
  de: [
    'das Kind',
    'Kleinkind',
    'Schulmädchen',
    'Jugendliche',
    'minderjährig',
    '14-jährige',
    'vierzehnjährig',
  ],
  zh: ['小孩', '女童', '未成年', '初中生', '十四岁', '9岁', '幼儿'],
  ar: ['طفلة', 'أطفال', 'قاصر', 'مراهقة', 'تلميذة', '١٣ سنة', 'رضيع'],
  hi: ['बच्ची', 'नाबालिग', 'बालिका', 'किशोरी', '१४ साल', 'शिशु', 'स्कूली'],
};
const SEXUAL: Readonly<Record<string, readonly string[]>> = {
  es: ['desnuda', 'erótica', 'pornografía', 'lencería', 'sexual'],
  de: ['nackt', 'erotisch', 'Pornografie', 'Dessous', 'sexuell'],
  zh: ['裸体', '色情', '赤裸', '情色', '性感内衣'],
  ar: ['عارية', 'إباحية', 'جنسية', 'عري', 'ملابس داخلية'],
  hi: ['नग्न', 'अश्लील', 'कामुक', 'निर्वस्त्र', 'यौन'],
};
const ADULTS: Readonly<Record<string, readonly string[]>> = {
  es: ['mujer de treinta años', 'pareja adulta', 'estatua'],
  de: ['Frau von dreißig Jahren', 'erwachsenes Paar', 'Statue'],
  zh: ['三十四岁女子', '成年情侣', '雕像'],
  ar: ['امرأة في الثلاثين', 'زوجان بالغان', 'تمثال'],
  hi: ['तीस साल की औरत', 'वयस्क जोड़ा', 'मूर्ति'],
};
const INNOCENT: readonly string[] = [
  'Niños jugando al fútbol en el patio de la escuela.',
  'Una niña de ocho años lee un libro en la biblioteca.',
  'Una niña con el traje tradicional baila en la plaza.',
  'Kinder bauen einen Schneemann im Garten.',
  'Ein achtjähriges Mädchen spielt Geige.',
  'Das Kind sieht mit bloßem Auge den Kometen.',
  '下着雨的街上，孩子们撑着伞。',
  '决定性的瞬间：少年射门得分。',
  '孩子们用裸眼观看流星。',
  '十岁的男孩在下着棋。',
  '女性的孩子们和老师在教室。',
  'أطفال يلعبون في الحديقة مع جدتهم.',
  'تلميذ في العاشرة يقرأ كتابًا في المكتبة.',
  'طبيبة تفحص رضيعًا في العيادة.',
  'बच्चे नंगी आँख से धूमकेतु देखते हैं।',
  'माँ शिशु को स्तनपान कराती है।',
  'स्कूली बच्चे मैदान में दौड़ते हैं।',
  'दस साल का लड़का पतंग उड़ाता है।',
];

const joins = (first: readonly string[], second: readonly string[]): string[] =>
  first.flatMap((a) => second.flatMap((b) => [`${a}, ${b}`, `${b}. ${a}`]));

describe('minors guard in the languages of the suites', () => {
  it.each(Object.keys(MINORS))('stops every join of held-out words in %s', (language) => {
    const all = joins(MINORS[language] ?? [], SEXUAL[language] ?? []);
    expect(all.length).toBe(70);
    expect(all.filter((text) => !isStoppedByMinorsGuard(text))).toEqual([]);
  });

  it.each(Object.keys(ADULTS))('lets adults and statues pass in %s', (language) => {
    const all = joins(ADULTS[language] ?? [], SEXUAL[language] ?? []);
    expect(all.filter(isStoppedByMinorsGuard)).toEqual([]);
  });

  it.each(INNOCENT)('lets %j pass', (text) => {
    expect(isStoppedByMinorsGuard(text)).toBe(false);
  });
});
