import { readCommand } from '../../../../lambda-src/flows/submit/submit';

const base = { type: 'submit', action: 'report', user: 'ann' };

test('a submission is read as a request with its owner, without unknown fields', () => {
  const event = {
    ...base,
    tenant: 'acme',
    id: 'r1',
    input: { n: 1 },
    trace: 't',
    more: 1,
    origin: { connectionId: 'c' },
  };

  expect(readCommand(event, 'invocation')).toEqual({
    type: 'submit',
    owner: { tenant: 'acme', user: 'ann' },
    message: { type: 'request', id: 'r1', action: 'report', input: { n: 1 }, trace: 't' },
  });
});

test('the id of the invocation is used if the id is absent, but not if it is invalid', () => {
  expect(readCommand(base, 'invocation')).toHaveProperty('message.id', 'invocation');
  for (const id of ['', null, 7, 'a/b']) {
    expect(() => readCommand({ ...base, id }, 'invocation')).toThrow(/`id` must be/);
  }
});

test('a `null` input is passed on, and an absent input stays absent', () => {
  expect(readCommand({ ...base, input: null }, 'i')).toHaveProperty('message.input', null);
  expect(readCommand(base, 'i')).toHaveProperty('message.input', undefined);
});

test('a status command needs an id', () => {
  expect(readCommand({ type: 'status', user: 'ann', id: 'r1', action: 'report' }, 'i')).toEqual({
    type: 'status',
    owner: { tenant: 'default', user: 'ann' },
    id: 'r1',
  });
});

test("the largest input is that of a client's frame", () => {
  const frame = (input: string) =>
    Buffer.byteLength(JSON.stringify({ type: 'request', id: 'r1', action: 'report', input }));
  const room = 32_768 - frame('');

  expect(readCommand({ ...base, id: 'r1', input: 'x'.repeat(room) }, 'i')).toHaveProperty('message.id', 'r1');
  expect(() => readCommand({ ...base, id: 'r1', input: 'x'.repeat(room + 1) }, 'i')).toThrow(/32768/);
});
