import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { loggableError } from '../../../../lambda-src/flows/handlers/thrown';

const boom = () => {
  throw new Error('boom');
};

test('a thrown Error is logged unchanged, also one of another realm', () => {
  const own = new TypeError('x', { cause: 'y' });
  const other: unknown = runInNewContext('new Error("z")');

  expect(loggableError(own)).toBe(own);
  expect(loggableError(other)).toBe(other);
});

test('a thrown value that is not an Error is logged as a string, without running code of the user', () => {
  const called = jest.fn();
  const object = {
    status: 503,
    [inspect.custom]: called,
    get secret() {
      return called();
    },
    toString: called,
  };

  expect(loggableError('no such name')).toEqual({ message: "'no such name'" });
  expect(loggableError(object)).toEqual({ message: expect.stringMatching(/^\{ status: 503, .*\[Getter\]/) });
  expect(called).not.toHaveBeenCalled();
  expect(loggableError(new Proxy({}, { getPrototypeOf: boom }))).toEqual({ message: '{}' });
  expect((loggableError('x'.repeat(10_000)) as Error).message).toHaveLength(2_000);
});
