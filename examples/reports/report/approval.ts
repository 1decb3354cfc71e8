import { HandlerError } from 'cdk-streamer/handler';
import type { ReportContext } from './generate';
import type { Report } from './report';

/** Seconds for which a report waits for an answer. The function is billed for this time, so the wait is short. */
export const APPROVAL_SECONDS = 120;

/**
 * Asks the user whether the report may be drawn, and waits for the answer from any device. After a rejection, or without
 * an answer in time, the report ends with a final error, which is not retried.
 *
 * An attempt after a crash asks again. If the earlier attempt has read the answer, the new attempt reads it again.
 */
export async function waitForApproval(
  { emit, log, progress, messages }: ReportContext,
  { summary }: Report,
  percentage: number,
): Promise<void> {
  const [flights, groups] = [summary.total.flights, summary.groups.length];
  progress(percentage, 'Waiting for your approval');
  await emit('approval', { flights, groups, until: Date.now() + APPROVAL_SECONDS * 1000 });
  for await (const { data } of messages('approval', { waitSeconds: APPROVAL_SECONDS })) {
    log.info('answered', { approved: data.approved });
    await emit('answer', { approved: data.approved });
    if (data.approved) return;
    throw new HandlerError('REJECTED', 'The report was rejected.');
  }
  throw new HandlerError('NOT_APPROVED', `Nobody approved the report within ${APPROVAL_SECONDS / 60} minutes.`);
}
