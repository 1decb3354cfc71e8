const { STREAMER_SEED = '1' } = process.env;

/**
 * Seed of all random input of the tests: the seed of each property, and the first seed of a simulation.
 *
 * It is fixed, so that only a change of the code changes the result of a test. `npm run test:long` draws another seed each time and prints it.
 */
export const SEED = Number(STREAMER_SEED);
if (!Number.isInteger(SEED) || SEED < 0 || SEED >= 2 ** 32) {
  throw new Error(`STREAMER_SEED must be an integer from 0 to 2^32 - 1, not '${STREAMER_SEED}'`);
}
