import { errorOutcome, isTerminal } from '../../../lambda-src/core/request';
import { CONSTANTS } from '../../../lambda-src/protocol';

test("the terminal states are the protocol's", () => {
  expect(CONSTANTS.statuses.filter((status) => isTerminal(status as never))).toEqual(CONSTANTS.terminalStatuses);
});

test('an error is stored as a string, because its details may contain JSON that a table cannot store', () => {
  const error = { code: 'E', message: 'm', retryable: false, details: { '': [null] } };
  expect(errorOutcome(error)).toEqual({ kind: 'error', error: JSON.stringify(error) });
});
