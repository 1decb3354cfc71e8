import type { WireError } from '../protocol';
import type { RequestItem } from './request';
import { isTerminal } from './request';

/** Announcement of a request that ended, for receivers outside the API: it contains neither the input nor the result. */
export interface Announcement {
  /** Identifies this end of the request; equal in every announcement of it. A redrive's end has another id. */
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
  /** Absent if the request completed. */
  readonly error?: Pick<WireError, 'code' | 'message' | 'retryable'>;
}

export type EndStatus = 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** The end of a request as its stream record shows it. */
export interface EndRecord {
  readonly request: RequestItem;
  /** Epoch milliseconds; equal each time that the record is read. */
  readonly endedAt: number;
}

const NAMES: Readonly<Record<EndStatus, string>> = {
  COMPLETED: 'Completed',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** Value of `detail-type` on the event bus. */
export const detailType = ({ status }: Announcement): string => `Streamer Request ${NAMES[status]}`;

/** Value of `type` in a webhook. */
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

/** The details of an error are left out, because a handler may have put a part of the input there. */
function errorOf({ outcome }: RequestItem): Pick<Announcement, 'error'> {
  if (outcome?.kind !== 'error') return {};
  const { code, message, retryable } = JSON.parse(outcome.error) as WireError;
  return { error: { code, message, retryable } };
}
