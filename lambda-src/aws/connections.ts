import type { Gateway, Log, PostResult } from '../flows/ports';
import { boundedGateway } from '../flows/viewers/post';
import { type Answer, type Endpoint, exchange, hostOf } from './direct/exchange';
import { credentialsOf, type Environment, Signer } from './direct/sign';

/**
 * Timeout of a post in milliseconds. A post usually takes about 10 ms. A connection that exceeds the timeout counts as busy. The sender of the frame
 * does not wait for the post, but the next frame of the same connection does.
 */
const TIMEOUT_MS = 1_500;
/**
 * If a post fails within this time without a response, it used a kept-alive socket that had already been closed. A socket may be closed, for example,
 * while Lambda has frozen the process. Such a post is repeated once.
 */
const BROKEN_SOCKET_MS = 500;
/** If the request timer fires more than this many milliseconds late, something blocked the thread. */
const LATE_MS = 300;
/**
 * Statuses of `@connections`. They are compared instead of the names of the errors, because the service itself uses the name `ForbiddenException`, but
 * IAM and a VPC endpoint use other names.
 */
const STATUS = { sent: 200, forbidden: 403, gone: 410, tooLarge: 413, limited: 429 } as const;

const FORBIDDEN_REMEDY =
  'The function may not post to connections. Either its role lacks execute-api:ManageConnections, or it runs in a VPC whose ' +
  'execute-api interface endpoint has private DNS: that endpoint does not serve WebSocket APIs. Give the subnets a NAT gateway ' +
  'and turn private DNS off, or give the API a custom domain.';

/** Creates the gateway to the connections of the stage at an endpoint. The number of concurrent posts is limited. */
export const createGateway = (endpoint: string, log: Log): Gateway => boundedGateway(new ManagementApi(endpoint, log));

/**
 * The `@connections` API of the stage at an endpoint. A post is not retried after an answer or a timeout, because clients can read lost frames from
 * the log. The SDK's client is not used, because a post by it needs about five times as much CPU time, and a request has more posts than other calls.
 */
export class ManagementApi implements Gateway {
  private readonly endpoint: Endpoint;
  private readonly signer: Signer;
  private saidForbidden = false;

  /** @param endpoint `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  public constructor(
    endpoint: string,
    private readonly log: Log,
    env: Environment = process.env,
  ) {
    const { protocol, hostname, port, pathname } = new URL(endpoint);
    this.endpoint = { protocol, hostname, ...(port && { port: Number(port) }), path: pathname.replace(/\/$/, '') };
    this.signer = new Signer(credentialsOf(env), env.AWS_REGION ?? '', 'execute-api');
  }

  public async post(connectionId: string, frame: string): Promise<PostResult> {
    const start = performance.now();
    try {
      const answer = await this.send(connectionId, frame).catch((error) => {
        if (performance.now() - start > BROKEN_SOCKET_MS) throw error;
        return this.send(connectionId, frame);
      });
      return this.resultOf(connectionId, answer);
    } catch (error) {
      if (isTimeout(error)) this.log.warn(timeoutMessage(performance.now() - start), { connectionId });
      else this.log.warn('could not post', { connectionId, error });
      return 'busy';
    }
  }

  private send(connectionId: string, body: string): Promise<Answer> {
    const path = `${this.endpoint.path}/@connections/${encodeURIComponent(connectionId)}`;
    const headers = { 'content-type': 'application/octet-stream' };
    const signed = this.signer.sign({ method: 'POST', host: hostOf(this.endpoint), path, headers, body });
    return exchange({ ...this.endpoint, path }, signed, body, TIMEOUT_MS);
  }

  private resultOf(connectionId: string, { status, headers }: Answer): PostResult {
    if (status === STATUS.sent) return 'sent';
    if (status === STATUS.gone) return 'gone';
    if (status === STATUS.limited) return 'busy';
    const error = new Error(
      `API Gateway answered ${status}: ${String(headers['x-amzn-errortype'] ?? 'no error type')}`,
    );
    if (status === STATUS.forbidden) {
      if (!this.saidForbidden) this.log.error(FORBIDDEN_REMEDY, { error });
      this.saidForbidden = true;
      return 'refused';
    }
    this.log.warn('could not post', { connectionId, error });
    return status === STATUS.tooLarge ? 'refused' : 'busy';
  }
}

const isTimeout = (error: unknown): boolean => (error as Error | undefined)?.name === 'TimeoutError';

/** Describes a timeout. If the timer fired late, something blocked the thread; in a processor, that is usually the handler. */
function timeoutMessage(elapsedMs: number): string {
  const late = elapsedMs > TIMEOUT_MS + LATE_MS;
  const reason = late
    ? `the thread was blocked for about ${Math.round(elapsedMs)} ms, usually by a handler that computes without a pause`
    : `the API did not answer within ${TIMEOUT_MS} ms`;
  return `could not post in time: ${reason}. Nothing is lost: the viewer receives the next progress, and events and the end from the log`;
}
