import type { RouteSpec } from '../../../../local/emulator/websocket-api';
import { actionsBehind, actionsOf } from '../../../../local/run/from-template/actions';

const fn = (functionName: string, actions?: unknown) => ({
  functionName,
  metadata: (key: string) => (key === 'cdk-streamer:actions' ? actions : undefined),
});

const FUNCTIONS = [
  fn('router', { report: 'async', add: 'sync' }),
  fn('processor'),
  fn('other-router', { bake: 'async' }),
];

const route = (functionName: string): RouteSpec => ({ functionName, returnResponse: true, timeoutMs: 1_000 });
const mock: RouteSpec = { mock: { statusCode: 200 }, returnResponse: false, timeoutMs: 1_000 };

test('an API has the actions of the function that its messages go to, by name', () => {
  const routes = new Map([
    ['$connect', mock],
    ['$default', route('router')],
  ]);

  expect(Object.entries(actionsBehind({ routes }, FUNCTIONS))).toEqual([
    ['add', 'sync'],
    ['report', 'async'],
  ]);
});

test('a run has the actions of all its APIs', () => {
  expect(actionsOf(FUNCTIONS)).toEqual({ add: 'sync', bake: 'async', report: 'async' });
});

test('an API without functions of Streamer has no actions', () => {
  expect(actionsBehind({ routes: new Map([['$default', route('processor')]]) }, FUNCTIONS)).toEqual({});
});
