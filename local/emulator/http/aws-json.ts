import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogSink } from '../types';
import { type JsonObject, parseJsonObject, readBody } from './body';

/** What a service refuses with, by its documented name. */
export class AwsJsonError extends Error {
  public constructor(
    public readonly code: string,
    message: string,
    public readonly status = 400,
  ) {
    super(message);
    this.name = code;
  }
}

export type Fields = JsonObject;

export interface AwsJsonService {
  /** What the log calls it. */
  readonly name: string;
  /** What `x-amz-target` begins with, the dot included. */
  readonly targetPrefix: string;
  readonly operations: ReadonlyMap<string, (fields: Fields) => unknown>;
  readonly log: LogSink;
  readonly newId: () => string;
}

/** Above what any of the services takes. */
const MAX_REQUEST_BYTES = 2 * 1_048_576;

/** Answers one request of the AWS JSON 1.1 protocol. Operations that the service does not have are refused and named in the log. */
export async function serveAwsJson(service: AwsJsonService, req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.setHeader('x-amzn-requestid', service.newId());
  try {
    const operation = operationOf(service, req);
    respond(res, 200, (await operation(await readFields(req))) ?? {});
  } catch (error) {
    const { code, message, status } = toAwsError(error);
    respond(res, status, { __type: code, message, Message: message });
  }
}

function operationOf({ name, targetPrefix, operations, log }: AwsJsonService, req: IncomingMessage) {
  const target = String(req.headers['x-amz-target'] ?? '');
  const operation = target.startsWith(targetPrefix) ? operations.get(target.slice(targetPrefix.length)) : undefined;
  if (operation) return operation;
  const message = `${name} (${target || req.method}) is not emulated by the local run`;
  log({ source: name, level: 'warn', message });
  throw new AwsJsonError('NotImplementedException', message, 501);
}

async function readFields(req: IncomingMessage): Promise<Fields> {
  const body = await readBody(req, MAX_REQUEST_BYTES);
  if (!body) throw new AwsJsonError('RequestEntityTooLargeException', 'The request is too large.', 413);
  const fields = parseJsonObject(body.toString('utf8') || '{}');
  if (!fields) throw new AwsJsonError('SerializationException', 'The request body is not a JSON object.');
  return fields;
}

function toAwsError(error: unknown): AwsJsonError {
  return error instanceof AwsJsonError ? error : new AwsJsonError('InternalFailure', (error as Error).message, 500);
}

function respond(res: ServerResponse, status: number, body: unknown): void {
  if (res.destroyed) return;
  res.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  res.end(JSON.stringify(body));
}
