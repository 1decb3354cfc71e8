import type { Call } from '../types';

const LOCAL_ARN = 'arn:aws:dynamodb:ddblocal:000000000000:';

export interface Place {
  readonly region: string;
  readonly accountId: string;
}

type Json = Record<string, unknown>;

/** Operations with ARNs in their bodies. ARNs in items are never changed. */
const withArns = new Set([
  'CreateTable',
  'UpdateTable',
  'DeleteTable',
  'DescribeTable',
  'ListStreams',
  'DescribeStream',
  'GetShardIterator',
  'GetRecords',
]);

const metered = new Set([
  'GetItem',
  'BatchGetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'Query',
  'Scan',
  'TransactWriteItems',
  'TransactGetItems',
]);

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

export const isMetered = (operation: string) => metered.has(operation);
export const isWrite = (operation: string) => writes.has(operation);

/** Replaces ARNs by the ARNs of DynamoDB Local, which contain the Region `ddblocal` and the account 0. */
export function toLocalArns(operation: string, body: string, place: Place): string {
  return withArns.has(operation) ? body.replaceAll(arnPrefix(place), LOCAL_ARN) : body;
}

export function fromLocalArns(operation: string, body: string, place: Place): string {
  if (!withArns.has(operation)) return body;
  return operation === 'GetRecords' ? body : body.replaceAll(LOCAL_ARN, arnPrefix(place));
}

/**
 * Corrects records so that they are like those of AWS. It sets the Region, a more exact time, and the identity of
 * removals by time to live.
 */
export function shimRecords(body: string, place: Place, nowMs: number): string {
  const page = JSON.parse(body) as { Records: Json[]; NextShardIterator?: string };
  const NextShardIterator = page.NextShardIterator?.replace(LOCAL_ARN, arnPrefix(place));
  return JSON.stringify({
    ...page,
    NextShardIterator,
    Records: page.Records.map((record) => shimRecord(record, place, nowMs)),
  });
}

function shimRecord(record: Json, { region }: Place, nowMs: number): Json {
  const dynamodb = record.dynamodb as { ApproximateCreationDateTime: number };
  const expired = record.eventName === 'UNKNOWN_TO_SDK_VERSION';
  return {
    ...record,
    awsRegion: region,
    dynamodb: { ...dynamodb, ApproximateCreationDateTime: withinMinute(dynamodb.ApproximateCreationDateTime, nowMs) },
    ...(expired && { eventName: 'REMOVE', userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  };
}

/**
 * Returns the assumed time of a record. DynamoDB Local rounds times down to minutes. A record is usually read soon
 * after it was written, so the latest possible time is the best estimate.
 */
function withinMinute(minuteStart: number, nowMs: number): number {
  return Math.max(minuteStart, Math.min(Math.floor(nowMs / 1000), minuteStart + 59));
}

/**
 * Adds a request for the consumption, unless the caller has requested it.
 *
 * @returns the new body, and whether the consumption must be removed from the response
 */
export function askConsumption(body: string): { body: string; added: boolean } {
  const input = JSON.parse(body) as Json;
  const added = input.ReturnConsumedCapacity === undefined || input.ReturnConsumedCapacity === 'NONE';
  return added ? { body: JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' }), added } : { body, added };
}

export function takeConsumption(operation: string, body: string, strip: boolean): { body: string; calls: Call[] } {
  const { ConsumedCapacity, ...output } = JSON.parse(body) as { ConsumedCapacity?: Consumed | Consumed[] };
  const consumed = ConsumedCapacity === undefined ? [] : [ConsumedCapacity].flat();
  const calls = consumed.map(({ TableName, CapacityUnits }) => ({
    operation,
    table: TableName,
    readUnits: isWrite(operation) ? 0 : CapacityUnits,
    writeUnits: isWrite(operation) ? CapacityUnits : 0,
  }));
  return { body: strip ? JSON.stringify(output) : body, calls };
}

interface Consumed {
  readonly TableName: string;
  readonly CapacityUnits: number;
}

function arnPrefix({ region, accountId }: Place): string {
  return `arn:aws:dynamodb:${region}:${accountId}:`;
}
