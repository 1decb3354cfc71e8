import {
  functionRun,
  NamesInEnvironment,
  NamesInFunction,
  type Reply,
} from '../../../../lambda-src/flows/handlers/invoked-function';
import { type Action, route } from '../../../../lambda-src/flows/requests/route';
import { ALICE, Bench } from '../../support/bench';

/** Tests names of functions that are known only at deployment. They may come late, be outdated or be missing. */

const SYNC_MS = 5_000;
let bench: Bench;
/** Answers of the functions by name. The function `names` returns the names. */
let answers: Record<string, (signal: AbortSignal) => Reply | Promise<Reply>>;
let invoked: string[];

const returned = (value: unknown): Reply => ({ kind: 'returned', body: JSON.stringify(value) });
const refused: Reply = { kind: 'refused', cause: new Error('Lambda answered 404') };
const functions = {
  invoke: async (name: string, _payload: string, signal: AbortSignal) => {
    invoked.push(name);
    return answers[name](signal);
  },
};

beforeEach(async () => {
  bench = new Bench();
  invoked = [];
  answers = { names: () => returned({ quote: 'quote-1' }), 'quote-1': () => returned(5), 'quote-2': () => returned(6) };
  await bench.connect(ALICE);
});
afterEach(() => expect(bench.platform.sleeping).toBe(0));

/** Creates a router's process, which sends requests one after another. */
function router(names: Pick<NamesInFunction, 'nameOf'>) {
  const functionName = (signal: AbortSignal, refusedName?: string) => names.nameOf('quote', signal, refusedName);
  const run = functionRun({ functions, platform: bench.platform }, { functionName, timeoutMs: SYNC_MS, async: false });
  const actions = new Map<string, Action>([['quote', { kind: 'sync', run }]]);
  const message = JSON.stringify({ type: 'request', id: 'r1', action: 'quote' });
  return () => route({ ...bench.deps, actions, syncTimeoutMs: SYNC_MS }, ALICE, message);
}
const inFunction = () => router(new NamesInFunction(functions, 'names'));
const result = (value: unknown) => ({ type: 'response', id: 'r1', result: value });
const error = (more: object) => ({ type: 'error', error: more });

describe('names that a function returns', () => {
  test('names of a function are read at the first request and kept', async () => {
    const send = inFunction();
    expect([await send(), await send()]).toEqual([result(5), result(5)]);
    expect(invoked).toEqual(['names', 'quote-1', 'quote-1']);
  });

  test('if a deployment has replaced the function, its name is read again, and the request is answered', async () => {
    const send = inFunction();
    await send();
    answers.names = () => returned({ quote: 'quote-2' });
    answers['quote-1'] = () => refused;
    expect([await send(), await send()]).toEqual([result(6), result(6)]);
    expect(invoked.slice(2)).toEqual(['quote-1', 'names', 'quote-2', 'quote-2']);
  });

  test('a name that is still the same is not invoked twice', async () => {
    answers['quote-1'] = () => refused;
    expect(await inFunction()()).toMatchObject(error({ code: 'UNAVAILABLE', retryable: false }));
    expect(invoked).toEqual(['names', 'quote-1', 'names']);
  });

  test.each<[string, Reply, string]>([
    ['throttled', { kind: 'throttled' }, 'the function that returns the names was throttled'],
    ['refused', refused, 'Lambda answered 404'],
    ['unreachable', { kind: 'unreachable', cause: new Error('socket hang up') }, 'socket hang up'],
    [
      'failed',
      { kind: 'failed', error: { errorType: 'Error', errorMessage: 'crash' } },
      'the function that returns the names failed: Error: crash',
    ],
  ])('names that cannot be read fail the request, which did not run and may be repeated: %s', async (_, reply, cause) => {
    answers.names = () => reply;
    const send = inFunction();
    expect(await send()).toMatchObject(
      error({
        code: 'UNAVAILABLE',
        message: 'The action did not run: the name of its function could not be read.',
        retryable: true,
        retryAfter: 1,
      }),
    );
    expect(bench.lines).toMatchObject([{ fields: { error: { cause: { message: cause } } } }]);
    expect(invoked).toEqual(['names']);
    answers.names = () => returned({ quote: 'quote-1' });
    expect(await send()).toEqual(result(5));
  });

  test('if the names arrive too late, the request fails with TIMEOUT', async () => {
    answers.names = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const late = inFunction()();
    await bench.platform.advance(SYNC_MS);
    expect(await late).toMatchObject(error({ code: 'TIMEOUT' }));
  });

  test("if the returned names lack an action, the action's requests fail", async () => {
    answers.names = () => returned({ other: 'other-1' });
    expect(await inFunction()()).toMatchObject(error({ code: 'HANDLER_ERROR' }));
    const message = 'no function name is configured for the action quote';
    expect(bench.lines).toMatchObject([{ fields: { error: { message } } }]);
  });
});

describe('names in the environment', () => {
  test('names in the environment are read once, at the first request', async () => {
    const read = jest.fn(() => ({ quote: 'quote-1' }));
    const send = router(new NamesInEnvironment(read));
    expect(read).not.toHaveBeenCalled();
    expect([await send(), await send()]).toEqual([result(5), result(5)]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('names that are missing fail the requests of their action only', async () => {
    const send = router(new NamesInEnvironment(() => ({})));
    expect(await send()).toMatchObject(error({ code: 'HANDLER_ERROR' }));
  });

  test('a name in the environment that Lambda refuses is not invoked twice', async () => {
    answers['quote-1'] = () => refused;
    const send = router(new NamesInEnvironment(() => ({ quote: 'quote-1' })));
    expect(await send()).toMatchObject(error({ code: 'UNAVAILABLE', retryable: false }));
    expect(invoked).toEqual(['quote-1']);
  });
});
