import type { Call } from '../types';

const LOCAL_ARN = 'arn:aws:dynamodb:ddblocal:000000000000:';

export interface Place {
  readonly region: string;
  readonly accountId: string;
}

type Json = Record<string, unknown>;

/** Operations whose bodies hold ARNs that are the service's own; items are never touched. */
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

/** ARNs as DynamoDB Local knows them: region `ddblocal`, account 0. */
export function toLocalArns(operation: string, body: string, place: Place): string {
  return withArns.has(operation) ? body.replaceAll(arnPrefix(place), LOCAL_ARN) : body;
}

export function fromLocalArns(operation: string, body: string, place: Place): string {
  if (!withArns.has(operation)) return body;
  return operation === 'GetRecords' ? body : body.replaceAll(LOCAL_ARN, arnPrefix(place));
}

/** Changes records to those of AWS: their region, a time finer than the minute, and a mark on removals by time to live. */
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

/** The engine cuts times to the minute; a record is read soon after it was made, so the latest possible time is nearest. */
function withinMinute(minuteStart: number, nowMs: number): number {
  return Math.max(minuteStart, Math.min(Math.floor(nowMs / 1000), minuteStart + 59));
}

/** Requests the consumption if the caller did not, and returns whether it must be removed from the response. */
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
