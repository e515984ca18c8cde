import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { createRandom } from '../core/seeded-random.ts';
import type { Media } from '../media/media.ts';
import type { ClipContext, Perturbation, PlannedPerturbation } from './perturbation.ts';
import { PICTURE_PERTURBATIONS } from './picture-perturbations.ts';
import { VIDEO_PERTURBATIONS, withFrames } from './video-perturbations.ts';

/** Every perturbation of media by its name. */
export const PERTURBATIONS: Readonly<Record<string, Perturbation>> = {
  ...PICTURE_PERTURBATIONS,
  ...VIDEO_PERTURBATIONS,
};

/**
 * Reads `jpeg:30`, or a name alone for its usual strengths; `default` is all of them.
 *
 * @throws SafelightError `perturbation_unknown`, `perturbation_strength`.
 */
export function planPerturbations(names: readonly string[]): PlannedPerturbation[] {
  const planned = names.flatMap((name) =>
    name === 'default' ? Object.keys(PERTURBATIONS).flatMap(planOne) : planOne(name),
  );
  return [...new Map(planned.map((one) => [one.id, one])).values()];
}

function planOne(text: string): PlannedPerturbation[] {
  const [, name = text, value] = /^([^:]+)(?::(.+))?$/.exec(text) ?? [];
  const perturbation = Object.hasOwn(PERTURBATIONS, name) ? PERTURBATIONS[name] : undefined;
  if (perturbation === undefined) {
    throw new SafelightError(`there is no perturbation "${name}"`, {
      code: 'perturbation_unknown',
      kind: 'configuration',
      hint: didYouMean(name, Object.keys(PERTURBATIONS)),
    });
  }
  const { strength } = perturbation;
  if (strength === null) {
    if (value !== undefined) throw strengthInvalid(text, `"${name}" has no strength`);
    return [{ id: name, name, strength: 0, words: '', perturbation }];
  }
  return (value === undefined ? strength.usual : [Number(value)]).map((number) => {
    if (!(number >= strength.min && number <= strength.max)) {
      throw strengthInvalid(text, `${strength.unit} lies in ${strength.min} to ${strength.max}`);
    }
    return {
      id: `${name}:${number}`,
      name,
      strength: number,
      words: `${strength.unit} ${number}`,
      perturbation,
    };
  });
}

function strengthInvalid(text: string, what: string): SafelightError {
  return new SafelightError(`${text}: ${what}`, {
    code: 'perturbation_strength',
    kind: 'configuration',
    hint: 'Such as jpeg:30, or the name alone for its usual strengths.',
  });
}

/**
 * Perturbs a medium in memory. The same seed gives the same pixels.
 *
 * @returns a reason where it does not apply.
 */
export async function perturb(
  media: Media,
  { perturbation, strength, id }: PlannedPerturbation,
  seed: number,
  context: Omit<ClipContext, 'random'>,
): Promise<Media | string> {
  const random = () => createRandom('perturbation', seed, id, media.ref.sha256);
  if (perturbation.on === 'clip') {
    return perturbation.apply(media, strength, { ...context, random: random() });
  }
  if (media.kind === 'image') {
    const image = await perturbation.apply(media.image, strength, random());
    return { ...media, image, bytes: new Uint8Array(0) };
  }
  const frames = [];
  for (const frame of media.frames) {
    context.signal.throwIfAborted();
    frames.push({ ...(await perturbation.apply(frame, strength, random())), timeMs: frame.timeMs });
  }
  return withFrames(media, frames);
}
