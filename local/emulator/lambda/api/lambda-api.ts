import type { AwsService, Refusal, ServiceRequest, ServiceResponse } from '../../http';
import { type FunctionInvoker, type InvokeOptions, type LogSink, ThrottledError } from '../../types';
import { FunctionNotFoundError, LAMBDA_LIMITS, RequestTooLargeError } from '..';
import { LambdaApiError } from './errors';
import { type FunctionReference, parseFunctionReference } from './function-reference';
import { clientContext, eventOf, invocationType, payloadTooLarge } from './invoke-request';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** A function that clients can invoke, with its qualifiers. */
export interface InvocableFunction {
  /** ARN without a qualifier. */
  readonly functionArn: string;
  /** Versions by version number and alias. `$LATEST` need not be included. */
  readonly versions: ReadonlyMap<string, string>;
  /** Reason why the function cannot run on this machine. @default - it can run */
  readonly problem?: string;
}

export interface LambdaApiOptions {
  readonly invoker: FunctionInvoker;
  readonly find: (functionName: string) => InvocableFunction | undefined;
  readonly log: LogSink;
}

interface Target {
  readonly functionName: string;
  readonly version: string;
  readonly options: InvokeOptions & { readonly requestId: string };
}

/** Lambda's Invoke API over HTTP: `POST /2015-03-31/functions/{name or ARN}/invocations`. */
export class LambdaApi implements AwsService {
  public readonly name = 'lambda';
  public readonly maxBodyBytes = LAMBDA_LIMITS.payloadBytes;

  public constructor(private readonly options: LambdaApiOptions) {}

  public actionOf({ method, url }: ServiceRequest): string {
    return method === 'POST' && INVOKE.test(pathOf(url)) ? 'lambda:InvokeFunction' : `lambda:${method} ${pathOf(url)}`;
  }

  public async handle(request: ServiceRequest): Promise<ServiceResponse> {
    try {
      return await this.invoke(request);
    } catch (error) {
      return errorResponse(toApiError(error));
    }
  }

  public refuse(refusal: Refusal): ServiceResponse {
    return errorResponse(this.refusalError(refusal));
  }

  private refusalError({ reason, status, code, message }: Refusal): LambdaApiError {
    if (reason === 'too-large') return payloadTooLarge(this.maxBodyBytes);
    if (reason === 'throttled') return toApiError(new ThrottledError(message));
    if (reason === 'failure') return new LambdaApiError('ServiceException', status, message);
    return new LambdaApiError(code, reason === 'access-denied' ? 403 : status, message);
  }

  private async invoke(request: ServiceRequest): Promise<ServiceResponse> {
    const { id, method, url } = request;
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const name = method === 'POST' ? INVOKE.exec(pathname)?.[1] : undefined;
    if (name === undefined) throw this.unsupported(`${method} ${pathname}`);
    const reference = parseFunctionReference(decodeURIComponent(name), searchParams.get('Qualifier') ?? undefined);
    const target = this.target(reference, id);
    const type = invocationType(request);
    const event = eventOf(request, type === 'Event' ? LAMBDA_LIMITS.asyncPayloadBytes : LAMBDA_LIMITS.payloadBytes);
    if (type === 'DryRun') return { status: 204 };
    if (type === 'Event') {
      this.options.invoker.invokeAsync(target.functionName, event, target.options);
      return { status: 202 };
    }
    return this.invokeAndWait(target, event, clientContext(request));
  }

  /**
   * Invokes a function and returns the response. As with Lambda's Node.js runtime, each error of a handler has the type
   * `Unhandled`.
   */
  private async invokeAndWait(target: Target, event: unknown, context: string | undefined): Promise<ServiceResponse> {
    const options = context === undefined ? target.options : { ...target.options, clientContext: context };
    const result = await this.options.invoker.invoke(target.functionName, event, options);
    return response(200, result.ok ? result.payload : result.error, {
      'x-amz-executed-version': target.version,
      ...(!result.ok && { 'x-amz-function-error': 'Unhandled' }),
    });
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
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

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

function errorResponse({ code, status, message, details }: LambdaApiError): ServiceResponse {
  const body = { Type: status < 500 ? 'User' : 'Service', Message: message, message, ...details };
  return response(status, body, { 'x-amzn-errortype': code });
}

function response(status: number, body: unknown, headers: Readonly<Record<string, string>>): ServiceResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? '' : JSON.stringify(body),
  };
}
