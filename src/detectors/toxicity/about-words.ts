/** Words anywhere in the text by which it reports, remembers, helps or plays. */
export const ABOUT =
  'museum memorial exhibition history historical hotline helpline prevention awareness education educational workshop campaign rights solidarity survivors victims documentary novel book film movie screening theatre theater opera concert band album song lyrics recipe game gaming boardgame quiz lecture seminar study research charity fundraiser remember remembrance equality clinic therapy counselling counseling chapter episode premiere comedy poem sermon lesson festival';
