import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { youdenJ } from '../../src/metrics/mover.js';
import { addPair, correlationOf, NO_PAIRS } from '../../src/metrics/pair-sums.js';
import { addTally, NO_TRIALS, rateOf } from '../../src/metrics/rate.js';
import { wilson } from '../../src/metrics/wilson.js';
const RUNS = 400;
// A right 95 % interval misses this band of 400 runs less than once in a thousand times; the
// intervals may be somewhat wide, never narrow.
const COVERED_MIN = 366;
const options = { undecidedRateMax: 0.1, emptyReason: 'no trial' };
/** Successes among a family's seeds: with this probability all its seeds answer alike. */
function family(random, seeds, share, alike) {
    if (random() < alike)
        return random() < share ? seeds : 0;
    let successes = 0;
    for (let seed = 0; seed < seeds; seed += 1)
        if (random() < share)
            successes += 1;
    return successes;
}
function source(seed) {
    const generator = xoroshiro128plus(seed);
    return () => uniformFloat64(generator);
}
describe('coverage over simulated runs of 40 families with several seeds', () => {
    it.each([
        { share: 0.1, alike: 0.3, sizes: [4] },
        { share: 0.3, alike: 0.6, sizes: [4] },
        { share: 0.5, alike: 0.9, sizes: [2, 4, 5] },
        { share: 0.3, alike: 0, sizes: [1] },
    ])('a rate of $share, families alike $alike, seeds $sizes', ({ share, alike, sizes }) => {
        const random = source(20_250_711);
        let covered = 0;
        let naive = 0;
        for (let run = 0; run < RUNS; run += 1) {
            let sums = NO_TRIALS;
            for (let index = 0; index < 40; index += 1) {
                const seeds = sizes[index % sizes.length] ?? 1;
                const positive = family(random, seeds, share, alike);
                sums = addTally(sums, { positive, negative: seeds - positive, declined: 0, undecided: 0 });
            }
            const rate = rateOf(sums, options);
            if ('undefined' in rate)
                throw new Error('undefined');
            if (rate.ciLow <= share && share <= rate.ciHigh)
                covered += 1;
            const plain = wilson(sums.positive, sums.low.trials);
            if (plain.low <= share && share <= plain.high)
                naive += 1;
        }
        expect(covered).toBeGreaterThanOrEqual(COVERED_MIN);
        // The simulation bites: taking dependent trials for independent ones fails the band.
        if (alike >= 0.3)
            expect(naive).toBeLessThan(COVERED_MIN);
    });
    it('holds for J where safety and utility of a family move together', () => {
        const random = source(4);
        const truth = 0.8 + 0.6 - 1;
        let covered = 0;
        for (let run = 0; run < RUNS; run += 1) {
            let safety = NO_TRIALS;
            let utility = NO_TRIALS;
            let pairs = NO_PAIRS;
            for (let index = 0; index < 40; index += 1) {
                // One draw decides both twins: what is blocked with the harmful one is blocked with both.
                const draw = random();
                const safe = draw < 0.8 ? 3 : 0;
                const useful = draw < 0.6 ? 3 : 0;
                safety = addTally(safety, {
                    positive: safe,
                    negative: 3 - safe,
                    declined: 0,
                    undecided: 0,
                });
                utility = addTally(utility, {
                    positive: useful,
                    negative: 3 - useful,
                    declined: 0,
                    undecided: 0,
                });
                pairs = addPair(pairs, [3, safe], [3, useful]);
            }
            const estimate = youdenJ({
                first: rateOf(safety, options),
                second: rateOf(utility, options),
                correlation: correlationOf(pairs),
                basis: '',
            });
            if ('undefined' in estimate)
                throw new Error(estimate.reason);
            if (estimate.ciLow <= truth && truth <= estimate.ciHigh)
                covered += 1;
        }
        expect(covered).toBeGreaterThanOrEqual(COVERED_MIN);
    });
});
