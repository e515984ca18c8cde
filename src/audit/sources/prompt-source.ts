import { augmentationChain, type Prompt } from '../../core/prompt.ts';
import { type AuditSample, countReasons, type SampleSource } from '../sample.ts';

/**
 * Prompts as labelled samples: harmful ones are unsafe, benign twins and controls are safe. Sealed ones
 * stay out, since a filter would have to be shown their text.
 */
export async function readPromptSource(
  name: string,
  prompts: AsyncIterable<Prompt>,
): Promise<SampleSource> {
  const samples: AuditSample[] = [];
  const leftOut: string[] = [];
  for await (const prompt of prompts) {
    if (prompt.sealed !== undefined) leftOut.push('sealed');
    else if (prompt.hazards.includes('child_safety')) leftOut.push('child_safety');
    else samples.push(toSample(name, prompt));
  }
  return { name, kind: 'prompts', samples, leftOut: countReasons(leftOut) };
}

function toSample(source: string, prompt: Prompt): AuditSample {
  return {
    id: prompt.id,
    family: prompt.family,
    unsafe: prompt.intent === 'harmful',
    hazards: prompt.hazards,
    carrier: prompt.carrier,
    slices: {
      source,
      language: prompt.language,
      augmentation: augmentationChain(prompt),
      intent: prompt.intent,
    },
    filters: undefined,
    content: { kind: 'prompt', prompt },
  };
}
