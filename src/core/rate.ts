/** A share of trials. Every number is in 0–1 and unrounded. */
export type Rate = PointRate | BoundedRate | UndefinedRate;

export interface PointRate {
  readonly numerator: number;
  readonly denominator: number;
  readonly rate: number;
  /** 95 %: from the lower limit of `boundLow` to the upper limit of `boundHigh`. */
  readonly ciLow: number;
  readonly ciHigh: number;
  /** As if everything undecided were negative. */
  readonly boundLow: number;
  /** As if everything undecided were positive. */
  readonly boundHigh: number;
  /** Such as `wilson`, or `wilson (n_eff)` where trials of a family depend on each other. */
  readonly method: string;
  /** Where simulation shows that such an interval may not cover as it says. */
  readonly warnings?: readonly string[];
}

/** Too much is undecided for a point value. */
export interface BoundedRate {
  readonly bounded: true;
  readonly numerator: number;
  readonly denominator: number;
  readonly boundLow: number;
  readonly boundHigh: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly reason: string;
}

/** The denominator vanishes: there is no rate, and it is not 0. */
export interface UndefinedRate {
  readonly undefined: true;
  readonly reason: string;
}

/** A number that is not a share, with its 95 % interval. */
export type Estimate =
  | {
      readonly value: number;
      readonly ciLow: number;
      readonly ciHigh: number;
      readonly method: string;
    }
  | UndefinedRate;

export function isPointRate(rate: Rate): rate is PointRate {
  return !('undefined' in rate) && !('bounded' in rate);
}
