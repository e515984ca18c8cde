import fc from 'fast-check';

/**
 * Properties with the same examples in every run, so that no change is turned down by luck.
 * `SAFELIGHT_TEST_SEED=random` looks for new ones.
 */
const { SAFELIGHT_TEST_SEED: seed = '20261126' } = process.env;
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });

export default fc;
