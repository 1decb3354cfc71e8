import type { Clock, StreamRecord } from '../../types';
import type { FieldSchema, ParsedRequest } from '../dynalite/shapes';
import { expiredIterator, resourceNotFound, validationError } from './errors';
import { parse } from './requests';
import type { Store } from './store';
import type { TableStream } from './stream';

/** Time in milliseconds after which an unused iterator is invalid (Streams API reference, GetShardIterator). */
const ITERATOR_LIFE_MS = 15 * 60 * 1000;
/**
 * Maximum number of records per GetRecords call. There is also a maximum of 1 MB (Streams API reference, GetRecords).
 */
const MAX_RECORDS = 1000;
const MAX_BYTES = 1024 * 1024;
const DEFAULT_PAGE = 100;

interface Iterator {
  readonly arn: string;
  readonly shard: string;
  readonly position: number;
  readonly issuedAt: number;
}

const arnField: FieldSchema = {
  type: 'String',
  notNull: true,
  lengthGreaterThanOrEqual: 37,
  lengthLessThanOrEqual: 1024,
};
const limitField = (most: number): FieldSchema => ({
  type: 'Integer',
  greaterThanOrEqual: 1,
  lessThanOrEqual: most,
});

const listSchema = {
  types: { TableName: 'String', Limit: limitField(100), ExclusiveStartStreamArn: 'String' },
};
const describeSchema = {
  types: { StreamArn: arnField, Limit: limitField(100), ExclusiveStartShardId: 'String' },
};
const iteratorSchema = {
  types: {
    StreamArn: arnField,
    ShardId: { type: 'String', notNull: true },
    ShardIteratorType: {
      type: 'String',
      notNull: true,
      enum: ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'],
    },
    SequenceNumber: 'String',
  },
};
const recordsSchema = {
  types: { ShardIterator: { type: 'String', notNull: true }, Limit: limitField(MAX_RECORDS) },
};

/** Executes the operations of DynamoDBStreams_20120810. */
export class StreamApi {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  public list(input: ParsedRequest): object {
    const data = parse(input, listSchema);
    const streams = this.streams().filter(
      ({ options }) => !data.TableName || options.table.TableName === data.TableName,
    );
    const { page, last } = pageAfter(streams, (stream) => stream.options.arn, data.ExclusiveStartStreamArn, data.Limit);
    return {
      Streams: page.map(({ options }) => ({
        StreamArn: options.arn,
        TableName: options.table.TableName,
        StreamLabel: options.label,
      })),
      LastEvaluatedStreamArn: last?.options.arn,
    };
  }

  public describe(input: ParsedRequest): object {
    const data = parse(input, describeSchema);
    const stream = this.byArn(data.StreamArn);
    const shards = [...stream.shards.values()];
    const { page, last } = pageAfter(shards, (shard) => shard.id, data.ExclusiveStartShardId, data.Limit);
    const { options } = stream;
    return {
      StreamDescription: {
        StreamArn: options.arn,
        StreamLabel: options.label,
        StreamStatus: stream.closed ? 'DISABLED' : 'ENABLED',
        StreamViewType: options.viewType,
        CreationRequestDateTime: stream.createdAt / 1000,
        TableName: options.table.TableName,
        KeySchema: options.table.KeySchema,
        Shards: page.map((shard) => ({ ShardId: shard.id, SequenceNumberRange: sequenceRange(stream) })),
        LastEvaluatedShardId: last?.id,
      },
    };
  }

  public getIterator(input: ParsedRequest): object {
    const data = parse(input, iteratorSchema);
    const stream = this.byArn(data.StreamArn);
    const shard = stream.shards.get(data.ShardId);
    if (!shard) throw resourceNotFound(`Requested resource not found: Shard ${data.ShardId} does not exist`);
    const position = { TRIM_HORIZON: () => shard.start, LATEST: () => shard.end }[data.ShardIteratorType as string];
    return {
      ShardIterator: this.encode({
        arn: data.StreamArn,
        shard: shard.id,
        position: position ? position() : sequencePosition(shard, data),
        issuedAt: this.clock.now(),
      }),
    };
  }

