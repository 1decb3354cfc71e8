import { parseFrame } from '../../../../client-sdks/typescript/src/wire/frames';
import {
  type GatewayVector,
  type InvalidVector,
  readMessages,
  textOf,
  type ValidVector,
} from '../../../protocol/vectors';

/** Frames that this client leaves to a later version. */
const isLater = (frame: { type?: unknown; for?: unknown }): boolean =>
  frame.type === 'ack' && frame.for === 'auth.refresh';

const fromServer = ({ direction }: { direction: string }): boolean => direction === 'server';
const valid = readMessages<ValidVector>('valid')
  .filter(fromServer)
  .map(({ name, raw }) => ({ name, text: textOf(raw) }));

describe('The client reads a valid frame of a server', () => {
  test.each(
    valid.filter(({ text }) => !isLater(JSON.parse(text))),
  )('The client reads a valid frame of a server: $name', ({ text }) => {
    expect(parseFrame(text)).toEqual(JSON.parse(text));
  });
});

describe('The client ignores a frame that a later version serves', () => {
  test.each(
    valid.filter(({ text }) => isLater(JSON.parse(text))),
  )('The client ignores a frame that a later version serves: $name', ({ text }) => {
    expect(parseFrame(text)).toBeUndefined();
  });
});

/** Size and depth are the server's duty: to drop its result for them would only make the application wait forever. */
const isMeasured = ({ code }: InvalidVector): boolean => code === 'MESSAGE_TOO_LARGE' || code === 'TOO_DEEP';
const invalid = readMessages<InvalidVector>('invalid').filter(fromServer);

describe('The client ignores an invalid frame of a server', () => {
  test.each(
    invalid.filter((vector) => !isMeasured(vector)),
  )('The client ignores an invalid frame of a server: $name', ({ raw }) => {
    expect(parseFrame(textOf(raw))).toBeUndefined();
  });
});

describe('The client takes a result that is only too large or too deep', () => {
  test.each(invalid.filter(isMeasured))('The client takes a result that is only too large or too deep: $name', ({
    raw,
  }) => {
    expect(parseFrame(textOf(raw))).toMatchObject({ id: 'r-1' });
  });
});

describe("The client knows API Gateway's own frames from their like", () => {
  test.each(
    readMessages<GatewayVector>('gateway').filter(fromServer),
  )("The client knows API Gateway's own frames from their like: $name", ({ raw, gateway }) => {
    expect(parseFrame(textOf(raw))?.type).toBe(gateway ? 'gateway' : undefined);
  });

  test.each([
    ['Too Many Requests', true],
    ['Limit Exceeded', true],
    ['Rate exceeded', true],
    ['Internal server error', false],
    ['Forbidden', false],
  ])('%s is a throttle: %p', (message, throttled) => {
    const text = JSON.stringify({ message, connectionId: 'c', requestId: 'r' });
    expect(parseFrame(text)).toEqual({ type: 'gateway', throttled });
  });
});

test('The client ignores binary data', () => {
  expect(parseFrame(new TextEncoder().encode('{"type":"pong"}'))).toBeUndefined();
  expect(parseFrame(new Blob(['{"type":"pong"}']))).toBeUndefined();
});
