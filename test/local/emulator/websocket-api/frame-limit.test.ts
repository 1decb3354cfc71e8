import * as ws from 'ws';
import { checkFrameLimit } from '../../../../local/emulator/websocket-api/frame-limit';

interface Internals {
  haveLength?: unknown;
  startLoop: unknown;
}

const prototype = (ws as unknown as { Receiver: { prototype: Internals } }).Receiver.prototype;
const { haveLength, startLoop } = prototype;
afterEach(() => Object.assign(prototype, { haveLength, startLoop }));

test('frames can be limited with the installed ws', () => {
  expect(checkFrameLimit).not.toThrow();
});

test('a ws without the method that is overridden is refused at the start', () => {
  prototype.haveLength = undefined;
  expect(checkFrameLimit).toThrow('use ws 8.23');
});

test('a ws that no longer calls the method is refused at the start', () => {
  prototype.startLoop = () => undefined;
  expect(checkFrameLimit).toThrow('use ws 8.23');
});
