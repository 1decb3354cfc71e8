import * as ws from 'ws';

/**
 * Internals of `ws` that the frame limit uses. No other module uses them. `ws` limits messages but not frames, and API
 * Gateway limits both. The receiver calls `haveLength` with the length of each frame before it reads the payload.
 */
interface ReceiverInternals {
  _opcode: number;
  _payloadLength: number;
  haveLength(callback: (error: Error) => void): void;
  createError(type: typeof RangeError, message: string, prefix: boolean, status: number, code: string): Error;
}

/** First opcode of control frames, which have a separate limit. */
const FIRST_CONTROL_OPCODE = 8;

/** Closes a connection with 1009 if a data frame exceeds the limit. */
export function limitFrames(socket: ws.WebSocket, frameBytes: number): void {
  guard((socket as unknown as { _receiver: ReceiverInternals })._receiver, frameBytes);
}

/**
 * Checks with a real frame that the limit works in the installed version of `ws`.
 *
 * @throws Error if it does not work, because the internals of a newer `ws` have changed
 */
export function checkFrameLimit(): void {
  // `ws` exports the class, but its types do not contain it.
  const { Receiver } = ws as unknown as {
    Receiver: new (options: object) => ReceiverInternals & NodeJS.WritableStream;
  };
  const receiver = new Receiver({ isServer: true });
  let refused = false;
  receiver.on('error', () => undefined);
  guard(receiver, 1, () => {
    refused = true;
  });
  // A final text frame with two masked bytes.
  receiver.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x61, 0x61]));
  if (!refused) throw new Error('Frames cannot be limited with this version of ws: use ws 8.23');
}

function guard(receiver: ReceiverInternals, frameBytes: number, onRefused: () => void = () => undefined): void {
  const original = receiver.haveLength;
  if (typeof original !== 'function' || typeof receiver.createError !== 'function') {
    throw new Error('Frames cannot be limited with this version of ws: use ws 8.23');
  }
  receiver.haveLength = function haveLength(callback) {
    if (this._opcode < FIRST_CONTROL_OPCODE && this._payloadLength > frameBytes) {
      onRefused();
      callback(this.createError(RangeError, 'Max frame size exceeded', false, 1009, 'WS_ERR_UNSUPPORTED_FRAME_LENGTH'));
      return;
    }
    original.call(this, callback);
  };
}
