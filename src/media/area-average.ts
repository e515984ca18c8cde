/** One value a pixel, row-major, length `widthPx * heightPx`. Sums over them are made in float64. */
export interface Plane {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly values: Float32Array;
}

/**
 * Scales a plane down (or up) by averaging over areas: every source pixel counts by the share of it
 * that lies in the target pixel, so that nothing is skipped and nothing aliases.
 */
export function averageAreas(plane: Plane, widthPx: number, heightPx: number): Plane {
  const across = averageRows(plane.values, plane.widthPx, plane.heightPx, widthPx);
  // The same once more over columns, by way of a transposed plane.
  const turned = transpose(across, widthPx, plane.heightPx);
  const both = averageRows(turned, plane.heightPx, widthPx, heightPx);
  return { widthPx, heightPx, values: transpose(both, heightPx, widthPx) };
}

function averageRows(
  values: Float32Array,
  length: number,
  rows: number,
  targetLength: number,
): Float32Array {
  if (length === targetLength) return values;
  const result = new Float32Array(rows * targetLength);
  const step = length / targetLength;
  for (let row = 0; row < rows; row++) {
    for (let target = 0; target < targetLength; target++) {
      const from = target * step;
      const to = Math.min(length, from + step);
      const first = Math.floor(from);
      const last = Math.min(length, Math.ceil(to)) - 1;
      let sum = 0;
      for (let k = first; k <= last; k++) {
        const share = Math.min(k + 1, to) - Math.max(k, from);
        sum += share * (values[row * length + k] ?? 0);
      }
      result[row * targetLength + target] = sum / (to - from);
    }
  }
  return result;
}

function transpose(values: Float32Array, widthPx: number, heightPx: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) result[x * heightPx + y] = values[y * widthPx + x] ?? 0;
  }
  return result;
}
