import type { Clock, FunctionInvoker } from '../types';
import type { AuthorizerContext, Connection } from './connection';
import { authorizerEvent, methodArn, type RequestContext } from './events';
import { FunctionFailure, invokeWithin } from './integration';
import { policyAllows } from './policy';
import type { AuthorizerSpec, GatewayLimits, WebSocketApiSpec } from './types';

export type Authorization =
  | { readonly allowed: true; readonly context: AuthorizerContext }
  | { readonly allowed: false; readonly status: 401 | 403 | 500; readonly message: string };

/** An authorizer's answer is limited to 8 KB. Source: "Quotas for configuring and running a WebSocket API". */
const RESULT_BYTES = 8192;

const IDENTITY_SOURCE = /^\$?(?:route\.)?request\.(header|querystring)\.(.+)$/;

const UNAUTHORIZED: Authorization = { allowed: false, status: 401, message: 'Unauthorized' };
const FAILED: Authorization = { allowed: false, status: 500, message: 'Internal server error' };

/**
 * Asks a REQUEST authorizer about a connection. It runs on every `$connect`: WebSocket APIs cache no
 * answers. Without a declared identity source the function decides alone.
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
    if (!authorizer.identitySource.every((source) => isPresent(source, connection))) return UNAUTHORIZED;
    const event = authorizerEvent(this.spec, connection, context);
    try {
      const { functionName } = authorizer;
      const answer = await invokeWithin(this.invoker, this.clock, functionName, event, this.limits.authorizerMs);
      return this.judge(answer.payload, answer.durationMs);
    } catch (error) {
      return error instanceof FunctionFailure && error.message === 'Unauthorized' ? UNAUTHORIZED : FAILED;
    }
  }

  private judge(payload: unknown, integrationLatency: number): Authorization {
    const answer = (payload ?? {}) as { principalId?: unknown; policyDocument?: unknown; context?: unknown };
    const context = contextOf(answer.context);
    const tooLarge = Buffer.byteLength(JSON.stringify(answer)) > RESULT_BYTES;
    if (typeof answer.principalId !== 'string' || !answer.policyDocument || !context || tooLarge) return FAILED;
    if (!policyAllows(answer.policyDocument, methodArn(this.spec))) {
      return { allowed: false, status: 403, message: 'User is not authorized to access this resource' };
    }
    return { allowed: true, context: { ...context, principalId: answer.principalId, integrationLatency } };
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

/** Scalars, as text: that is how a later event shows them. Anything else makes the whole answer invalid. */
function contextOf(context: unknown): AuthorizerContext | undefined {
  if (context === undefined || context === null) return {};
  if (typeof context !== 'object' || Array.isArray(context)) return undefined;
  const entries = Object.entries(context).filter(([, value]) => value !== null);
  if (entries.some(([, value]) => typeof value === 'object')) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
