import { type Clock, type FunctionInvoker, type InvokeResult, ThrottledError } from '../types';
import type { RouteSpec } from './types';

/** Response of an integration. */
export interface IntegrationResponse {
  readonly status: number;
  /** Headers with lower-case names. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Error for an integration that did not answer, or whose answer is not a proxy response. */
export class IntegrationError extends Error {
  public constructor(
    /** Status for a refused `$connect`: 502 after a failure, 504 after a timeout. */
    public readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'IntegrationError';
  }
}

/**
 * Calls an integration.
 *
 * @throws IntegrationError if it fails
 */
export async function callIntegration(
  route: RouteSpec,
  event: object,
  invoker: FunctionInvoker,
  clock: Clock,
): Promise<IntegrationResponse> {
  if ('mock' in route) return { status: route.mock.statusCode, headers: {}, body: route.mock.body ?? '' };
  const result = await invokeWithin(invoker, clock, route.functionName, event, route.timeoutMs);
  return toResponse(result.payload);
}

/**
 * Invokes a function with a time limit. After the limit the function continues, but its result is ignored.
 *
 * @throws IntegrationError if the function fails or takes too long
 */
export async function invokeWithin(
  invoker: FunctionInvoker,
  clock: Clock,
  functionName: string,
  event: object,
  timeoutMs: number,
): Promise<Extract<InvokeResult, { ok: true }>> {
  const result = await new Promise<InvokeResult>((resolve, reject) => {
    const late = () => reject(new IntegrationError(504, 'Endpoint request timed out'));
    const timer = clock.setTimeout(late, timeoutMs);
    invoker
      .invoke(functionName, event)
      .then(resolve, (error: unknown) => reject(refusal(error)))
      .finally(() => clock.clearTimeout(timer));
  });
  if (!result.ok) throw new FunctionFailure(result.error.errorMessage);
  return result;
}

/** Error of a function that ran and failed. The message is that of the function. */
export class FunctionFailure extends IntegrationError {
  public constructor(message: string) {
    super(502, message);
  }
}

function refusal(error: unknown): IntegrationError {
  return new IntegrationError(error instanceof ThrottledError ? 500 : 502, (error as Error).message);
}

function toResponse(payload: unknown): IntegrationResponse {
  const { statusCode, headers, multiValueHeaders, body } = (payload ?? {}) as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new IntegrationError(502, 'Malformed Lambda proxy response');
  }
  const bodyText = body === undefined || body === null ? '' : String(body);
  return { status, headers: { ...lowerCased(multiValueHeaders), ...lowerCased(headers) }, body: bodyText };
}

function lowerCased(headers: unknown): Record<string, string> {
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.toLowerCase(), String(Array.isArray(value) ? value[0] : value)]),
  );
}
