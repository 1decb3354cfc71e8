const DYNAMODB = 'com.amazonaws.dynamodb.v20120810#';
const VALIDATION = 'com.amazon.coral.validate#';
const SERVICE = 'com.amazon.coral.service#';

/** An error response to the client, with a status and a body. Dynalite's own errors have the same two fields. */
export class ServiceError extends Error {
  public override readonly name = 'ServiceError';
  public readonly body: Record<string, unknown>;

  constructor(
    type: string,
    message: string,
    more: Record<string, unknown> = {},
    public readonly statusCode = 400,
  ) {
    super(message);
    this.body = { __type: type, message, ...more };
  }
}

/** Whether an error is a response to the client and not a defect of the engine. */
export function isAnswer(error: unknown): error is { statusCode: number; body: Record<string, unknown> } {
  return error instanceof Error && 'statusCode' in error && 'body' in error;
}

/** Returns the error's name without its namespace, as SDKs show it. */
export function errorName(error: { body: Record<string, unknown> }): string {
  return String(error.body.__type).split('#').pop() ?? '';
}

export const validationError = (message: string) => new ServiceError(`${VALIDATION}ValidationException`, message);

export const resourceNotFound = (message = 'Requested resource not found') =>
  new ServiceError(`${DYNAMODB}ResourceNotFoundException`, message);

export const resourceInUse = (message: string) => new ServiceError(`${DYNAMODB}ResourceInUseException`, message);

export const unknownOperation = (message = 'The operation is not one of the local DynamoDB') =>
  new ServiceError(`${SERVICE}UnknownOperationException`, message);

export const conditionFailed = (item?: unknown) =>
  new ServiceError(
    `${DYNAMODB}ConditionalCheckFailedException`,
    'The conditional request failed',
    item ? { Item: item } : {},
  );

export const transactionCanceled = (reasons: readonly { Code: string }[]) => {
  const codes = reasons.map((reason) => reason.Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new ServiceError(`${DYNAMODB}TransactionCanceledException`, message, {
    Message: message,
    CancellationReasons: reasons,
  });
};

export const tokenMismatch = () =>
  new ServiceError(
    `${DYNAMODB}IdempotentParameterMismatchException`,
    'The request uses the same client token as a previous, but non-identical request.',
  );

export const expiredIterator = () =>
  new ServiceError(`${DYNAMODB}ExpiredIteratorException`, 'The provided shard iterator is expired');

export const trimmedData = () =>
  new ServiceError(
    `${DYNAMODB}TrimmedDataAccessException`,
    'The operation attempted to read past the oldest stream record in a shard',
  );
