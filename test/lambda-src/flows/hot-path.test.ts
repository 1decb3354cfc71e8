import { type Trace, traceRequest } from '../support/traced-request';

/** The shortest path of an async request, from its message to its result. See docs/decisions/hot-path.md. */

let trace: Trace;
beforeAll(async () => {
  trace = await traceRequest();
});

test('an async request makes at most nine AWS calls one after another', () => {
  expect(trace.steps.length).toBeLessThanOrEqual(9);
});

test('the handler of an async request starts after at most four AWS calls', () => {
  expect(trace.beforeStart).toBeLessThanOrEqual(4);
});

test('each step of the path waits for exactly the calls that the guarantees need', () => {
  expect(trace.steps.map((step) => [...step].sort().join(', '))).toEqual([
    'PutItem requests',
    'SendMessageBatch',
    'UpdateItem requests',
    'ChangeMessageVisibility, PutItem events, UpdateItem requests',
    // the handler runs; the marker and its progress are sent to the viewers in the meantime
    'GetItem connections, Query subscriptions, UpdateItem requests',
    'Post event, PutItem events',
    'Post progress, Query subscriptions',
    'Post result',
  ]);
});
