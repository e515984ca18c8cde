export interface LabelAnchor {
  /** Pixels from the upper left of the frame. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface PlacedLabel {
  /** Middle of the label. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Whether it stands so far away that a line should lead to it. */
  readonly leader: boolean;
}

/** A thing that labels should not cover, in the pixels of the frame. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const ANGLES = [-0.25, 0.25, -0.75, 0.75, -0.5, 0.5, 0, 1, -0.12, 0.12, -0.38, 0.38];
const DISTANCES_PX = [14, 26, 40, 56, 74, 96];

/**
 * Puts each label beside its point where it covers no other label and no point, in the given
 * order: nearest free place first, else the one that covers least.
 */
export function placeLabels(
  anchors: readonly LabelAnchor[],
  frame: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly fontPx: number;
    /** Lines of the drawing: avoided, but rather crossed than another label. */
    readonly obstacles: readonly Rectangle[];
  },
): PlacedLabel[] {
  const taken: Rectangle[] = anchors.map(({ x, y }) => around(x, y, 7, 7));
  return anchors.map((anchor) => {
    // Without a browser the width can only be estimated; bold system fonts run to 0.6 em.
    const halfWidth = (Array.from(anchor.text).length * frame.fontPx * 0.6) / 2 + 3;
    const halfHeight = frame.fontPx / 2 + 2;
    let best: { cost: number; x: number; y: number; distance: number } | undefined;
    for (const distance of DISTANCES_PX) {
      for (const angle of ANGLES) {
        const radians = angle * Math.PI;
        const aside = Math.cos(radians);
        const side = Math.abs(aside) < 0.3 ? aside : Math.sign(aside);
        const x = anchor.x + aside * distance + side * halfWidth;
        const y = anchor.y + Math.sin(radians) * (distance + halfHeight - 6);
        const box = around(x, y, halfWidth, halfHeight);
        const outside =
          box.left < 0 || box.top < 0 || box.right > frame.widthPx || box.bottom > frame.heightPx;
        const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
        const crossed = frame.obstacles.reduce((sum, line) => sum + overlap(box, line) / 4, 0);
        const cost = covered + crossed + distance + (outside ? 1e6 : 0);
        if (best === undefined || cost < best.cost) best = { cost, x, y, distance };
      }
    }
    const place = best ?? { x: anchor.x, y: anchor.y, distance: 0 };
    taken.push(around(place.x, place.y, halfWidth, halfHeight));
    return { x: place.x, y: place.y, text: anchor.text, leader: place.distance > 20 };
  });
}

function around(x: number, y: number, halfWidth: number, halfHeight: number): Rectangle {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

/** Square pixels that two rectangles share, weighted so that any overlap costs more than distance. */
function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? 200 + width * height : 0;
}
