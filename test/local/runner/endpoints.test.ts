import { Endpoints } from '../../../local/runner/endpoints';

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

test('several APIs are each below a path of their own', () => {
  const endpoints = new Endpoints('http://127.0.0.1:4000', ['one', 'two']);

  expect(endpoints.localize('wss://two.execute-api.us-east-1.amazonaws.com/v1')).toBe('ws://127.0.0.1:4000/two/v1');
  expect(endpoints.webSocketUrl('one', 'v1')).toBe('ws://127.0.0.1:4000/one/v1');
  expect(endpoints.apiPath('one')).toBe('/one');
});
