interface MappingSpec {
  readonly functionName: string;
  readonly functionArn?: string;
  /** Maximum number of records in one event. */
  readonly batchSize: number;
  /** Maximum time in milliseconds that a batch waits for more records. @default 0 */
  readonly maximumBatchingWindowMs?: number;
  /**
   * Parsed patterns of `FilterCriteria`. A record that matches none of them is not delivered. @default - all records
   * are delivered
   */
  readonly filters?: readonly unknown[];
  /** Whether the function reports the failed items of a batch. @default false */
  readonly reportBatchItemFailures?: boolean;
  /** Whether the mapping polls. @default true */
  readonly enabled?: boolean;
}

/** An event source mapping from a table's stream to a function. */
export interface StreamMappingSpec extends MappingSpec {
  readonly streamArn: string;
  readonly startingPosition: 'LATEST' | 'TRIM_HORIZON';
  /** Maximum number of retries. If the number is negative, a record is retried until it leaves the stream. @default -1 */
  readonly maximumRetryAttempts?: number;
  /**
   * Maximum age of a record in milliseconds. A negative number means the stream's own limit of 24 hours. @default -1
   */
  readonly maximumRecordAgeMs?: number;
  /** Whether a failed batch is split (`BisectBatchOnFunctionError`). @default false */
  readonly bisect?: boolean;
  /** Number of batches in flight per shard, from 1 to 10. @default 1 */
  readonly parallelizationFactor?: number;
  /** ARN of the queue that receives the description of a discarded batch. @default - it is only logged */
  readonly onFailureArn?: string;
}

/** An event source mapping from a queue to a function. */
export interface QueueMappingSpec extends MappingSpec {
  /** Maximum number of batches in flight, from 2 to 1,000. @default - 1,250, the limit of AWS */
  readonly maximumConcurrency?: number;
}

/** Description of a batch that a stream mapping has discarded. As on AWS, it does not contain the records. */
export interface StreamFailure {
  readonly destinationArn?: string;
  readonly message: StreamFailureMessage;
}

export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface StreamFailureMessage {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: FailureCondition;
    readonly approximateInvokeCount: number;
  };
  /** Last response of the function; absent if it was never invoked with the batch. */
  readonly responseContext?: {
    readonly statusCode: number;
    readonly executedVersion: string;
    readonly functionError: string | null;
  };
  readonly version: '1.0';
  readonly timestamp: string;
  readonly DDBStreamBatchInfo: {
    readonly shardId: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly approximateArrivalOfLastRecord: string;
    readonly batchSize: number;
    readonly streamArn: string;
  };
}
