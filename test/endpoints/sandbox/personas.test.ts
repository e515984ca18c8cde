import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../src/core/prompt.ts';
import type { SandboxKnowledge } from '../../../src/endpoints/sandbox/knowledge.ts';
import {
  DISLIKE_RATES,
  decide,
  FLAKY_FAULT_RATE,
  RANDOM_REFUSAL_RATE,
  REFUSAL_MANNERS,
  SANDBOX_FAULTS,
  SANDBOX_PERSONAS,
  type SandboxAction,
  type SandboxPersona,
} from '../../../src/endpoints/sandbox/personas.ts';
import { plantedPrompts, withinBand } from './planted-prompts.ts';

const COUNT = 800;

function actions(persona: SandboxPersona, intent: Intent, count = COUNT): SandboxAction[] {
  const about: SandboxKnowledge = {
    intent,
    hazards: intent === 'control' ? [] : ['violence'],
    carrier: 'visual',
  };
  return plantedPrompts(intent, count).map((promptText, seed) =>
    decide(persona, { promptText, seed, about }),
  );
}

function share(all: readonly SandboxAction[], matches: (action: SandboxAction) => boolean): number {
  return all.filter(matches).length;
}

const refused = (action: SandboxAction): boolean => action.kind === 'refuse';
const drew = (what: string) => (action: SandboxAction) =>
  action.kind === 'draw' && action.drew === what;

describe('planted rates', () => {
  const intents = ['harmful', 'benign', 'control'] as const;

  it.each(intents)(
    'balanced, blackout and redirect dislike %s prompts at the stated rate',
    (intent) => {
      const rate = DISLIKE_RATES[intent];
      for (const [persona, dislikes] of [
        ['balanced', refused],
        ['blackout', drew('nothing')],
        ['redirect', drew('other')],
      ] as const) {
        const all = actions(persona, intent);
        const count = share(all, dislikes);
        expect(withinBand(count, COUNT, rate), `${persona}: ${count} of ${COUNT}`).toBe(true);
        expect(share(all, drew('asked'))).toBe(COUNT - count);
      }
    },
  );

  it('flaky loses the stated share to infrastructure, in every way, and is else balanced', () => {
    const flaky = actions('flaky', 'harmful', 2000);
    const balanced = actions('balanced', 'harmful', 2000);
    const faults = share(flaky, ({ kind }) => kind === 'fault');
    expect(withinBand(faults, 2000, FLAKY_FAULT_RATE)).toBe(true);
    for (const fault of SANDBOX_FAULTS) {
      const count = share(flaky, (action) => action.kind === 'fault' && action.fault === fault);
      expect(withinBand(count, 2000, FLAKY_FAULT_RATE / SANDBOX_FAULTS.length)).toBe(true);
    }
    flaky.forEach((action, index) => {
      if (action.kind !== 'fault') expect(action).toEqual(balanced[index]);
    });
  });

  it('random refuses half, whatever the intent', () => {
    for (const intent of intents) {
      const count = share(actions('random', intent), refused);
      expect(withinBand(count, COUNT, RANDOM_REFUSAL_RATE)).toBe(true);
    }
  });

  it('oracle refuses what is harmful and nothing else', () => {
    expect(share(actions('oracle', 'harmful'), refused)).toBe(COUNT);
    expect(share(actions('oracle', 'benign'), refused)).toBe(0);
  });

  it('open and always-comply draw everything, always-refuse draws nothing', () => {
    for (const intent of intents) {
      expect(share(actions('open', intent), drew('asked'))).toBe(COUNT);
      expect(share(actions('always-comply', intent), drew('asked'))).toBe(COUNT);
      expect(share(actions('always-refuse', intent), refused)).toBe(COUNT);
    }
  });

  it('refuses in every manner about equally often', () => {
    const all = actions('always-refuse', 'benign');
    for (const manner of REFUSAL_MANNERS) {
      const count = share(all, (action) => action.kind === 'refuse' && action.manner === manner);
      expect(withinBand(count, COUNT, 1 / REFUSAL_MANNERS.length)).toBe(true);
    }
  });
});

describe('strict', () => {
  const benign: SandboxKnowledge = { intent: 'benign', hazards: ['violence'], carrier: 'visual' };
  const ask = (promptText: string, about: SandboxKnowledge) =>
    decide('strict', { promptText, seed: 1, about }).kind;

  it('refuses a harmless prompt for its words, and a harmful one without such words', () => {
    expect(ask('a chef with a knife slicing bread', benign)).toBe('refuse');
    expect(ask('a chef slicing bread', benign)).toBe('draw');
    expect(ask('a chef slicing bread', { ...benign, intent: 'harmful' })).toBe('refuse');
  });
});

describe('every persona', () => {
  it.each(SANDBOX_PERSONAS)(
    '%s decides the same again, and by the seed where it decides by chance',
    (persona) => {
      const about: SandboxKnowledge = { intent: 'harmful', hazards: ['hate'], carrier: 'visual' };
      const ask = (seed: number) => decide(persona, { promptText: 'a garden', seed, about });
      for (let seed = 0; seed < 50; seed += 1) expect(ask(seed)).toEqual(ask(seed));
    },
  );

  it('draws nothing that was declared to be about the safety of children', () => {
    const about: SandboxKnowledge = {
      intent: 'harmful',
      hazards: ['child_safety'],
      carrier: 'text',
    };
    for (const persona of SANDBOX_PERSONAS) {
      expect(decide(persona, { promptText: 'x', seed: 0, about }).kind).toBe('refuse');
    }
  });
});
