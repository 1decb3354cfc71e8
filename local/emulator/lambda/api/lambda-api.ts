import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FunctionInvoker, type InvokeOptions, type LogSink, ThrottledError } from '../../types';
import { FunctionNotFoundError, LAMBDA_LIMITS, RequestTooLargeError } from '..';
import { LambdaApiError } from './errors';
import { type FunctionReference, parseFunctionReference } from './function-reference';
import { clientContext, invocationType, readEvent } from './invoke-request';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** A function that can be called, and what its qualifiers stand for. */
export interface InvocableFunction {
  /** Unqualified. */
  readonly functionArn: string;
  /** The version behind each version number and alias; `$LATEST` is understood without. */
  readonly versions: ReadonlyMap<string, string>;
  /** Reason why the function cannot run on this machine. @default - it can */
  readonly problem?: string;
}

export interface LambdaApiOptions {
  readonly invoker: FunctionInvoker;
  readonly find: (functionName: string) => InvocableFunction | undefined;
  readonly log: LogSink;
  /** Request ids. @default crypto.randomUUID */
  readonly newId?: () => string;
}

interface Target {
  readonly functionName: string;
  readonly version: string;
  readonly options: InvokeOptions & { readonly requestId: string };
}

/** Lambda's Invoke API over HTTP: `POST /2015-03-31/functions/{name or ARN}/invocations`. */
export class LambdaApi {
  private readonly newId: () => string;

  public constructor(private readonly options: LambdaApiOptions) {
    this.newId = options.newId ?? randomUUID;
  }

  public async handleRequest(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requestId = this.newId();
    res.setHeader('x-amzn-requestid', requestId);
    try {
      await this.invoke(req, res, requestId);
    } catch (error) {
      this.refuse(res, error);
    }
  }

  private async invoke(req: IncomingMessage, res: ServerResponse, requestId: string): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const name = req.method === 'POST' ? INVOKE.exec(url.pathname)?.[1] : undefined;
    if (name === undefined) throw this.unsupported(`${req.method} ${url.pathname}`);
    const qualifier = url.searchParams.get('Qualifier') ?? undefined;
    const target = this.target(parseFunctionReference(decodeURIComponent(name), qualifier), requestId);
    const type = invocationType(req);
    const limit = type === 'Event' ? LAMBDA_LIMITS.asyncPayloadBytes : LAMBDA_LIMITS.payloadBytes;
    const event = await readEvent(req, limit);
    if (type === 'DryRun') return respond(res, 204);
    if (type === 'Event') {
      this.options.invoker.invokeAsync(target.functionName, event, target.options);
      return respond(res, 202);
    }
    return this.invokeAndWait(target, event, clientContext(req), res);
  }

  /** Lambda's Node.js runtime reports what a handler throws as `Unhandled`, like any other end. */
  private async invokeAndWait(target: Target, event: unknown, context: string | undefined, res: ServerResponse) {
    const options = context === undefined ? target.options : { ...target.options, clientContext: context };
    const result = await this.options.invoker.invoke(target.functionName, event, options);
    if (!result.ok) res.setHeader('x-amz-function-error', 'Unhandled');
    res.setHeader('x-amz-executed-version', target.version);
    respond(res, 200, result.ok ? result.payload : result.error);
  }

  private target(reference: FunctionReference, requestId: string): Target {
    const { functionName, qualifier } = reference;
    const found = this.options.find(functionName);
    const version = qualifier === undefined || qualifier === '$LATEST' ? '$LATEST' : found?.versions.get(qualifier);
    if (!found || version === undefined || !isIn(reference, found.functionArn)) throw notFound(reference);
    if (found.problem !== undefined) throw new LambdaApiError('InvalidRuntimeException', 502, found.problem);
    const invokedArn = qualifier === undefined ? found.functionArn : `${found.functionArn}:${qualifier}`;
    return { functionName, version, options: { requestId, invokedArn } };
  }

  private unsupported(operation: string): LambdaApiError {
    const message = `lambda (${operation}) is not emulated by the local run: only Invoke is`;
    this.options.log({ source: 'lambda', level: 'warn', message });
    return new LambdaApiError('NotImplementedException', 501, message);
  }

  private refuse(res: ServerResponse, error: unknown): void {
    const { code, status, message, details } = toApiError(error);
    res.setHeader('x-amzn-errortype', code);
    respond(res, status, { Type: status < 500 ? 'User' : 'Service', Message: message, message, ...details });
  }
}

function isIn({ arnPrefix, account, functionName }: FunctionReference, functionArn: string): boolean {
  if (arnPrefix !== undefined) return `${arnPrefix}${functionName}` === functionArn;
  return account === undefined || functionArn.split(':')[4] === account;
}

function notFound({ arnPrefix = '', functionName, qualifier }: FunctionReference): LambdaApiError {
  const name = [`${arnPrefix}${functionName}`, ...(qualifier === undefined ? [] : [qualifier])].join(':');
  return new LambdaApiError('ResourceNotFoundException', 404, `Function not found: ${name}`);
}

function toApiError(error: unknown): LambdaApiError {
  if (error instanceof LambdaApiError) return error;
  if (error instanceof ThrottledError) {
    const details = { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' };
    return new LambdaApiError('TooManyRequestsException', 429, 'Rate Exceeded.', details);
  }
  if (error instanceof RequestTooLargeError) return new LambdaApiError('RequestTooLargeException', 413, error.message);
  if (error instanceof FunctionNotFoundError)
    return new LambdaApiError('ResourceNotFoundException', 404, error.message);
  return new LambdaApiError('ServiceException', 500, (error as Error).message);
}

function respond(res: ServerResponse, status: number, body?: unknown): void {
  if (res.destroyed) return;
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(body === undefined ? undefined : JSON.stringify(body));
}
