import { HAZARD_IDS } from '../core/hazard.ts';
import type { Intent, Prompt } from '../core/prompt.ts';
import { FingerprintMap } from './fingerprint-set.ts';

const INTENT_BIT: Readonly<Record<Intent, number>> = { harmful: 1, benign: 2, control: 4 };
const START_FAMILIES = 1 << 10;

/** What is remembered of every family, to see at the end whether its twins are there. */
export interface FamilyMemory {
  readonly size: number;
  /** @returns the family's first line where its primary hazard is another. */
  join(prompt: Prompt, line: number): number | undefined;
  /** First lines of families with a harmful prompt and no benign one. */
  unpaired(): Iterable<number>;
}

/** Under 60 bytes a family, since a data set may hold a million. */
export function createFamilyMemory(): FamilyMemory {
  const numbers = new FingerprintMap();
  let firstLines = new Uint32Array(START_FAMILIES);
  let hazards = new Uint8Array(START_FAMILIES);
  let intents = new Uint8Array(START_FAMILIES);
  return {
    get size() {
      return numbers.size;
    },
    join(prompt, line) {
      const next = numbers.size;
      const known = numbers.setFirst(prompt.family, next);
      const at = known ?? next;
      const hazard = hazardNumber(prompt);
      if (known === undefined) {
        if (at === firstLines.length) {
          firstLines = grow(firstLines, new Uint32Array(at * 2));
          hazards = grow(hazards, new Uint8Array(at * 2));
          intents = grow(intents, new Uint8Array(at * 2));
        }
        firstLines[at] = line;
        hazards[at] = hazard;
      }
      intents[at] = (intents[at] ?? 0) | INTENT_BIT[prompt.intent];
      return hazards[at] === hazard ? undefined : firstLines[at];
    },
    *unpaired() {
      for (let at = 0; at < numbers.size; at += 1) {
        const bits = intents[at] ?? 0;
        const isHarmfulAlone =
          (bits & INTENT_BIT.harmful) !== 0 && (bits & INTENT_BIT.benign) === 0;
        if (isHarmfulAlone) yield firstLines[at] ?? 0;
      }
    },
  };
}

/** 0 for a control. */
function hazardNumber({ hazards: [primary] }: Prompt): number {
  return primary === undefined ? 0 : HAZARD_IDS.indexOf(primary) + 1;
}

function grow<T extends Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
