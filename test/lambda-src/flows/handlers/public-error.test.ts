import { logHidden } from '../../../../lambda-src/flows/handlers/public-error';
import { HandlerError } from '../../../../lambda-src/handler';
import { StreamerError } from '../../../../lambda-src/protocol';
import { Bench } from '../../support/bench';

const linesOf = (thrown: unknown) => {
  const { log, lines } = new Bench();
  logHidden(log, 'it failed', thrown);
  return lines;
};

test.each([
  new Error('secret'),
  'text',
  undefined,
  null,
  new HandlerError('X', 'x', { cause: 'a cause' }),
])('a failure of which a client is not shown all is logged: %p', (thrown) => {
  expect(linesOf(thrown)).toEqual([{ level: 'error', message: 'it failed', fields: { error: thrown } }]);
});

test.each([
  new StreamerError('X', 'x'),
  new HandlerError('X', 'x', { details: { n: 1 } }),
])('an error that is shown whole is not logged: %p', (thrown) => {
  expect(linesOf(thrown)).toEqual([]);
});

test('a cause that cannot be read is logged as one', () => {
  const thrown = Object.defineProperty(new HandlerError('X', 'x'), 'cause', {
    get: () => {
      throw new Error('no');
    },
  });

  expect(linesOf(thrown)).toHaveLength(1);
});
