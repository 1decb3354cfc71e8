import { parseFrame } from '../../../../client-sdks/typescript/src/wire/frames';
import {
  type GatewayVector,
  type InvalidVector,
  readMessages,
  textOf,
  type ValidVector,
} from '../../../protocol/vectors';

/** Whether this client ignores the frame, because a later version serves it. */
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

/**
 * Whether only the size or depth is invalid. The server must check these. If the client dropped such a result, the application would wait forever.
 */
const isMeasured = ({ code }: InvalidVector): boolean => code === 'MESSAGE_TOO_LARGE' || code === 'TOO_DEEP';
const invalid = readMessages<InvalidVector>('invalid').filter(fromServer);

describe('The client ignores an invalid frame of a server', () => {
  test.each(
    invalid.filter((vector) => !isMeasured(vector)),
  )('The client ignores an invalid frame of a server: $name', ({ raw }) => {
    expect(parseFrame(textOf(raw))).toBeUndefined();
  });
});

describe('The client accepts a result that is only too large or too deep', () => {
  test.each(invalid.filter(isMeasured))('The client accepts a result that is only too large or too deep: $name', ({
    raw,
  }) => {
    expect(parseFrame(textOf(raw))).toMatchObject({ id: 'r-1' });
  });
});

describe("The client distinguishes API Gateway's own frames from similar frames", () => {
  test.each(
    readMessages<GatewayVector>('gateway').filter(fromServer),
  )("The client distinguishes API Gateway's own frames from similar frames: $name", ({ raw, gateway }) => {
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
