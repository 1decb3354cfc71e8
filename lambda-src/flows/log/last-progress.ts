import { logKey } from '../../core/keys';
import { asHead, type HeadItem, headKey } from '../../core/log';
import type { RequestItem } from '../../core/request';
import type { JsonObject, ProgressFrame } from '../../protocol';
import type { Deps } from '../ports';

/** The last stored progress of a request, as a frame. */
export async function lastProgress(
  deps: Pick<Deps, 'store'>,
  request: RequestItem,
): Promise<ProgressFrame | undefined> {
  const head = asHead(await deps.store.get('events', headKey(logKey(request))));
  return head.afterOffset === undefined ? undefined : progressFrame(request.id, head);
}

function progressFrame(id: string, head: HeadItem): ProgressFrame {
  const { fence = 1, seq = 0, afterOffset = 0, percentage, message, metadata } = head;
  return {
    type: 'progress',
    id,
    attempt: fence,
    seq,
    afterOffset,
    ...(percentage !== undefined && { percentage }),
    ...(message !== undefined && { message }),
    ...(metadata !== undefined && { metadata: JSON.parse(metadata) as JsonObject }),
  };
}
