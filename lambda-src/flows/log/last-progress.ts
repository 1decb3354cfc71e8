import { asHead, type HeadItem, headKey, logKey, type RequestItem } from '../../core';
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

/** Whether the progress is that of the attempt that ended the run. An entry of a run without an attempt has none. */
export const isSameAttempt = (
  progress: ProgressFrame | undefined,
  end: { readonly run: number; readonly attempt?: number },
): progress is ProgressFrame => progress?.run === end.run && progress.attempt === end.attempt;

function progressFrame(id: string, head: HeadItem): ProgressFrame {
  const { run = 1, attempt = 1, fence = 1, seq = 0, afterOffset = 0, percentage, message, metadata } = head;
  return {
    type: 'progress',
    id,
    run,
    attempt,
    fence,
    seq,
    afterOffset,
    ...(percentage !== undefined && { percentage }),
    ...(message !== undefined && { message }),
    ...(metadata !== undefined && { metadata: JSON.parse(metadata) as JsonObject }),
  };
}