  public getRecords(input: ParsedRequest): object {
    const data = parse(input, recordsSchema);
    const iterator = decode(data.ShardIterator);
    if (this.clock.now() - iterator.issuedAt > ITERATOR_LIFE_MS) throw expiredIterator();
    const stream = this.byArn(iterator.arn);
    const shard = stream.shards.get(iterator.shard);
    if (!shard) throw resourceNotFound();
    const start = Math.max(iterator.position, shard.start);
    const records = withinBytes(shard.slice(start, data.Limit ?? MAX_RECORDS));
    const position = start + records.length;
    const atEnd = stream.closed && position >= shard.end;
    return {
      Records: records.map(toApiRecord),
      NextShardIterator: atEnd ? undefined : this.encode({ ...iterator, position, issuedAt: this.clock.now() }),
    };
  }

  /**
   * Finds a stream by its ARN.
   *
   * @throws ResourceNotFoundException if there is no such stream
   */
  public byArn(arn: string): TableStream {
    const stream = this.streams().find(({ options }) => options.arn === arn);
    if (!stream) throw resourceNotFound(`Requested resource not found: Stream: ${arn} not found`);
    return stream;
  }

  private streams(): TableStream[] {
    return this.store.all().flatMap((table) => [...table.pastStreams, ...(table.stream ? [table.stream] : [])]);
  }

  private encode(iterator: Iterator): string {
    return `${iterator.arn}|1|${Buffer.from(JSON.stringify(iterator)).toString('base64')}`;
  }
}

function decode(text: string): Iterator {
  try {
    const iterator = JSON.parse(Buffer.from(text.split('|')[2], 'base64').toString()) as Iterator;
    if (typeof iterator.position === 'number') return iterator;
  } catch {
    // the error below is the same for all causes
  }
  throw validationError('Invalid ShardIterator');
}

function sequencePosition(shard: { positionOf(number: string): number }, data: ParsedRequest): number {
  const { SequenceNumber, ShardIteratorType } = data;
  if (!/^\d{21,40}$/.test(SequenceNumber ?? '')) {
    throw validationError(`Invalid SequenceNumber for ShardIteratorType ${ShardIteratorType}: ${SequenceNumber}`);
  }
  const wanted = ShardIteratorType === 'AFTER_SEQUENCE_NUMBER' ? BigInt(SequenceNumber) + 1n : BigInt(SequenceNumber);
  return shard.positionOf(String(wanted));
}

function sequenceRange(stream: TableStream): object {
  return {
    StartingSequenceNumber: stream.firstSequenceNumber,
    ...(stream.closed && { EndingSequenceNumber: stream.lastSequenceNumber }),
  };
}

function withinBytes(records: readonly StreamRecord[]): StreamRecord[] {
  let bytes = 0;
  const end = records.findIndex((record) => {
    bytes += record.dynamodb.SizeBytes;
    return bytes > MAX_BYTES;
  });
  return records.slice(0, end < 0 ? records.length : Math.max(1, end));
}

/**
 * Converts a record to the format of the Streams API. A Lambda event has a different identity and also contains the
 * stream's ARN.
 */
function toApiRecord({ eventSourceARN, userIdentity, ...record }: StreamRecord): object {
  if (!userIdentity) return record;
  return { ...record, userIdentity: { PrincipalId: userIdentity.principalId, Type: userIdentity.type } };
}

function pageAfter<T>(all: readonly T[], id: (one: T) => string, after: string | undefined, limit = DEFAULT_PAGE) {
  const start = after === undefined ? 0 : all.findIndex((one) => id(one) === after) + 1;
  const page = all.slice(start, start + limit);
  return { page, last: start + limit < all.length ? page[page.length - 1] : undefined };
}
