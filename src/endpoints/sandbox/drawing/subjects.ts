import type { Random } from '../../../core/seeded-random.ts';
import type { Backdrop } from './backdrop.ts';
import {
  animal,
  bird,
  boat,
  car,
  conifer,
  fish,
  flower,
  house,
  paper,
  parcel,
  person,
  type Shape,
  screen,
  table,
  tower,
  tree,
} from './shapes.ts';

/** Something that stands or moves in a scene. */
export interface Subject {
  readonly shape: Shape;
  /** Share of the picture's height. */
  readonly height: number;
  readonly place: 'ground' | 'air' | 'water';
  /** Stays where it is while a video runs. */
  readonly still: boolean;
}

const make = (
  shape: Shape,
  height: number,
  { place = 'ground', still = false }: Partial<Pick<Subject, 'place' | 'still'>> = {},
): Subject => ({ shape, height, place, still });

const PERSON = make(person, 0.42);
const WORDS: readonly (readonly [RegExp, Subject, number])[] = [
  [
    /\b(crowd|people|group|protest\w*|audience|students?|team|famil\w+|soldiers?|friends|workers|class)\b/i,
    PERSON,
    4,
  ],
  [/\b(couple|two|pair)\b/i, PERSON, 2],
  [
    /\b(person|man|men|woman|women|boy|girl|child\w*|kids?|doctor|nurse|teacher|chef|artist|officer|police\w*|worker|actor|player|dancer|figure|individual|character|portrait|politician|someone|he|she)\b/i,
    PERSON,
    1,
  ],
  [
    /\b(dogs?|pupp\w+|cats?|kittens?|horses?|cows?|sheep|animals?|wolf|wolves|lions?|tigers?|bears?|fox(es)?|deer)\b/i,
    make(animal, 0.26),
    1,
  ],
  [/\b(birds?|eagles?|parrots?|seagulls?|doves?|owls?)\b/i, make(bird, 0.12, { place: 'air' }), 3],
  [/\b(fish\w*|sharks?|dolphins?|whales?)\b/i, make(fish, 0.16, { place: 'water' }), 2],
  [
    /\b(house|home|cottage|cabin|barn|church|school|village)\b/i,
    make(house, 0.4, { still: true }),
    1,
  ],
  [/\b(building|tower|skyscraper|city|hospital|office)s?\b/i, make(tower, 0.6, { still: true }), 2],
  [/\b(cars?|truck|taxi|vehicle|bus|traffic|driver|driving)\b/i, make(car, 0.18), 1],
  [/\b(boats?|ships?|sail\w*|yacht)\b/i, make(boat, 0.36, { place: 'water' }), 1],
  [
    /\b(flowers?|roses?|tulips?|garden\w*|bouquet|meadow)\b/i,
    make(flower, 0.22, { still: true }),
    5,
  ],
  [/\b(pine|christmas|forest|woods|camp\w*)\b/i, make(conifer, 0.5, { still: true }), 2],
  [/\b(trees?|park|orchard|jungle)\b/i, make(tree, 0.46, { still: true }), 1],
  [
    /\b(table|cake|birthday|dinner|kitchen|food|meal|restaurant|desk)\b/i,
    make(table, 0.3, { still: true }),
    1,
  ],
  [
    /\b(computer|laptop|screen|phone|website|online|internet|app|television|monitor)\b/i,
    make(screen, 0.34, { still: true }),
    1,
  ],
  [
    /\b(books?|letter|document|newspaper|leaflet|flyer|brochure|infographic|diagram|page|chart)\b/i,
    make(paper, 0.36, { still: true }),
    1,
  ],
];

/** What stands in for anything that no shape is made for. */
const FALLBACK = make(parcel, 0.22);
const MOST = 6;

/** The things that the words name, most telling first, at most six. */
export function chooseSubjects(words: string, backdrop: Backdrop, random: Random): Subject[] {
  const chosen = WORDS.filter(([pattern]) => pattern.test(words)).flatMap(([, subject, count]) =>
    Array.from({ length: count }, () => subject),
  );
  if (chosen.length === 0) chosen.push(FALLBACK);
  const outdoors = backdrop === 'field' || backdrop === 'hills' || backdrop === 'city';
  if (outdoors && chosen.length < 3 && random.chance(0.6)) {
    chosen.push(make(tree, random.between(0.3, 0.5), { still: true }));
  }
  return chosen.slice(0, MOST);
}
