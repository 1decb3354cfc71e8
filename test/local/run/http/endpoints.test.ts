import { Endpoints } from '../../../../local/run/http/endpoints';

describe('with one API', () => {
  const endpoints = new Endpoints('http://127.0.0.1:4000', ['abc123defg']);

  test.each([
    ['https://abc123defg.execute-api.us-east-1.amazonaws.com/v1', 'http://127.0.0.1:4000/v1'],
    ['wss://abc123defg.execute-api.us-east-1.amazonaws.com/v1', 'ws://127.0.0.1:4000/v1'],
    ['https://abc123defg.execute-api.cn-north-1.amazonaws.com.cn/v1', 'http://127.0.0.1:4000/v1'],
    ['{"url":"wss://abc123defg.execute-api.eu-west-1.amazonaws.com/v1"}', '{"url":"ws://127.0.0.1:4000/v1"}'],
    ['https://other.execute-api.us-east-1.amazonaws.com/v1', 'https://other.execute-api.us-east-1.amazonaws.com/v1'],
    [
      'arn:aws:execute-api:us-east-1:000000000000:abc123defg/*',
      'arn:aws:execute-api:us-east-1:000000000000:abc123defg/*',
    ],
  ])('%s is %s', (address, expected) => {
    expect(endpoints.localize(address)).toBe(expected);
  });
});

test('each of several APIs has a separate path', () => {
  const endpoints = new Endpoints('http://127.0.0.1:4000', ['one', 'two']);

  expect(endpoints.localize('wss://two.execute-api.us-east-1.amazonaws.com/v1')).toBe('ws://127.0.0.1:4000/two/v1');
  expect(endpoints.webSocketUrl('one', 'v1')).toBe('ws://127.0.0.1:4000/one/v1');
  expect(endpoints.apiPath('one')).toBe('/one');
});

test('addresses on domains of the user lead to the stages that are mapped to them', () => {
  const endpoints = new Endpoints(
    'http://127.0.0.1:4000',
    ['a'],
    [
      { address: 'ws.example.com', apiId: 'a', stage: 'v1' },
      { address: 'ws.example.com/live', apiId: 'a', stage: 'v2' },
    ],
  );
  const local = (text: string) => endpoints.localize(text);

  expect(local('wss://ws.example.com')).toBe('ws://127.0.0.1:4000/v1');
  expect(local('wss://ws.example.com/live')).toBe('ws://127.0.0.1:4000/v2');
  expect(local('https://ws.example.com/live/@connections/x')).toBe('http://127.0.0.1:4000/v2/@connections/x');
  expect(local('{"url":"wss://ws.example.com"}')).toBe('{"url":"ws://127.0.0.1:4000/v1"}');
  for (const other of ['wss://ws.example.com.evil.org', 'wss://ws-example.com', 'wss://ws.example.com:8443']) {
    expect(local(other)).toBe(other);
  }
});
