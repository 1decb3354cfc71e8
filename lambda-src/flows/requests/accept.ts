import type { RequestItem } from '../../core/request';
import type { AckFrame, RequestMessage } from '../../protocol';
import type { Connection } from '../connect/connection';
import type { Deps } from '../ports';
import { view } from './attach';
import { outcomeUnknown, storeRequest } from './store-request';

export interface AcceptOptions {
  /** How often the action is tried before the request fails. */
  readonly maxAttempts: number;
}

/** Stores the request; the answer is its acknowledgment. The same id and payload again: the request as it stands. */
export async function acceptRequest(
  deps: Deps,
  connection: Connection,
  message: RequestMessage,
  { maxAttempts }: AcceptOptions,
): Promise<AckFrame> {
  const { connectionId, connectedAt } = connection;
  const asked = { owner: connection, message, maxAttempts, origin: { connectionId, connectedAt } };
  const { request, replayed } = await storeRequest(deps, asked);
  if (!replayed) return acknowledge(request);
  const ack = await view(deps, connection, request, 0).catch((error) => {
    // a plain refusal would say that the request is not stored
    throw outcomeUnknown('The request is stored, but how it stands could not be read', error);
  });
  return { ...ack, replayed: true };
}

function acknowledge({ id, status, epoch, ref, run }: RequestItem): AckFrame {
  return { type: 'ack', id, status, epoch, ref, run, offset: 0 };
}
