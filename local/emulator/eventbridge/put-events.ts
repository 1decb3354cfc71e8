import { parseJsonObject } from '../http';
import type { BusEvent } from './types';

/** An entry of a PutEvents request. */
export interface PutEventsEntry {
  readonly Source?: unknown;
  readonly DetailType?: unknown;
  readonly Detail?: unknown;
  readonly Resources?: unknown;
  readonly EventBusName?: unknown;
  /** Time in seconds since the epoch. */
  readonly Time?: unknown;
}

export type PutEventsResult =
  | { readonly EventId: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** Maximum number of entries per request (PutEvents API reference). */
export const MAX_ENTRIES = 10;
/** Maximum size of all entries together in bytes ("Calculating PutEvents event entry size"). */
export const MAX_BYTES = 256 * 1024;

/** Returns the reason why an entry is refused, or undefined if it is accepted. */
export function refusal(entry: PutEventsEntry): PutEventsResult | undefined {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((name) => !isText(entry[name]));
  if (missing !== undefined) {
    return invalid(`Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`);
  }
  if (String(entry.Source).startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return parseJsonObject(String(entry.Detail))
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

export function toEvent(
  entry: PutEventsEntry,
  at: { readonly id: string; readonly now: number; readonly account: string; readonly region: string },
): BusEvent {
  const time = typeof entry.Time === 'number' ? entry.Time * 1000 : at.now;
  return {
    version: '0',
    id: at.id,
    'detail-type': String(entry.DetailType),
    source: String(entry.Source),
    account: at.account,
    time: `${new Date(time).toISOString().slice(0, 19)}Z`,
    region: at.region,
    resources: Array.isArray(entry.Resources) ? entry.Resources.map(String) : [],
    detail: JSON.parse(String(entry.Detail)),
  };
}

/** Returns the size of an entry in bytes. A time counts as 14 bytes, and a string counts as its length in UTF-8. */
export function sizeOf({ Time, Source, DetailType, Detail, Resources }: PutEventsEntry): number {
  const texts = [Source, DetailType, Detail, ...(Array.isArray(Resources) ? Resources : [])];
  const bytes = texts.reduce((sum: number, text) => sum + Buffer.byteLength(isText(text) ? text : ''), 0);
  return bytes + (Time === undefined ? 0 : 14);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const invalid = (message: string): PutEventsResult => ({ ErrorCode: 'InvalidArgument', ErrorMessage: message });
