import { errorOutcome, isTerminal } from '../../../lambda-src/core/request';
import { CONSTANTS } from '../../../lambda-src/protocol';

test("the terminal states are the protocol's", () => {
  expect(CONSTANTS.statuses.filter((status) => isTerminal(status as never))).toEqual(CONSTANTS.terminalStatuses);
});

test('an error is kept as text: its details may be JSON that a table does not take', () => {
  const error = { code: 'E', message: 'm', retryable: false, details: { '': [null] } };
  expect(errorOutcome(error)).toEqual({ kind: 'error', error: JSON.stringify(error) });
});
