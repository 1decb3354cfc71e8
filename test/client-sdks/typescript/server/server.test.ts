import { createStreamerServer } from 'cdk-streamer-client/server';
import { FakeLambda } from './support';

const VARIABLE = 'STREAMER_SUBMIT_FUNCTION';

let lambda: FakeLambda;
beforeEach(() => {
  lambda = new FakeLambda();
});
afterEach(() => {
  delete process.env[VARIABLE];
});

describe('the function', () => {
  test('the function is that of the environment, unless an option names one', async () => {
    process.env[VARIABLE] = 'arn:aws:lambda:eu-west-1:1:function:submit';
    await lambda.server({ functionName: undefined }).as({ user: 'ann' }).submit('report', { year: 1 });

    expect(lambda.functionNames).toEqual([process.env[VARIABLE]]);
  });

  test('the function must be configured', () => {
    expect(() => createStreamerServer()).toThrow(/pass `functionName`, or use `grantSubmit`/);
  });
});

test.each([
  [{ user: '' }, '`user`'],
  [{}, '`user`'],
  [{ user: 'x'.repeat(257) }, '`user`'],
  [{ user: 'ann', tenant: '' }, '`tenant`'],
  [{ user: 'ann', tenant: null }, '`tenant`'],
])('the identity %j is refused', (identity, field) => {
  expect(() => lambda.server().as(identity as never)).toThrow(`${field} must be a string of 1 to 256 characters`);
});
