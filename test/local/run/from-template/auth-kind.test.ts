import type { RouteSpec } from '../../../../local/emulator/websocket-api';
import { authKind } from '../../../../local/run/from-template/auth-kind';

const fn = (name: string, metadata: Record<string, unknown> = {}) => ({
  type: 'AWS::Lambda::Function',
  ref: () => name,
  metadata: (key: string) => metadata[key],
});

const FUNCTIONS = [
  fn('jwt', { 'cdk-streamer:jwt': { issuer: 'https://issuer.example/' } }),
  fn('visitors', { 'cdk-streamer:visitors': true }),
  fn('own'),
];

function kindWith(authorizer: string | undefined): string {
  const route: RouteSpec = {
    functionName: 'router',
    returnResponse: false,
    timeoutMs: 1000,
    ...(authorizer !== undefined && { authorizer: { functionName: authorizer, identitySource: [] } }),
  };
  return authKind({ routes: new Map([['$connect', route]]) }, FUNCTIONS);
}

test.each([
  ['jwt', 'issuer'],
  ['visitors', 'visitor'],
  ['own', 'token'],
  ['of another application', 'token'],
  [undefined, 'none'],
])('with the authorizer %s, a client authenticates with: %s', (authorizer, kind) => {
  expect(kindWith(authorizer)).toBe(kind);
});

test('an API without $connect accepts every client', () => {
  expect(authKind({ routes: new Map() }, FUNCTIONS)).toBe('none');
});
