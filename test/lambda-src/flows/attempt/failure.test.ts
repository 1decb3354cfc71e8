import { failureOf } from '../../../../lambda-src/flows/attempt/failure';
import { FatalError, HandlerError, RetryableError, type RetryIf } from '../../../../lambda-src/handler';
import { StreamerError } from '../../../../lambda-src/protocol';
import { Bench } from '../../support/bench';

const REQUEST = { id: 'r1', action: 'report', attempt: 2, run: 1, slice: 1, createdAt: 1, deadline: 2 };
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const failure = async (thrown: unknown, retryIf?: RetryIf) => {
  const asked = retryIf && (async (...args: Parameters<RetryIf>) => retryIf(...args));
  const { error, isAnswer } = await failureOf(bench.log, thrown, REQUEST, asked);
  return { ...error.toWire(), isAnswer };
};

test.each<[string, unknown, object]>([
  ['a FatalError', new FatalError('NO_DATA', 'None.'), { code: 'NO_DATA', retryable: false, isAnswer: true }],
  ['a HandlerError', new HandlerError('NO_DATA', 'None.'), { code: 'NO_DATA', retryable: false, isAnswer: true }],
  [
    'a RetryableError',
    new RetryableError('BUSY', 'Later.', { retryAfter: 7, details: { queue: 3 } }),
    { code: 'BUSY', message: 'Later.', retryable: true, retryAfter: 7, details: { queue: 3 }, isAnswer: true },
  ],
  ['any other error', new Error('secret'), { code: 'HANDLER_ERROR', retryable: true, isAnswer: false }],
  [
    'an input that its schema refuses',
    new StreamerError('INVALID_INPUT', 'Not valid.'),
    { code: 'INVALID_INPUT', retryable: false, isAnswer: true },
  ],
  [
    'a result that cannot be stored',
    new StreamerError('RESULT_TOO_LARGE', 'Too large.'),
    { code: 'RESULT_TOO_LARGE', retryable: false, isAnswer: false },
  ],
])('%s is classified for the client and for operators', async (_, thrown, expected) => {
  expect(await failure(thrown)).toMatchObject(expected);
});

test.each<[string, unknown, boolean | undefined, object]>([
  ['another error is final', new TypeError('x'), false, { code: 'HANDLER_ERROR', retryable: false, isAnswer: false }],
  ['another error is retried', new TypeError('x'), true, { retryable: true }],
  ['another error has the default', new TypeError('x'), undefined, { retryable: true }],
  ['a final error of the handler is retried', new FatalError('NO', 'No.'), true, { code: 'NO', retryable: true }],
  [
    'a retryable one is final',
    new RetryableError('BUSY', 'b'),
    false,
    { code: 'BUSY', retryable: false, isAnswer: true },
  ],
])('by `retryIf`, %s', async (_, thrown, answer, expected) => {
  const asked: unknown[] = [];
  const retryIf: RetryIf = (...args) => {
    asked.push(args);
    return answer;
  };
  expect(await failure(thrown, retryIf)).toMatchObject(expected);
  expect(asked).toEqual([[thrown, REQUEST]]);
});

test('`retryIf` is not called about an error of the runtime itself', async () => {
  const never: RetryIf = () => {
    throw new Error('not to be called');
  };
  expect(await failure(new StreamerError('HANDLER_NOT_LOADED', 'x', { retryable: true }), never)).toMatchObject({
    retryable: true,
  });
  expect(bench.lines).toEqual([]);
});

test('a `retryIf` that throws changes nothing and is logged', async () => {
  const retryIf: RetryIf = () => {
    throw new Error('a mistake');
  };
  expect(await failure(new FatalError('NO', 'No.'), retryIf)).toMatchObject({ code: 'NO', retryable: false });
  expect(bench.lines).toMatchObject([{ level: 'warn', fields: { error: { message: 'a mistake' } } }]);
});

test('a `retryIf` that returns another value changes nothing and is logged', async () => {
  const retryIf = (() => 'yes') as unknown as RetryIf;
  expect(await failure(new FatalError('NO', 'No.'), retryIf)).toMatchObject({ retryable: false });
  expect(bench.lines).toMatchObject([{ level: 'warn', fields: { returned: 'string' } }]);
});

test('an error with the code of a cancellation is shown as an error of the handler', async () => {
  expect(await failure(new FatalError('CANCELLED', 'Mine.'))).toMatchObject({
    code: 'HANDLER_ERROR',
    message: 'Mine.',
  });
});
