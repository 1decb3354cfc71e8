import { AwsJsonError } from '../http';

/**
 * An error response of the SQS API. `code` is the name in the service's model. `queryCode` is an older name, which SDKs
 * report as `Code` (header `x-amzn-query-error`).
 */
export class SqsError extends AwsJsonError {
  public constructor(
    code: string,
    message: string,
    public readonly queryCode: string = code,
  ) {
    super(code, message, 400, { 'x-amzn-query-error': `${queryCode};Sender` });
  }
}

const legacy = (name: string) => `AWS.SimpleQueueService.${name}`;

export const unsupportedOperation = (message: string) =>
  new SqsError('UnsupportedOperation', message, legacy('UnsupportedOperation'));

export const queueDoesNotExist = () =>
  new SqsError('QueueDoesNotExist', 'The specified queue does not exist.', legacy('NonExistentQueue'));

export const receiptHandleIsInvalid = (handle: string) =>
  new SqsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);

export const messageNotInFlight = () =>
  new SqsError('MessageNotInflight', 'The message is not in flight.', legacy('MessageNotInflight'));

export const invalidParameter = (message: string) => new SqsError('InvalidParameterValue', message);

export const missingParameter = (name: string) =>
  new SqsError('MissingParameter', `The request must contain the parameter ${name}.`);

export const handleUnavailable = (handle: string) =>
  invalidParameter(
    `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
  );

export const overLimit = (message: string) => new SqsError('OverLimit', message);

export const batchErrors = {
  empty: () =>
    new SqsError(
      'EmptyBatchRequest',
      'There should be at least one entry in the request.',
      legacy('EmptyBatchRequest'),
    ),
  tooMany: (count: number) =>
    new SqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${count}.`,
      legacy('TooManyEntriesInBatchRequest'),
    ),
  notDistinct: (id: string) =>
    new SqsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`, legacy('BatchEntryIdsNotDistinct')),
  invalidId: () =>
    new SqsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      legacy('InvalidBatchEntryId'),
    ),
  tooLong: (limit: number, size: number) =>
    new SqsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${limit} bytes. You have sent ${size} bytes.`,
      legacy('BatchRequestTooLong'),
    ),
};
