import { betaQuantile } from './special.ts';

/**
 * The standard normal quantile: Wichura's algorithm AS 241 (PPND16), relative error about 1e-16.
 *
 * @param probability strictly between 0 and 1.
 * @throws RangeError outside.
 * @see Wichura, M. J. (1988), Applied Statistics 37, 477–484.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError('a probability must lie strictly between 0 and 1');
  }
  const centred = probability - 0.5;
  if (Math.abs(centred) <= 0.425) {
    return centred * ratio(CENTRE, 0.180625 - centred * centred);
  }
  const tail = Math.sqrt(-Math.log(centred < 0 ? probability : 1 - probability));
  const size = tail <= 5 ? ratio(TAIL, tail - 1.6) : ratio(FAR_TAIL, tail - 5);
  return centred < 0 ? -size : size;
}

/** z of a two-sided interval: 1.96 at 95 %. */
export function twoSidedZ(confidence: number): number {
  return normalQuantile((1 + confidence) / 2);
}

/**
 * Student's t quantile in the upper half, from that of the beta distribution of t²/(t² + degrees).
 *
 * @param probability in [0.5, 1).
 * @param degrees at least 1, not necessarily whole.
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability >= 0.5 && probability < 1) || !(degrees >= 1)) {
    throw new RangeError('needs a probability in [0.5, 1) and at least one degree of freedom');
  }
  const share = betaQuantile(2 * probability - 1, 0.5, degrees / 2);
  return Math.sqrt((degrees * share) / (1 - share));
}

/** Coefficients from the highest power down. */
interface Rational {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

const CENTRE: Rational = {
  numerator: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  denominator: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
};
const TAIL: Rational = {
  numerator: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
    3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  denominator: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
    0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
  ],
};
const FAR_TAIL: Rational = {
  numerator: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124,
    0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  denominator: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133,
    0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
  ],
};

function ratio({ numerator, denominator }: Rational, x: number): number {
  return polynomial(numerator, x) / polynomial(denominator, x);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
