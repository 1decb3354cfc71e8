interface MappingSpec {
  readonly functionName: string;
  readonly functionArn?: string;
  /** Records that a function gets at most in one event. */
  readonly batchSize: number;
  /** Maximum time that a batch waits for more records. @default 0 */
  readonly maximumBatchingWindowMs?: number;
  /** Patterns of `FilterCriteria`, parsed; a record that matches none of them is not delivered. @default - everything */
  readonly filters?: readonly unknown[];
  /** @default false */
  readonly reportBatchItemFailures?: boolean;
  /** @default true */
  readonly enabled?: boolean;
}

/** An event source mapping from a table's stream to a function. */
export interface StreamMappingSpec extends MappingSpec {
  readonly streamArn: string;
  readonly startingPosition: 'LATEST' | 'TRIM_HORIZON';
  /** Negative: without end, until the record leaves the stream. @default -1 */
  readonly maximumRetryAttempts?: number;
  /** Negative: the stream's own 24 hours. @default -1 */
  readonly maximumRecordAgeMs?: number;
  /** `BisectBatchOnFunctionError`. @default false */
  readonly bisect?: boolean;
  /** Batches in flight per shard, 1-10. @default 1 */
  readonly parallelizationFactor?: number;
  /** ARN of the queue that receives the description of a discarded batch. @default - it is only logged */
  readonly onFailureArn?: string;
}

/** An event source mapping from a queue to a function. */
export interface QueueMappingSpec extends MappingSpec {
  /** Batches in flight, 2-1,000. @default - 1,250, which is AWS's own limit */
  readonly maximumConcurrency?: number;
}

/** A batch that a stream mapping gave up on: AWS sends its description, never its records. */
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
  /** Absent if the function was never invoked with the batch. */
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
