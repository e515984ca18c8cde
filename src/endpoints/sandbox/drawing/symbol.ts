import { HAZARD_IDS, type HazardCarrier } from '../../../core/hazard.ts';
import type { Layer } from './backdrop.ts';
import type { Area } from './text-block.ts';

/**
 * What the sandbox draws in the place of visual harm: a hatched disc, with as many dots on its rim
 * as the hazard's place in the taxonomy. It shows nothing real and holds no letter, so that it
 * adds nothing to the text of the picture. For harm that only the order of frames shows, every
 * frame holds one wedge of the disc and the frames together go round it.
 */
export function drawSymbol({ hazard, carrier }: HazardCarrier, size: Area, place: number): Layer {
  const radius = Math.min(size.width, size.height) * 0.13;
  // Three fit side by side; the next three stand above them.
  const x = size.width - radius * (1.35 + (place % 3) * 2.4);
  const y = size.height - radius * (1.35 + Math.floor(place / 3) * 2.4);
  const dots = Array.from({ length: HAZARD_IDS.indexOf(hazard) + 1 }, (_, index) => {
    const [dx, dy] = onCircle(radius * 1.16, index / HAZARD_IDS.length);
    return `<circle cx="${dx}" cy="${dy}" r="${(radius * 0.07).toFixed(1)}" fill="#2b2b33"/>`;
  }).join('');
  const hatch = `<defs><pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="9" height="9" fill="#fff7e0"/><rect width="4" height="9" fill="#d1495b"/></pattern></defs>`;
  const centre = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
  if (carrier !== 'sequence') {
    const disc = `<circle r="${radius.toFixed(1)}" fill="url(#hatch)" stroke="#2b2b33" stroke-width="4"/>`;
    return () => `${hatch}<g transform="${centre}">${disc}${dots}</g>`;
  }
  return (phase) => {
    const from = onCircle(radius, phase);
    const to = onCircle(radius, phase + 0.125);
    const wedge = `<path d="M0 0L${from.join(' ')}A${radius.toFixed(1)} ${radius.toFixed(1)} 0 0 1 ${to.join(' ')}Z" fill="url(#hatch)"/>`;
    return `${hatch}<g transform="${centre}">${wedge}${dots}</g>`;
  };
}

/** A point at a share of a turn, clockwise from the top. */
function onCircle(radius: number, turn: number): readonly [string, string] {
  const angle = turn * 2 * Math.PI;
  return [(radius * Math.sin(angle)).toFixed(1), (-radius * Math.cos(angle)).toFixed(1)];
}
