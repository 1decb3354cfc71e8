import type { WireError } from '../protocol';
import type { RequestItem } from './request';
import { isTerminal } from './request';

/** What the outside is told of a request that ended: neither its input nor its result. */
export interface Announcement {
  /** The same each time that this end is told of; a redrive's is another. */
  readonly eventId: string;
  /** Name of the API. */
  readonly api: string;
  readonly id: string;
  readonly tenant: string;
  readonly user: string;
  readonly action: string;
  readonly status: EndStatus;
  /** Number of the run that ended, from 1. */
  readonly run: number;
  /** Number of the last attempt of this run; 0 if none was started. */
  readonly attempt: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601, to the second. */
  readonly endedAt: string;
  /** Absent if it completed. */
  readonly error?: Pick<WireError, 'code' | 'message' | 'retryable'>;
}

export type EndStatus = 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** A request's end as its stream record shows it. */
export interface EndRecord {
  readonly request: RequestItem;
  /** Epoch milliseconds, the same each time that the record is read. */
  readonly endedAt: number;
}

const NAMES: Readonly<Record<EndStatus, string>> = {
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** `detail-type` on the event bus. */
export const detailType = ({ status }: Announcement): string => `Streamer Request ${NAMES[status]}`;

/** `type` of a webhook. */
export const webhookType = ({ status }: Announcement): string => `request.${NAMES[status].toLowerCase()}`;

/** The body of a webhook's request. */
export const webhookBody = (announcement: Announcement): string =>
  JSON.stringify({ type: webhookType(announcement), timestamp: announcement.endedAt, data: announcement });

/** @throws RangeError for a request that has not ended */
export function announcementOf({ request, endedAt }: EndRecord, api: string, eventId: string): Announcement {
  const { id, tenant, user, action, status, run, attempt, createdAt } = request;
  if (!isTerminal(status)) throw new RangeError(`a request that is ${status} has not ended`);
  return {
    eventId,
    api,
    id,
    tenant,
    user,
    action,
    status: status as EndStatus,
    run,
    attempt,
    createdAt: new Date(createdAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    ...errorOf(request),
  };
}

/** Details stay inside: a handler may have put a part of the input there. */
function errorOf({ outcome }: RequestItem): Pick<Announcement, 'error'> {
  if (outcome?.kind !== 'error') return {};
  const { code, message, retryable } = JSON.parse(outcome.error) as WireError;
  return { error: { code, message, retryable } };
}
