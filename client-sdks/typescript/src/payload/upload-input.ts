import type { AbortSignalLike } from '../util/stop';
import type { LargeRequest } from '../wire/encode';
import { encodeMessage } from '../wire/encode';
import { StreamerError } from '../wire/errors';
import type { Upload } from '../wire/messages';
import { LIMITS } from '../wire/protocol';
import { payloadOf, type Transfers } from './transfer';

/**
 * Uploads the input of a request that does not fit into its message.
 *
 * @param ask sends an `upload` message, and returns its answer
 * @returns the message of the request, which refers to the uploaded input
 * @throws StreamerError `MESSAGE_TOO_LARGE` if the API takes no uploads, `PAYLOAD_TOO_LARGE`, `TRANSFER_FAILED`, or another refusal
 */
export async function uploadInput(
  { id, action, input, frame }: LargeRequest,
  transfers: Transfers,
  ask: (text: string) => Promise<Upload>,
  stop: AbortSignalLike,
): Promise<string> {
  const { data, digest } = await payloadOf(input);
  const text = encodeMessage({ type: 'upload', id, action, ...digest });
  await transfers.upload(data, () => ask(text).catch((error) => Promise.reject(refusal(error, digest.bytes))), stop);
  return frame(digest);
}

/** A server without uploads answers with one of these codes. */
const NO_UPLOADS: ReadonlySet<unknown> = new Set(['UNSUPPORTED_TYPE', 'UNKNOWN_TYPE']);

function refusal(error: StreamerError, bytes: number): StreamerError {
  if (!NO_UPLOADS.has(error.code)) return error;
  return new StreamerError(
    'MESSAGE_TOO_LARGE',
    `The input takes ${bytes} bytes. This API has no \`payloads\`, so a message has at most ${LIMITS.frameBytes} bytes; send less, or send a reference to the data.`,
    { cause: error },
  );
}
