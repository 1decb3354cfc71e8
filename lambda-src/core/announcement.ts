import type { WireError } from '../protocol';
import type { RequestItem } from './request';
import { isTerminal } from './request';

/** Announcement that a request ended, for receivers outside the API. It contains neither the input nor the result. */
export interface Announcement {
  /** Identifies this end of the request. All announcements of the same end have the same id. The end of a redrive has another id. */
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
  /** Number of the last attempt of this run; 0 if no attempt started. */
  readonly attempt: number;
  /** Time as an ISO 8601 string. */
  readonly createdAt: string;
  /** Time as an ISO 8601 string, with a precision of one second. */
  readonly endedAt: string;
  /** Absent if the request completed. */
  readonly error?: Pick<WireError, 'code' | 'message' | 'retryable'>;
}

export type EndStatus = 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** A stream record that reports the end of a request. */
export interface EndRecord {
  readonly request: RequestItem;
  /** Time in epoch milliseconds. It is the same each time that the record is read. */
  readonly endedAt: number;
}

const NAMES: Readonly<Record<EndStatus, string>> = {
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** Returns the value of `detail-type` on the event bus. */
export const detailType = ({ status }: Announcement): string => `Streamer Request ${NAMES[status]}`;

/** Returns the value of `type` in a webhook's body. */
export const webhookType = ({ status }: Announcement): string => `request.${NAMES[status].toLowerCase()}`;

/** The body of a webhook request. */
export const webhookBody = (announcement: Announcement): string =>
  JSON.stringify({ type: webhookType(announcement), timestamp: announcement.endedAt, data: announcement });

/** @throws RangeError if the request has not ended */
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

/** Returns the error without its details, because a handler may have copied a part of the input into them. */
function errorOf({ outcome }: RequestItem): Pick<Announcement, 'error'> {
  if (outcome?.kind !== 'error') return {};
  const { code, message, retryable } = JSON.parse(outcome.error) as WireError;
  return { error: { code, message, retryable } };
}
