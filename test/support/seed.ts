const { STREAMER_SEED = '1' } = process.env;

/**
 * Start of all random input of the tests: the seed of each property, and the first of the seeds of a simulation.
 *
 * It is fixed, so that a change passes or fails for its own sake. `npm run test:long` chooses another one each time and prints it.
 */
export const SEED = Number(STREAMER_SEED);
if (!Number.isInteger(SEED) || SEED < 0 || SEED >= 2 ** 32) {
  throw new Error(`STREAMER_SEED must be an integer from 0 to 2^32 - 1, not '${STREAMER_SEED}'`);
}
