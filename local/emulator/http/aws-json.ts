import type { LogSink } from '../types';
import { type JsonObject, parseJsonObject } from './body';
import type { AwsService, ServiceRequest, ServiceResponse } from './service';

/** An error response with the name that the service documents. */
export class AwsJsonError extends Error {
  public constructor(
    public readonly code: string,
    message: string,
    public readonly status = 400,
    /** Additional headers of the response. */
    public readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = code;
  }
}

export type Fields = JsonObject;

/**
 * Executes an operation.
 *
 * @returns the fields of the response, or undefined for an empty response
 */
export type JsonOperation = (fields: Fields, request: ServiceRequest) => unknown;

export interface AwsJsonOptions {
  /** Name of the service in signatures and in log lines. */
  readonly name: string;
  readonly version: '1.0' | '1.1';
  /** First part of the header `x-amz-target`, including the dot. */
  readonly targetPrefix: string;
  readonly operations: ReadonlyMap<string, JsonOperation>;
  readonly log: LogSink;
  /** First part of error types, such as `com.amazonaws.sqs#`. @default '' */
  readonly errorPrefix?: string;
  /** Maximum size of a request body in bytes. @default 2 MiB */
  readonly maxBodyBytes?: number;
  /**
   * Creates the error for an operation that the service does not have. @default - NotImplementedException with the
   * status 501
   */
  readonly unsupported?: (message: string) => AwsJsonError;
}

const MAX_BODY_BYTES = 2 * 1_048_576;

/**
 * Creates a service with the AWS JSON protocol. It refuses an operation that is not in its table, and logs the
 * operation's name.
 */
export function awsJsonService(options: AwsJsonOptions): AwsService {
  const { name, targetPrefix, maxBodyBytes = MAX_BODY_BYTES } = options;
  return {
    name,
    maxBodyBytes,
    actionOf: (request) => `${name}:${targetOf(request).slice(targetPrefix.length)}`,
    handle: async (request) => {
      try {
        const operation = operationOf(options, request);
        return responseOf(options, 200, (await operation(fieldsOf(request), request)) ?? {});
      } catch (error) {
        if (error instanceof AwsJsonError) return errorResponse(options, error);
        throw error;
      }
    },
    refuse: ({ code, message, status }) => errorResponse(options, new AwsJsonError(code, message, status)),
  };
}

const targetOf = ({ headers }: ServiceRequest): string => String(headers['x-amz-target'] ?? '');

function operationOf(options: AwsJsonOptions, request: ServiceRequest): JsonOperation {
  const { name, targetPrefix, operations, log, unsupported = notImplemented } = options;
  const target = targetOf(request);
  const operation = target.startsWith(targetPrefix) ? operations.get(target.slice(targetPrefix.length)) : undefined;
  if (operation) return operation;
  const message = `${name} (${target || request.method}) is not emulated by the local run`;
  log({ source: name, level: 'warn', message });
  throw unsupported(message);
}

const notImplemented = (message: string) => new AwsJsonError('NotImplementedException', message, 501);

function fieldsOf({ body }: ServiceRequest): Fields {
  const fields = parseJsonObject(body.toString('utf8') || '{}');
  if (!fields) throw new AwsJsonError('SerializationException', 'The request body is not a JSON object.');
  return fields;
}

function errorResponse(options: AwsJsonOptions, { code, message, status, headers }: AwsJsonError): ServiceResponse {
  const body = { __type: `${options.errorPrefix ?? ''}${code}`, message, Message: message };
  return responseOf(options, status, body, { 'x-amzn-errortype': code, ...headers });
}

function responseOf(
  { version }: AwsJsonOptions,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return {
    status,
    headers: { 'content-type': `application/x-amz-json-${version}`, ...headers },
    body: JSON.stringify(body),
  };
}
