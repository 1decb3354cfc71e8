import type { Clock, FunctionInvoker } from '../types';
import type { AuthorizerContext, Connection } from './connection';
import { authorizerEvent, methodArn, type RequestContext } from './events';
import { FunctionFailure, invokeWithin } from './integration';
import { policyAllows } from './policy';
import type { AuthorizerSpec, GatewayLimits, WebSocketApiSpec } from './types';

export type Authorization =
  | { readonly allowed: true; readonly context: AuthorizerContext }
  | {
      readonly allowed: false;
      readonly status: 401 | 403 | 500;
      /** Message for the client. */
      readonly message: string;
      /** Reason for the log line. */
      readonly detail: string;
    };

/** Maximum size of an authorizer's answer in bytes. Source: "Quotas for configuring and running a WebSocket API". */
const RESULT_BYTES = 8192;

const IDENTITY_SOURCE = /^\$?(?:route\.)?request\.(header|querystring)\.(.+)$/;

function unauthorized(detail: string): Authorization {
  return { allowed: false, status: 401, message: 'Unauthorized', detail };
}

function failed(detail: string): Authorization {
  return { allowed: false, status: 500, message: 'Internal server error', detail };
}

/**
 * Asks a REQUEST authorizer whether a connection is allowed. The authorizer is called at each `$connect`, because
 * WebSocket APIs do not cache answers. If an identity source is missing in the request, the connection is refused
 * without a call.
 */
export class Authorizer {
  public constructor(
    private readonly spec: WebSocketApiSpec,
    private readonly limits: GatewayLimits,
    private readonly invoker: FunctionInvoker,
    private readonly clock: Clock,
  ) {}

  public async authorize(
    authorizer: AuthorizerSpec,
    connection: Connection,
    context: RequestContext,
  ): Promise<Authorization> {
    const missing = authorizer.identitySource.find((source) => !isPresent(source, connection));
    if (missing !== undefined) return unauthorized(`identity source ${missing} is missing`);
    const event = authorizerEvent(this.spec, connection, context);
    try {
      const { functionName } = authorizer;
      const answer = await invokeWithin(this.invoker, this.clock, functionName, event, this.limits.authorizerMs);
      return this.judge(answer.payload, answer.durationMs);
    } catch (error) {
      const { message } = error as Error;
      const refused = error instanceof FunctionFailure && message === 'Unauthorized';
      return refused ? unauthorized('the authorizer threw Unauthorized') : failed(`the authorizer failed: ${message}`);
    }
  }

  private judge(payload: unknown, integrationLatency: number): Authorization {
    const answer = (payload ?? {}) as { principalId?: unknown; policyDocument?: unknown; context?: unknown };
    const { principalId, policyDocument } = answer;
    const context = contextOf(answer.context);
    if (typeof principalId !== 'string') return failed('the answer of the authorizer has no principalId');
    if (!policyDocument) return failed('the answer of the authorizer has no policyDocument');
    if (!context) return failed('the context of the authorizer has values that are not scalars');
    if (Buffer.byteLength(JSON.stringify(answer)) > RESULT_BYTES)
      return failed('the answer of the authorizer exceeds 8 KB');
    if (!policyAllows(policyDocument, methodArn(this.spec))) {
      const message = 'User is not authorized to access this resource';
      return { allowed: false, status: 403, message, detail: 'the policy does not allow the connection' };
    }
    return { allowed: true, context: { ...context, principalId, integrationLatency } };
  }
}

function isPresent(source: string, { handshake }: Connection): boolean {
  const match = IDENTITY_SOURCE.exec(source);
  if (!match) return false;
  const [, kind, name = ''] = match;
  if (kind === 'querystring') return Boolean(handshake.query[name]);
  const header = Object.entries(handshake.headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return Boolean(header?.[1]);
}

/**
 * Converts scalar values to strings, because later events contain strings. Any other value makes the whole answer
 * invalid.
 */
function contextOf(context: unknown): AuthorizerContext | undefined {
  if (context === undefined || context === null) return {};
  if (typeof context !== 'object' || Array.isArray(context)) return undefined;
  const entries = Object.entries(context).filter(([, value]) => value !== null);
  if (entries.some(([, value]) => typeof value === 'object')) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
